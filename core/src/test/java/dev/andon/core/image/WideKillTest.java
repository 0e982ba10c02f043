package dev.andon.core.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.Histories;
import dev.andon.core.Histories.Written;
import dev.andon.core.Samples;
import dev.andon.core.event.Event;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Serve;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Kills that are aimed at more than one flag. */
class WideKillTest {
    private static final String PRODUCTION = "production";
    private static final Target STRIPE = new Target.Tagged("vendor:stripe");

    private Image image = Image.EMPTY;

    @Test
    void flags_that_come_to_match_join_and_those_that_cease_to_are_kept() {
        save(environment(PRODUCTION), environment("staging"));
        save(flag("a", "vendor:stripe"), configured(PRODUCTION, "a"), flag("b"), configured(PRODUCTION, "b"));
        save(stood(kill(1, STRIPE, "a")));
        assertThat(held(1)).containsExactly("a");

        save(flag("b", "vendor:stripe"));
        save(flag("born-later", "vendor:stripe"), configured(PRODUCTION, "born-later"));
        save(flag("elsewhere", "vendor:stripe"), configured("staging", "elsewhere"));
        assertThat(held(1)).containsExactly("a", "b", "born-later");

        save(flag("a"), flag("b"), flag("elsewhere"));
        assertThat(held(1)).containsExactly("a", "b", "born-later");
        assertThat(named(1)).containsExactly("a", "b");
        assertThat(image.environments().get(PRODUCTION).kills().get(id(1)).version())
                .as("the version in which it entered the ledger")
                .isEqualTo(3);

        save(configured(PRODUCTION, "elsewhere"));
        assertThat(held(1)).as("never matched here").containsExactly("a", "b", "born-later");

        save(new Event.KillRestored(PRODUCTION, id(1)));
        assertThat(image.environments().get(PRODUCTION).kills()).isEmpty();
    }

    @Test
    void owner_kind_and_everything_hold_likewise() {
        save(environment(PRODUCTION), flag("a"), configured(PRODUCTION, "a"));
        save(
                stood(kill(1, new Target.OwnedBy("team"), "a")),
                stood(kill(2, new Target.OfKind(FlagKind.RELEASE), "a")),
                stood(kill(3, new Target.Everything())));
        save(new Event.FlagSaved(new Flag(
                "a", FlagKind.OPS, ValueType.BOOLEAN, "other", "", new TreeSet<>(), OptionalInt.empty(), false)));
        for (int number = 1; number <= 3; number++) {
            assertThat(held(number)).as("kill %d", number).containsExactly("a");
        }
        save(flag("new"), configured(PRODUCTION, "new"));
        for (int number = 1; number <= 3; number++) {
            assertThat(held(number)).as("kill %d", number).containsExactly("a", "new");
        }
    }

    @Test
    void what_was_held_once_is_held_until_it_is_restored() {
        for (long seed = 0; seed < 40; seed++) {
            List<Written> history = Histories.sound(seed, 40);
            List<Image> images = Histories.images(history);
            for (int at = 1; at < images.size(); at++) {
                Image before = images.get(at - 1);
                Image after = images.get(at);
                for (String key : before.environments().keySet()) {
                    Map<KillId, Versioned<StandingKill>> now =
                            after.environments().get(key).kills();
                    for (Versioned<StandingKill> kill :
                            before.environments().get(key).kills().values()) {
                        Versioned<StandingKill> still = now.get(kill.value().id());
                        if (still != null) {
                            Set<String> inUse = new TreeSet<>(kill.value().held(before));
                            inUse.retainAll(after.environments()
                                    .get(key)
                                    .configurations()
                                    .keySet());
                            assertThat(still.value().held(after))
                                    .as("seed %d, entry %d, %s", seed, at, kill.value())
                                    .containsAll(inUse);
                        }
                    }
                }
            }
        }
    }

    @Test
    void a_kill_that_lists_no_flags_holds_all_that_changed_since_it_was_made() {
        save(environment(PRODUCTION), flag("matched", "vendor:stripe"), configured(PRODUCTION, "matched"));
        save(flag("never"), configured(PRODUCTION, "never"), flag("edited"), configured(PRODUCTION, "edited"));
        SignedKill kill = unlisted(1, STRIPE, 1, 2);
        assertThat(StandingKill.taken(kill, image).held(image)).containsExactly("matched");

        save(flag("matched"), flag("edited"));
        assertThat(StandingKill.taken(kill, image).held(image))
                .as("it can't be told which of them matched")
                .containsExactly("edited", "matched");
        assertThat(StandingKill.taken(unlisted(1, STRIPE, 1, 3), image).held(image))
                .isEmpty();
        assertThat(StandingKill.taken(unlisted(1, STRIPE, 0, 3), image).held(image))
                .as("of another history")
                .containsExactly("edited", "matched", "never");
        assertThat(StandingKill.taken(unlisted(1, new Target.Everything(), 0, 1), image)
                        .flags())
                .isEmpty();
    }

