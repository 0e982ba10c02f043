package dev.andon.server.flagd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Segment;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.server.node.Publication;
import dev.andon.server.node.ServedState;
import dev.andon.server.node.ServedStates;
import dev.andon.store.LedgerPosition;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents that keep what was written are the ones that would be written from nothing. */
class DocumentsTest {
    private static final int STEPS = 400;
    private static final int FLAGS = 6;
    private static final int SEGMENTS = 4;
    private static final List<String> CONDITIONS = List.of(
            "{'attribute': 'a', 'exists': true}",
            "{'attribute': 'a.b', 'exists': true}",
            "{'segment': 's0'}",
            "{'segment': 's1'}",
            "{'not': {'segment': 's2'}}",
            "{'all': []}");

    private final List<KillId> standing = new ArrayList<>();
    private Random random = new Random();
    private Image image = Image.EMPTY;
    private long number;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whatIsKeptIsWhatWouldBeWritten(long seed) {
        random = new Random(seed);
        ServedStates states = new ServedStates(InstantSource.system());
        Documents documents = new Documents();
        step(states, new Written().events());
        int left = 0;
        for (int i = 0; i < STEPS; i++) {
            step(states, List.of(event()));
            ServedState state = states.newest(Written.ENVIRONMENT).orElseThrow();
            Document fresh = Document.of(state, flag -> true);
            assertThat(said(documents.of(state, flag -> true)))
                    .as("seed %d, step %d", seed, i)
                    .isEqualTo(said(fresh));
            left += fresh.left().size();
        }
        assertThat(left).isPositive();
    }

    /** Refusals have no equality of their own. */
    private static List<String> said(Document document) {
        return List.of(
                document.text(), document.left().toString(), document.widened().toString());
    }

    private void step(ServedStates states, List<Event> events) {
        Image before = image;
        long version = before.provenance().version() + 1;
        ImageDelta delta = new ImageDelta(before);
        events.forEach(event -> delta.apply(version, event));
        image = delta.build(new Provenance("a".repeat(32), 1, version));
        states.publish(new Publication(before, image, LedgerPosition.START, List.of(), version == 1));
    }

    private String flagKey() {
        return "f" + random.nextInt(FLAGS);
    }

    private Event event() {
        int kind = random.nextInt(100);
        if (kind < 20) {
            return new Event.FlagSaved(new Flag(
                    flagKey(),
                    FlagKind.OPS,
                    ValueType.BOOLEAN,
                    "o" + random.nextInt(2),
                    "",
                    new TreeSet<>(),
                    OptionalInt.empty(),
                    random.nextInt(8) == 0));
        }
        if (kind < 55) {
            int flag = random.nextInt(FLAGS);
            return new Event.ConfigurationSaved(Written.ENVIRONMENT, "f" + flag, configuration(flag));
        }
        if (kind < 60) {
            return new Event.ConfigurationDeleted(Written.ENVIRONMENT, flagKey());
        }
        if (kind < 80) {
            // Of higher ones alone, so that none builds on itself.
            int segment = random.nextInt(SEGMENTS);
            String condition = CONDITIONS.get(random.nextInt(CONDITIONS.size()));
            boolean higher = condition.matches(".*s[" + (segment + 1) + "-9].*");
            String used = condition.contains("segment") && !higher ? CONDITIONS.getFirst() : condition;
            return new Event.SegmentSaved(Written.ENVIRONMENT, new Segment("s" + segment, "", Written.condition(used)));
        }
        if (kind < 84) {
            return new Event.SegmentDeleted(Written.ENVIRONMENT, "s" + random.nextInt(SEGMENTS));
        }
        if (kind < 92 || standing.isEmpty()) {
            return kill();
        }
        return new Event.KillRestored(Written.ENVIRONMENT, standing.remove(random.nextInt(standing.size())));
    }

    /** It requires none but flags of lower numbers, so that none requires itself. */
    private Configuration configuration(int number) {
        StringBuilder text = new StringBuilder("{'variants': {'on': true, 'off': false}, 'safeVariant': 'off', 'on': ")
                .append(random.nextInt(4) > 0);
        if (number > 0 && random.nextInt(3) == 0) {
            text.append(", 'prerequisites': [{'flag': 'f")
                    .append(random.nextInt(number))
                    .append("', 'variants': ['on']}]");
        }
        String condition = CONDITIONS.get(random.nextInt(CONDITIONS.size()));
        text.append(", 'rules': [{'when': ").append(condition).append(", 'serve': {'variant': 'on'}}]");
        return Written.configuration(
                text.append(", 'fallThrough': {'variant': 'off'}}").toString());
    }

    private Event kill() {
        Target target = random.nextBoolean()
                ? new Target.OneFlag(flagKey())
                : random.nextBoolean() ? new Target.OwnedBy("o0") : new Target.Everything();
        Kill kill = new Kill(
                new KillId("9f86d081", ++number),
                Written.ENVIRONMENT,
                target,
                new TreeSet<>(target instanceof Target.OneFlag one ? List.of(one.flag()) : List.of()),
                random.nextBoolean()
                        ? Optional.empty()
                        : Optional.of(Written.condition(CONDITIONS.get(random.nextInt(2)))),
                List.of(),
                List.of(),
                "it misbehaves",
                "ann",
                Origin.HUMAN,
                Instant.EPOCH,
                "n1",
                Optional.empty(),
                new Kill.Resolved(1, 1, true));
        standing.add(kill.id());
        return new Event.KillStood(new SignedKill(kill.toJson().text(), "unsigned", kill), kill.flags());
    }
}
