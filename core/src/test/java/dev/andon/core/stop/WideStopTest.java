package dev.andon.core.stop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.Samples;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Serve;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A node's kills that are aimed at more than one flag. */
class WideStopTest {
    private static final String PRODUCTION = "production";
    private static final Target STRIPE = new Target.Tagged("vendor:stripe");

    private Image image = extended(
            Image.EMPTY,
            new Event.EnvironmentSaved(new Environment(PRODUCTION, "")),
            new Event.NodeSaved(Samples.node()),
            flag("a", "vendor:stripe"),
            configured("a"),
            flag("b"),
            configured("b"));
    private final StopMachine machine = machine(List.of());

    private StopMachine machine(List<SignedKill> recovered) {
        return machine(image, recovered);
    }

    private static StopMachine machine(Image from, List<SignedKill> recovered) {
        return new StopMachine(
                Samples.NODE,
                "9f86d081",
                StopLimits.DEFAULT,
                kill -> SignedKill.sign(kill, Samples.NODE_KEY.getPrivate()),
                SignedKill::signedBy,
                from,
                recovered);
    }

    @Test
    void a_repeat_is_no_second_kill_whatever_has_joined_since() {
        StandingKill first = kill(STRIPE, "a");
        fold(flag("b", "vendor:stripe"));

        List<StopEffect> effects = machine.step(new StopInput.Ordered(2, order(STRIPE, "a", "b"), Instant.EPOCH), 0);

        assertThat(effects).filteredOn(StopEffect.Answer.class::isInstance).hasSize(1);
        assertThat(((StopEffect.Answer) effects.get(0)).reply())
                .isEqualTo(new StopEffect.Reply.Stands(first, true, true));
    }

    @Test
    void a_number_that_somebody_has_used_is_gone_over() {
        fold(new Event.Settled("9f86d081", 1, 3), new Event.Settled("9f86d081", 5, 5));
        assertThat(kill(STRIPE, "a").id()).isEqualTo(new KillId("9f86d081", 4));
        assertThat(kill(new Target.Everything(), "a", "b").id()).isEqualTo(new KillId("9f86d081", 6));
    }

    @Test
    void a_kill_under_a_name_that_another_nodes_kills_have_is_refused() throws Exception {
        KeyPair keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Node other = new Node(
                "other", Base64.getEncoder().encodeToString(keys.getPublic().getEncoded()));
        fold(new Event.NodeSaved(other));
        String owned = KillId.journalOf("other", "00000000");
        String anothers = KillId.journalOf("third", "00000000");
        StandingKill own = kill(STRIPE, "a");
        SignedKill honest = signed(keys, owned + "-1");
        SignedKill before = signed(keys, "dddddddd-1");
        List<StopEffect> effects = machine.step(
                new StopInput.Carried(List.of(
                        // as this node's, as those of a third one; its own, and one from before names said whose they
                        // are
                        signed(keys, "9f86d081-2"), signed(keys, anothers + "-1"), honest, before)),
                0);
        assertThat(effects)
                .filteredOn(StopEffect.Unverified.class::isInstance)
                .extracting(
                        effect -> ((StopEffect.Unverified) effect).kill().id().toString())
                .containsExactly("9f86d081-2", anothers + "-1");
        machine.step(new StopInput.Journalled(honest.id()), 0);
        machine.step(new StopInput.Journalled(before.id()), 0);
        assertThat(machine.pending().keySet()).containsExactly(own.id(), honest.id(), before.id());
        assertThat(kill(new Target.Everything(), "a", "b").id()).isEqualTo(new KillId("9f86d081", 2));
    }

    private static SignedKill signed(KeyPair keys, String id) {
        return SignedKill.sign(
                new Kill(
                        KillId.parse("id", id),
                        PRODUCTION,
                        new Target.OneFlag("a"),
                        new TreeSet<>(List.of("a")),
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        "errors",
                        "ann",
                        Origin.HUMAN,
                        Instant.EPOCH,
                        "other",
                        Optional.empty()),
                keys.getPrivate());
    }

    @Test
    void a_kill_on_its_way_is_sent_again_with_what_it_keeps_and_settles_so() {
        kill(STRIPE, "a");
        fold(flag("b", "vendor:stripe"));

        List<StopEffect> effects = fold(flag("b"));

        List<StandingKill> sent = sent(effects);
        assertThat(sent).hasSize(1);
        assertThat(sent.get(0).flags()).containsExactly("a", "b");
        assertThat(machine.pending().values()).containsExactly(sent.get(0));
        machine.step(new StopInput.AppendFailed("not now"), 0);
        List<StopEffect> later = machine.step(new StopInput.Tick(), 10_000);
        assertThat(later)
                .filteredOn(StopEffect.Append.class::isInstance)
                .singleElement()
                .satisfies(effect ->
                        assertThat(((StopEffect.Append) effect).kills()).containsExactly(sent.get(0)));
    }

