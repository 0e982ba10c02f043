package dev.andon.server.rollback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.Attributes;
import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import dev.andon.server.MemoryPlane;
import dev.andon.server.node.CommandContext;
import dev.andon.server.node.Decision;
import dev.andon.server.node.Outcome;
import dev.andon.server.node.Refused;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random histories: after a rollback to N, a flag evaluates as it did at N. */
final class RollbackPropertyTest {
    private static final int CHANGES = 60;
    private static final int FLAGS = 5;
    private static final int SEGMENTS = 4;
    private static final List<String> VARIANTS = List.of("a", "b", "c", "safe");
    private static final CommandContext CONTEXT = new CommandContext("test", "random", "c", Optional.empty(), false);

    private int equal;
    private int refused;
    private int drifted;
    private int removed;

    @Test
    void afterARollbackAFlagEvaluatesAsItDid() {
        check(0, 60);
    }

    @Test
    @Tag("nightly")
    void afterManyRollbacksFlagsEvaluateAsTheyDid() {
        check(1_000, 2_000);
    }

    private void check(int firstSeed, int histories) {
        for (int seed = firstSeed; seed < firstSeed + histories; seed++) {
            check(seed);
        }
        assertThat(equal).as("rollbacks that were compared").isGreaterThan(histories);
        assertThat(drifted)
                .as("rollbacks without dependencies that had changed")
                .isGreaterThan(histories / 10);
        assertThat(removed).as("rollbacks that brought something back").isGreaterThan(histories / 20);
        assertThat(refused).as("refusals").isLessThan(histories);
    }

    private void check(int seed) {
        Random random = new Random(seed);
        MemoryPlane plane = new MemoryPlane(() -> Instant.EPOCH);
        start(plane);
        for (int i = 0; i < CHANGES; i++) {
            change(plane, random);
        }
        long newest = plane.image().provenance().version();
        for (int i = 0; i < 4; i++) {
            long to = 2 + random.nextLong(newest - 1);
            List<String> flags = new ArrayList<>();
            flags.add("f" + random.nextInt(FLAGS));
            if (random.nextInt(4) == 0) {
                flags.add("f" + random.nextInt(FLAGS));
            }
            String label = "seed " + seed + ", " + flags + " to " + to;
            Image old = plane.imageAt(to);
            rollBack(plane, flags, to, old, false, label);
            rollBack(plane, flags, to, old, true, label + " with dependencies");
        }
    }

    private void rollBack(
            MemoryPlane plane, List<String> flags, long to, Image old, boolean withDependencies, String label) {
        Image before = plane.image();
        Outcome<Json> outcome;
        try {
            outcome = plane.execute(new Rollback("e", flags, to, withDependencies, old), CONTEXT);
        } catch (Refused e) {
            assertThat(plane.image()).as(label).isSameAs(before);
            refused++;
            return;
        } catch (InvalidInput e) {
            throw new AssertionError(label + ": " + e.getMessage(), e);
        }
        Json reply = switch (outcome) {
            case Outcome.Done<Json> done -> done.reply();
            case Outcome.Unchanged<Json> unchanged -> unchanged.reply();
            default -> throw new AssertionError(label + ": " + outcome);
        };
        long version = plane.image().provenance().version();
        assertThat(version)
                .as(label)
                .isBetween(before.provenance().version(), before.provenance().version() + 1);
        String text = reply.text();
        boolean same = text.contains("\"changedDependencies\":[]");
        removed += withDependencies && text.contains("removed") ? 1 : 0;
        Ruleset then = Ruleset.of(old, "e");
        Ruleset now = Ruleset.of(plane.image(), "e");
        if (!withDependencies && !same) {
            drifted++;
            return;
        }
        for (String flag : flags) {
            for (Context context : contexts()) {
                assertThat(shown(now.evaluate(flag, context)))
                        .as(label + ", " + flag + " for " + context + ": " + text)
                        .isEqualTo(shown(then.evaluate(flag, context)));
            }
        }
        equal++;
    }

    private static String shown(Evaluation evaluation) {
        return evaluation.variant() + " " + evaluation.value() + " " + evaluation.reason() + " " + evaluation.error()
                + " " + evaluation.rule();
    }