    @Test
    void where_too_much_changed_since_to_be_named_every_flag_is_held() {
        List<Event> many = new ArrayList<>();
        many.add(environment(PRODUCTION));
        for (int i = 0; i < 4_000; i++) {
            many.add(flag("a-flag-with-a-name-%05d".formatted(i)));
            many.add(configured(PRODUCTION, "a-flag-with-a-name-%05d".formatted(i)));
        }
        save(many.toArray(Event[]::new));
        StandingKill kill = StandingKill.taken(unlisted(1, STRIPE, 1, 0), image);
        assertThat(kill.flags()).containsExactly(StandingKill.EVERY);
        assertThat(kill.held(image)).hasSize(4_000);
    }

    @Test
    void a_kill_on_its_way_keeps_what_matched_since_it_was_made_and_nothing_from_before() {
        save(environment(PRODUCTION), flag("early", "vendor:stripe"), flag("late", "vendor:stripe"));
        save(configured(PRODUCTION, "early"), configured(PRODUCTION, "late"));
        Image first = image;
        save(flag("early"));
        Image second = image;
        StandingKill kill = new StandingKill(listed(1, STRIPE, 3, "late"), new TreeSet<>());
        save(flag("late"));

        assertThat(kill.keeping(first, second).flags()).isEmpty();
        assertThat(kill.keeping(second, image).flags()).containsExactly("late");
        assertThat(kill.keeping(first, image).flags()).containsExactly("late");
    }

    private void save(Event... events) {
        long version = image.provenance().version() + 1;
        ImageDelta delta = new ImageDelta(image);
        Arrays.stream(events).forEach(event -> delta.apply(version, event));
        image = delta.build(new Provenance("ledger", 1, version));
    }

    private StandingKill kill(int number) {
        return image.environments().get(PRODUCTION).kills().get(id(number)).value();
    }

    private Set<String> held(int number) {
        return kill(number).held(image);
    }

    private Set<String> named(int number) {
        return kill(number).flags();
    }

    private static Event environment(String key) {
        return new Event.EnvironmentSaved(new Environment(key, ""));
    }

    private static Event flag(String key, String... tags) {
        return new Event.FlagSaved(new Flag(
                key,
                FlagKind.RELEASE,
                ValueType.BOOLEAN,
                "team",
                "",
                new TreeSet<>(List.of(tags)),
                OptionalInt.empty(),
                false));
    }

    private static Event configured(String environment, String flag) {
        return new Event.ConfigurationSaved(
                environment,
                flag,
                new Configuration(
                        Map.of("on", Json.of(true), "off", Json.of(false)),
                        "off",
                        true,
                        List.of(),
                        List.of(),
                        new Serve.Fixed("on"),
                        new WhenBlind.Keep()));
    }

    private static Event stood(StandingKill kill) {
        return new Event.KillStood(kill.signed(), kill.flags());
    }

    private static KillId id(long number) {
        return new KillId("9f86d081", number);
    }

    private static StandingKill kill(long number, Target target, String... flags) {
        return new StandingKill(listed(number, target, 2, flags), new TreeSet<>(List.of(flags)));
    }

    private static SignedKill listed(long number, Target target, long version, String... flags) {
        return signed(number, target, new Kill.Resolved(1, version, true), flags);
    }

    private static SignedKill unlisted(long number, Target target, long epoch, long version) {
        return signed(number, target, new Kill.Resolved(epoch, version, false));
    }

    private static SignedKill signed(long number, Target target, Kill.Resolved resolved, String... flags) {
        Kill kill = new Kill(
                id(number),
                PRODUCTION,
                target,
                new TreeSet<>(List.of(flags)),
                Optional.empty(),
                List.of(),
                List.of(),
                "errors",
                "ann",
                Origin.HUMAN,
                Instant.EPOCH,
                Samples.NODE,
                Optional.empty(),
                resolved);
        return new SignedKill(kill.toJson().text(), "unsigned", kill);
    }
}