    @Test
    void a_start_from_the_journal_without_an_image_learns_what_is_held_from_the_first_one() {
        SignedKill unlisted = kill(STRIPE).signed();
        StopMachine restarted = machine(Image.EMPTY, List.of(unlisted));
        restarted.start(0);
        assertThat(restarted.pending().get(unlisted.id()).flags()).isEmpty();

        image = extended(image, flag("a"));
        restarted.step(new StopInput.Folded(image), 1);

        assertThat(restarted.pending().get(unlisted.id()).held(image)).containsExactly("a");
    }

    @Test
    void a_kill_that_names_more_than_an_entry_holds_settles_as_one_of_every_flag() {
        TreeSet<String> many = new TreeSet<>();
        for (int i = 0; i < 100_000; i++) {
            many.add("flag-%05d".formatted(i) + "x".repeat(100));
        }
        StandingKill kill = kill(STRIPE).naming(many);

        Event.KillStood stood = (Event.KillStood) SettleEntry.of(kill).events().get(0);

        assertThat(stood.flags()).containsExactly(StandingKill.EVERY);
        assertThat(SettleEntry.of(kill).encode()).hasSizeLessThan(10_000);
    }

    @Test
    void long_kills_settle_a_few_at_a_time() {
        for (int i = 0; i < 20; i++) {
            KillOrder order = order(STRIPE, List.of("service-" + i + "x".repeat(200_000)), "a");
            machine.step(new StopInput.Ordered(i, order, Instant.EPOCH), 0);
        }
        for (StandingKill kill : machine.pending().values()) {
            machine.step(new StopInput.Journalled(kill.id()), 0);
        }
        // The first of them is on its way to the ledger alone: it came before the others.
        machine.step(new StopInput.AppendFailed("not now"), 0);
        assertThat(machine.step(new StopInput.Tick(), 10_000))
                .filteredOn(StopEffect.Append.class::isInstance)
                .singleElement()
                .satisfies(effect -> assertThat(((StopEffect.Append) effect).kills())
                        .hasSizeBetween(2, StopLimits.DEFAULT.batchChars() / 200_000));
    }

    private StandingKill kill(Target target, String... listed) {
        List<StopEffect> effects =
                new ArrayList<>(machine.step(new StopInput.Ordered(1, order(target, listed), Instant.EPOCH), 0));
        StopEffect.Write write = (StopEffect.Write) effects.get(0);
        machine.step(new StopInput.Journalled(write.kill().id()), 0);
        return machine.pending().get(write.kill().id());
    }

    private KillOrder order(Target target, String... listed) {
        return order(target, List.of(), listed);
    }

    private KillOrder order(Target target, List<String> services, String... listed) {
        return new KillOrder(
                PRODUCTION,
                target,
                new TreeSet<>(List.of(listed)),
                Optional.empty(),
                services,
                List.of(),
                "errors",
                "ann",
                Origin.HUMAN,
                Optional.empty(),
                new Kill.Resolved(1, image.provenance().version(), listed.length > 0));
    }

    private List<StopEffect> fold(Event... events) {
        image = extended(image, events);
        return machine.step(new StopInput.Folded(image), 0);
    }

    private static List<StandingKill> sent(List<StopEffect> effects) {
        return effects.stream()
                .filter(StopEffect.Send.class::isInstance)
                .flatMap(effect -> ((StopEffect.Send) effect).kills().stream())
                .toList();
    }

    private static Image extended(Image image, Event... events) {
        long version = image.provenance().version() + 1;
        ImageDelta delta = new ImageDelta(image);
        for (Event event : events) {
            delta.apply(version, event);
        }
        return delta.build(new Provenance("ledger", 1, version));
    }

    private static Event flag(String key, String... tags) {
        return new Event.FlagSaved(new Flag(
                key,
                FlagKind.RELEASE,
                ValueType.BOOLEAN,
                "team",
                "",
                new TreeSet<>(Set.of(tags)),
                OptionalInt.empty(),
                false));
    }

    private static Event configured(String flag) {
        return new Event.ConfigurationSaved(
                PRODUCTION,
                flag,
                new Configuration(
                        Map.of("off", Json.of(false)),
                        "off",
                        true,
                        List.of(),
                        List.of(),
                        new Serve.Fixed("off"),
                        new WhenBlind.Keep()));
    }
}