    private static List<Context> contexts() {
        List<Context> contexts = new ArrayList<>();
        contexts.add(Context.EMPTY);
        for (int x = 0; x < 3; x++) {
            for (int y = 0; y < 3; y++) {
                Attributes context = Context.EMPTY.with("x", (long) x).with("y", (long) y);
                contexts.add(context.withTargetingKey("u" + (x * 3 + y)));
            }
        }
        return contexts;
    }

    private static void start(MemoryPlane plane) {
        List<Event> events = new ArrayList<>();
        events.add(new Event.EnvironmentSaved(new Environment("e", "")));
        for (int i = 0; i < FLAGS; i++) {
            String key = "f" + i;
            events.add(new Event.FlagSaved(new Flag(
                    key, FlagKind.RELEASE, ValueType.STRING, "o", "", new TreeSet<>(), OptionalInt.empty(), false)));
            events.add(new Event.ConfigurationSaved(
                    "e", key, configuration(List.of(), List.of(), new Serve.Fixed("a"), true)));
        }
        plane.append("start", events);
        plane.append("segment.save", List.of(segment("s0", new Condition.Exists("x"))));
    }

    /** One random change; those that the rules refuse don't happen. */
    private static void change(MemoryPlane plane, Random random) {
        int what = random.nextInt(10);
        Event event;
        if (what < 5) {
            int flag = random.nextInt(FLAGS);
            event = new Event.ConfigurationSaved("e", "f" + flag, random(random, flag));
        } else if (what < 9) {
            int segment = random.nextInt(SEGMENTS);
            event = segment("s" + segment, condition(random, segment, 2));
        } else {
            event = new Event.SegmentDeleted("e", "s" + random.nextInt(SEGMENTS));
        }
        try {
            plane.execute((image, kills, now) -> Decision.of("change", List.of(event), done -> done), CONTEXT);
        } catch (InvalidInput refused) {
            // The rules that every image keeps.
        }
    }

    private static Event segment(String key, Condition when) {
        return new Event.SegmentSaved("e", new Segment(key, "", when));
    }

    /** Requires only flags before it, so that there is no circle. */
    private static Configuration random(Random random, int flag) {
        List<Prerequisite> prerequisites = new ArrayList<>();
        if (flag > 0 && random.nextInt(2) == 0) {
            prerequisites.add(new Prerequisite(
                    "f" + random.nextInt(flag),
                    List.of(VARIANTS.get(random.nextInt(3)), VARIANTS.get(random.nextInt(3)))));
        }
        List<Rule> rules = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            rules.add(new Rule("", condition(random, SEGMENTS, 2), serve(random)));
        }
        return configuration(prerequisites, rules, serve(random), random.nextInt(8) != 0);
    }

    private static Configuration configuration(
            List<Prerequisite> prerequisites, List<Rule> rules, Serve fallThrough, boolean on) {
        Map<String, Json> variants = new LinkedHashMap<>();
        VARIANTS.forEach(name -> variants.put(name, Json.of("value " + name)));
        return new Configuration(variants, "safe", on, prerequisites, rules, fallThrough, new WhenBlind.Keep());
    }

    private static Serve serve(Random random) {
        if (random.nextInt(3) != 0) {
            return new Serve.Fixed(VARIANTS.get(random.nextInt(3)));
        }
        return new Serve.Split(
                List.of(
                        new Serve.Share(VARIANTS.get(random.nextInt(3)), 1 + random.nextInt(3)),
                        new Serve.Share(VARIANTS.get(random.nextInt(3)), 1 + random.nextInt(3))),
                random.nextBoolean() ? Serve.TARGETING_KEY : "x",
                random.nextBoolean() ? Optional.empty() : Optional.of("seed" + random.nextInt(2)));
    }

    /** Names only segments before {@code below}. */
    private static Condition condition(Random random, int below, int depth) {
        int what = random.nextInt(depth == 0 ? 2 : 5);
        return switch (what) {
            case 0 -> new Condition.In(random.nextBoolean() ? "x" : "y", List.of(Json.of(random.nextInt(3))));
            case 1 -> below == 0 ? new Condition.Exists("y") : new Condition.InSegment("s" + random.nextInt(below));
            case 2 -> new Condition.Not(condition(random, below, depth - 1));
            case 3 ->
                new Condition.All(List.of(condition(random, below, depth - 1), condition(random, below, depth - 1)));
            default ->
                new Condition.Any(List.of(condition(random, below, depth - 1), condition(random, below, depth - 1)));
        };
    }
}
