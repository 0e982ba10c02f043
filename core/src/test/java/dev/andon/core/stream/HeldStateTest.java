package dev.andon.core.stream;

import static dev.andon.core.stream.Ledger.configuration;
import static dev.andon.core.stream.Ledger.kill;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Reason;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Condition;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import dev.andon.core.model.Target;
import dev.andon.core.model.WhenBlind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class HeldStateTest {
    private final Ledger ledger = new Ledger("ledger-a").flag("checkout", true).flag("search", true);

    @Test
    void a_snapshot_is_held_as_the_image_that_its_events_make() {
        HeldState.Outcome outcome = HeldState.EMPTY.apply(ledger.snapshot());

        assertThat(outcome).isInstanceOf(HeldState.Applied.class);
        assertThat(outcome.changes().affected()).containsExactly("checkout", "search");
        HeldState state = outcome.next();
        assertThat(state.image().provenance()).isEqualTo(ledger.image().provenance());
        assertThat(state.held().digest()).isEqualTo(Ledger.digest(ledger.image()));
        assertThat(state.environment()).map(it -> it.environment().key()).contains("production");
        assertThat(state.drifted()).isFalse();
    }

    @Test
    void patches_reach_the_same_state_as_a_snapshot() {
        HeldState state = HeldState.EMPTY.apply(ledger.snapshot()).next();
        ledger.configure("checkout", configuration(false));
        HeldState.Outcome outcome = state.apply(ledger.patch());

        assertThat(outcome).isInstanceOf(HeldState.Applied.class);
        assertThat(outcome.changes().affected()).containsExactly("checkout");
        assertThat(outcome.next())
                .isEqualTo(HeldState.EMPTY.apply(ledger.snapshot()).next());
    }

    /** It may leave out what came and went between its ends, and is held in between. */
    @Test
    void a_patch_that_starts_before_what_is_held_is_a_gap() {
        HeldState state = HeldState.EMPTY.apply(ledger.snapshot()).next();
        ledger.configure("checkout", configuration(false)).configure("search", configuration(false));

        assertThat(state.apply(ledger.patch(1, ledger.version()))).isInstanceOf(HeldState.Gap.class);
    }

    @Test
    void an_older_state_is_left_out_but_its_kills_are_not() {
        HeldState state = HeldState.EMPTY.apply(ledger.snapshot()).next();
        ledger.pend(kill(1, "checkout"));

        HeldState.Outcome outcome = state.apply(ledger.snapshot(2));

        assertThat(outcome).isInstanceOf(HeldState.Stale.class);
        assertThat(outcome.next().image()).isEqualTo(state.image());
        assertThat(outcome.next().carriedIds()).containsExactly(new KillId(Ledger.JOURNAL, 1));
        assertThat(outcome.changes().affected()).containsExactly("checkout");
        assertThat(state.apply(ledger.patch(1, 2))).isInstanceOf(HeldState.Stale.class);
    }

    @Test
    void an_older_epoch_is_left_out_whatever_its_version() {
        Ledger continued = ledger.restoredFrom(2, 2);
        HeldState state = HeldState.EMPTY.apply(continued.snapshot()).next();

        assertThat(state.apply(ledger.snapshot())).isInstanceOf(HeldState.Stale.class);
        assertThat(state.apply(ledger.patch())).isInstanceOf(HeldState.Stale.class);
    }

    @Test
    void a_patch_that_starts_later_or_elsewhere_is_a_gap() {
        HeldState state = HeldState.EMPTY.apply(ledger.snapshot(2)).next();
        ledger.configure("checkout", configuration(false));

        assertThat(state.apply(ledger.patch(3, 4))).isInstanceOf(HeldState.Gap.class);
        assertThat(HeldState.EMPTY.apply(ledger.patch(0, 4))).isInstanceOf(HeldState.Gap.class);
        assertThat(state.apply(new Ledger("ledger-b").flag("a", true).patch())).isInstanceOf(HeldState.Gap.class);
        assertThat(state.apply(ledger.restoredFrom(2, 9).flag("b", true).patch()))
                .isInstanceOf(HeldState.Gap.class);
    }

    @Test
    void kills_in_a_patch_that_does_not_fit_are_obeyed_all_the_same() {
        HeldState state = HeldState.EMPTY.apply(ledger.snapshot(2)).next();
        ledger.flag("late", true)
                .settle(kill(1, "checkout"))
                .settle(kill(2, "search"))
                .restore(kill(2, "search"));

        HeldState next = state.apply(ledger.patch(3, ledger.version())).next();

        assertThat(next.carriedIds()).containsExactly(new KillId(Ledger.JOURNAL, 1));
    }

    @Test
    void a_patch_that_leads_to_another_digest_is_left_out() {
        HeldState state = HeldState.EMPTY.apply(ledger.snapshot()).next();
        ledger.configure("checkout", configuration(false));
        Frame.Patch patch = ledger.patch();

        HeldState.Outcome outcome =
                state.apply(new Frame.Patch(patch.from(), patch.provenance(), "0".repeat(32), patch.events()));

        assertThat(outcome).isInstanceOfSatisfying(HeldState.DigestMismatch.class, mismatch -> {
            assertThat(mismatch.expected()).isEqualTo("0".repeat(32));
            assertThat(mismatch.actual()).isEqualTo(patch.digest());
        });
        assertThat(outcome.next()).isEqualTo(state);
    }

    @Test
    void a_snapshot_with_another_digest_is_held_and_marked() {
        Frame.Snapshot snapshot = ledger.snapshot();
        HeldState state = HeldState.EMPTY
                .apply(new Frame.Snapshot(snapshot.provenance(), "0".repeat(32), snapshot.events(), List.of()))
                .next();

        assertThat(state.drifted()).isTrue();
        assertThat(state.held().digest()).isEqualTo(snapshot.digest());
        assertThat(HeldState.decode(state.encode()).drifted()).isFalse();
    }

    @Test
    void another_ledger_replaces_the_state_and_says_so() {
        HeldState state = HeldState.EMPTY.apply(ledger.snapshot()).next();

        HeldState.Outcome outcome =
                state.apply(new Ledger("ledger-b").flag("checkout", false).snapshot());

        assertThat(outcome)
                .isInstanceOfSatisfying(
                        HeldState.Applied.class,
                        applied -> assertThat(applied.replaced()).isTrue());
        assertThat(outcome.changes().affected()).containsExactly("checkout", "search");
    }

    @Test
    void a_kill_stands_until_marks_cover_it_without_listing_it() {
        StandingKill kill = kill(1, "checkout");
        HeldState state = HeldState.EMPTY.apply(ledger.snapshot()).next();

        state = state.apply(new Frame.Kills(List.of(kill))).next();
        assertThat(state.carried()).containsExactly(kill);

        ledger.flag("other", true);
        state = state.apply(ledger.patch()).next();
        assertThat(state.carried()).containsExactly(kill);

        ledger.settle(kill);
        state = state.apply(ledger.patch()).next();
        assertThat(state.carried()).isEmpty();
        assertThat(state.standing()).containsExactly(kill);

        ledger.restore(kill);
        state = state.apply(ledger.patch()).next();
        assertThat(state.standing()).isEmpty();

        state = state.apply(new Frame.Kills(List.of(kill))).next();
        assertThat(state.standing()).as("an old journal raises it again").isEmpty();
    }

    @Test
    void settling_a_kill_that_was_obeyed_already_touches_no_flag() {
        StandingKill kill = kill(1, "checkout");
        HeldState state = HeldState.EMPTY.apply(ledger.snapshot()).next();
        state = state.apply(new Frame.Kills(List.of(kill))).next();
        ledger.settle(kill);

        assertThat(state.apply(ledger.patch()).changes().affected()).isEmpty();
    }

    @Test
    void a_kill_that_a_restored_backup_or_another_ledger_does_not_cover_is_carried_on() {
        StandingKill kill = kill(1, "checkout");
        Ledger backup = ledger.restoredFrom(ledger.version(), 2);
        ledger.settle(kill);
        HeldState state = HeldState.EMPTY.apply(ledger.snapshot()).next();

        assertThat(state.apply(backup.snapshot()).next().carried()).containsExactly(kill);
        assertThat(state.apply(new Ledger("ledger-b").snapshot()).next().carried())
                .containsExactly(kill);
    }

    @Test
    void kills_before_the_first_snapshot_are_held() {
        HeldState state = HeldState.EMPTY
                .apply(new Frame.Kills(List.of(kill(1, "checkout"))))
                .next();

        assertThat(state.hasImage()).isFalse();
        assertThat(state.carried()).hasSize(1);
        assertThat(HeldState.decode(state.encode())).isEqualTo(state);
        assertThat(state.apply(ledger.snapshot()).next().carried()).hasSize(1);
    }

    @Test
    void the_same_kill_from_two_sources_holds_what_either_says() {
        HeldState state = HeldState.EMPTY
                .apply(new Frame.Kills(List.of(kill(1, "checkout", "search"))))
                .next();
        state = state.apply(new Frame.Kills(List.of(kill(1, "checkout", "cart"))))
                .next();

        assertThat(state.carried().get(0).flags()).containsExactly("cart", "checkout", "search");
    }

    @Test
    void bytes_round_trip_with_carried_kills() {
        ledger.settle(kill(1, "search"));
        HeldState state = HeldState.EMPTY.apply(ledger.snapshot()).next();
        state = state.apply(new Frame.Kills(List.of(kill(2, "checkout")))).next();

        assertThat(HeldState.decode(state.encode())).isEqualTo(state);
        assertThat(HeldState.decode(HeldState.EMPTY.encode())).isEqualTo(HeldState.EMPTY);
    }

    @Test
    void changed_bytes_are_refused() {
        String text = new String(HeldState.EMPTY.apply(ledger.snapshot()).next().encode(), StandardCharsets.UTF_8);
        byte[] changed = text.replace("\"on\":true", "\"on\":false").getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> HeldState.decode(changed))
                .isInstanceOf(InvalidInput.class)
                .hasMessageStartingWith("digest: ");
        assertThatThrownBy(() -> HeldState.decode("{\"type\":\"ping\"}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(InvalidInput.class);
    }

    @Test
    void a_snapshot_of_several_environments_is_refused() {
        Frame.Snapshot snapshot = new Frame.Snapshot(ledger.image().provenance(), "", List.of(), List.of());

        assertThatThrownBy(() -> HeldState.EMPTY.apply(snapshot))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("exactly one");
    }

    @Test
    void a_changed_segment_touches_its_readers_and_what_requires_them() {
        Condition inBeta = new Condition.InSegment("beta");
        ledger.segment(new Segment("testers", "", new Condition.Exists("tester")))
                .segment(new Segment("beta", "", new Condition.InSegment("testers")))
                .flag("reader", true)
                .flag("dependent", true)
                .configure("reader", configuration(true, new WhenBlind.Keep(), List.of(), List.of(rule(inBeta))))
                .configure(
                        "dependent",
                        configuration(
                                true,
                                new WhenBlind.Keep(),
                                List.of(new Prerequisite("reader", List.of("on"))),
                                List.of()));
        HeldState state = HeldState.EMPTY.apply(ledger.snapshot()).next();
        ledger.segment(new Segment("testers", "", new Condition.Exists("other")));

        assertThat(state.apply(ledger.patch()).changes().affected()).containsExactlyInAnyOrder("reader", "dependent");
    }

    /** Reading 100,000 configurations takes tens of milliseconds, in each process, between a kill and its effect. */
    @Test
    void a_kill_does_not_read_all_configurations() {
        HeldState state = HeldState.EMPTY.apply(ledger.snapshot()).next();
        HeldState killed =
                apply(state, new Frame.Kills(List.of(kill(1, "checkout")))).next();
        assertThat(killed).isNotEqualTo(state);
        assertThat(killed.dependents()).isSameAs(state.dependents());
    }

    private static Rule rule(Condition when) {
        return new Rule("", when, new Serve.Fixed("on"));
    }

    /** Frames from the past, in any order, from two nodes: never older, never a kill lost, never one back. */
    @Test
    void whatever_the_order_of_frames_states_only_advance_and_kills_stand_until_restored() {
        for (long seed = 0; seed < 150; seed++) {
            Random random = new Random(seed);
            Ledger history = new Ledger("ledger-a").flag("f0", true).flag("f1", true);
            List<StandingKill> kills = new ArrayList<>();
            Set<KillId> restored = new TreeSet<>();
            Set<KillId> told = new TreeSet<>();
            HeldState state = HeldState.EMPTY;
            for (int i = 0; i < 60; i++) {
                Frame frame = null;
                switch (random.nextInt(7)) {
                    case 0 -> history.configure("f" + random.nextInt(2), configuration(random.nextBoolean()));
                    case 1 -> {
                        StandingKill kill = kill(kills.size() + 1L, "f" + random.nextInt(2));
                        kills.add(kill);
                        history.pend(kill);
                    }
                    case 2 -> history.pending().stream().findAny().ifPresent(history::settle);
                    case 3 ->
                        standing(history.image()).stream().findAny().ifPresent(kill -> {
                            history.restore(kill);
                            restored.add(kill.id());
                        });
                    case 4 -> frame = history.snapshot(1 + random.nextInt((int) history.version()));
                    case 5 -> {
                        int to = 1 + random.nextInt((int) history.version());
                        frame = history.patch(random.nextInt(to), to);
                    }
                    default ->
                        frame = new Frame.Kills(kills.stream()
                                .filter(kill -> random.nextBoolean())
                                .toList());
                }
                if (frame == null) {
                    continue;
                }
                HeldState before = state;
                state = apply(state, frame).next();
                String at = "seed " + seed + ", step " + i;
                assertThat(state.image().provenance().version())
                        .as(at)
                        .isGreaterThanOrEqualTo(before.image().provenance().version());
                if (state.hasImage()) {
                    assertThat(state.held().digest())
                            .as(at)
                            .isEqualTo(
                                    history.snapshot(state.image().provenance().version())
                                            .digest());
                }
                before.standing().forEach(kill -> told.add(kill.id()));
                Set<KillId> stands =
                        state.standing().stream().map(StandingKill::id).collect(Collectors.toSet());
                for (KillId kill : told) {
                    boolean released = state.image().marks().covers(kill) && restored.contains(kill);
                    assertThat(stands.contains(kill) || released)
                            .as(at + ": " + kill)
                            .isTrue();
                }
                for (KillId kill : stands) {
                    assertThat(before.image().marks().covers(kill) && !contains(before, kill))
                            .as(at + ": " + kill + " came back")
                            .isFalse();
                }
            }
            state = state.apply(history.snapshot()).next();
            HeldState reached = state;
            assertThat(HeldState.decode(reached.encode())).as("seed " + seed).isEqualTo(reached);
            assertThat(reached.standing()).as("seed " + seed).noneMatch(kill -> restored.contains(kill.id()));
        }
    }

    private static boolean contains(HeldState state, KillId kill) {
        return state.standing().stream().anyMatch(standing -> standing.id().equals(kill));
    }

    private static HeldState.Outcome apply(HeldState state, Frame frame) {
        if (frame instanceof Frame.Snapshot snapshot) {
            return state.apply(snapshot);
        }
        return frame instanceof Frame.Patch patch ? state.apply(patch) : state.apply((Frame.Kills) frame);
    }

    private static List<StandingKill> standing(Image image) {
        return image.environments().get(Ledger.ENVIRONMENT).kills().values().stream()
                .map(kill -> kill.value())
                .toList();
    }

    @Test
    void a_carried_kill_of_a_tag_holds_what_comes_to_match_and_keeps_what_ceases_to() {
        StandingKill kill = kill(1, new Target.Tagged("vendor:stripe"));
        HeldState state = HeldState.EMPTY.apply(ledger.snapshot()).next();
        state = state.apply(new Frame.Kills(List.of(kill))).next();
        assertThat(held(state)).isEmpty();

        ledger.tagged("search", "vendor:stripe");
        HeldState.Outcome joined = state.apply(ledger.patch());
        assertThat(held(joined.next())).containsExactly("search");
        assertThat(joined.changes().affected()).containsExactly("search");

        ledger.tagged("search");
        HeldState.Outcome left = joined.next().apply(ledger.patch());
        assertThat(held(left.next())).containsExactly("search");
        assertThat(left.next().carried().get(0).flags()).containsExactly("search");

        ledger.settle(left.next().carried().get(0));
        HeldState settled = left.next().apply(ledger.patch()).next();
        assertThat(settled.carried()).isEmpty();
        assertThat(held(settled)).containsExactly("search");

        ledger.tagged("checkout", "vendor:stripe").tagged("checkout");
        HeldState both = settled.apply(ledger.patch(ledger.version() - 2, ledger.version()))
                .next();
        assertThat(held(both)).containsExactly("checkout", "search");
        assertThat(both.held().digest()).isEqualTo(Ledger.digest(ledger.image()));
        assertThat(HeldState.decode(both.encode())).isEqualTo(both);
    }

    @Test
    void a_new_flag_is_held_from_birth_by_a_kill_of_everything() {
        StandingKill kill = kill(1, new Target.Everything());
        HeldState state = HeldState.EMPTY.apply(ledger.snapshot()).next();
        HeldState.Outcome stopped = state.apply(new Frame.Kills(List.of(kill)));
        assertThat(stopped.changes().affected()).containsExactly("checkout", "search");

        ledger.flag("born-later", true);
        HeldState next = stopped.next().apply(ledger.patch()).next();
        assertThat(held(next)).containsExactly("born-later", "checkout", "search");
        assertThat(Ruleset.of(next.image(), Ledger.ENVIRONMENT)
                        .withKills(next.carried())
                        .evaluate("born-later", Context.EMPTY)
                        .reason())
                .isEqualTo(Reason.KILLED);
    }

    private static Set<String> held(HeldState state) {
        Set<String> held = new TreeSet<>();
        state.standing().forEach(kill -> held.addAll(kill.held(state.image())));
        return held;
    }
}
