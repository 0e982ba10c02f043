package dev.andon.proof.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Serve;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What is as large or as deep as it may be: written, it is the same to every engine; else it is refused. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ExtremesTest {
    private static final Condition EXISTS = new Condition.Exists("a");
    private static final List<Map<String, Json>> CONTEXTS = List.of(
            Map.of(),
            Map.of("a", Json.of(7), "targetingKey", Json.of("ann")),
            Map.of("a", Json.of("9999"), "targetingKey", Json.of("bob")),
            Map.of("a", Json.array(List.of(Json.of("x"), Json.of("17"))), "targetingKey", Json.of("")),
            Map.of("b", Json.of(true), "targetingKey", Json.of("user-2")));

    private final Map<String, World.Configured> flags = new LinkedHashMap<>();
    private final Map<String, Condition> segments = new LinkedHashMap<>();
    private Differential differential;

    @BeforeAll
    void start() {
        differential = new Differential();
    }

    @AfterAll
    void end() {
        differential.close();
    }

    @Test
    void conditionsWithinConditions() {
        int written = 0;
        for (int depth : new int[] {10, 40, 58, 90}) {
            flags.clear();
            Condition deep = EXISTS;
            for (int i = 0; i < depth; i++) {
                List<Condition> parts = List.of(new Condition.Exists("b"), deep);
                deep = i % 2 == 0 ? new Condition.Any(parts) : new Condition.Not(new Condition.All(parts));
            }
            when("f", deep);
            written += ask();
        }
        assertThat(written).isPositive();
    }

    @Test
    void longListsOfValues() {
        when(
                "texts",
                new Condition.In(
                        "a",
                        IntStream.range(0, 10_000)
                                .mapToObj(i -> Json.of("" + i))
                                .toList()));
        when(
                "numbers",
                new Condition.In(
                        "a",
                        IntStream.range(0, 10_000)
                                .mapToObj(i -> Json.of(i - 500))
                                .toList()));
        when(
                "parts",
                new Condition.TextMatch(
                        "a",
                        Condition.TextOperator.CONTAINS,
                        IntStream.range(1_000, 2_000).mapToObj(i -> "" + i).toList()));
        assertThat(ask()).isEqualTo(3);
    }

    @Test
    void splitsAtTheirLimits() {
        split(
                "many",
                IntStream.range(0, 256)
                        .mapToObj(i -> new Serve.Share("v" + i % 3, i))
                        .toList());
        split("large", List.of(new Serve.Share("v0", Integer.MAX_VALUE - 1), new Serve.Share("v1", 1)));
        split("one", List.of(new Serve.Share("v0", 1)));
        split("nothing-first", List.of(new Serve.Share("v0", 0), new Serve.Share("v1", 1), new Serve.Share("v2", 0)));
        split("even", Collections.nCopies(4, new Serve.Share("v2", Integer.MAX_VALUE / 4)));
        assertThat(ask()).isEqualTo(5);
    }

    @Test
    void chainsOfPrerequisites() {
        when("p0", EXISTS);
        for (int i = 1; i < 64; i++) {
            put("p" + i, List.of(new Prerequisite("p" + (i - 1), List.of("v1"))), List.of(), new Serve.Fixed("v1"));
        }
        assertThat(ask()).isGreaterThan(20);
    }

    @Test
    void chainsOfSegments() {
        segments.put("s0", EXISTS);
        for (int i = 1; i < 60; i++) {
            Condition inner = new Condition.InSegment("s" + (i - 1));
            segments.put("s" + i, new Condition.Any(List.of(new Condition.Exists("b"), new Condition.Not(inner))));
        }
        for (int i = 0; i < 60; i++) {
            when("f" + i, new Condition.InSegment("s" + i));
        }
        assertThat(ask()).isGreaterThan(20);
    }

    @Test
    void whatIsArchivedIsThereForNobody() {
        when("gone", EXISTS);
        World.Configured gone = flags.get("gone");
        flags.put("gone", new World.Configured(gone.flag().archive(), gone.configuration()));
        put("f", List.of(new Prerequisite("gone", List.of("v1"))), List.of(), new Serve.Fixed("v1"));
        assertThat(ask()).isEqualTo(2);
    }

    /** Asks all flags; how many of them can be written. */
    private int ask() {
        World world = new World(flags, segments, List.of());
        assertThat(differential.ask(world, CONTEXTS)).isEmpty();
        int written = flags.size() - Differential.left(world);
        flags.clear();
        segments.clear();
        return written;
    }

    private void when(String key, Condition condition) {
        put(key, List.of(), List.of(new Rule("", condition, new Serve.Fixed("v1"))), new Serve.Fixed("v0"));
    }

    private void split(String key, List<Serve.Share> shares) {
        put(key, List.of(), List.of(), new Serve.Split(shares, Serve.TARGETING_KEY, Optional.empty()));
    }

    private void put(String key, List<Prerequisite> needs, List<Rule> rules, Serve fallThrough) {
        Map<String, Json> variants = new LinkedHashMap<>();
        for (int i = 0; i < 3; i++) {
            variants.put("v" + i, Json.of("value " + i));
        }
        Configuration configuration = new Configuration(
                variants, "v0", true, needs, new ArrayList<>(rules), fallThrough, new WhenBlind.Keep());
        Flag flag = new Flag(
                key,
                FlagKind.RELEASE,
                ValueType.STRING,
                "shop",
                "",
                Collections.emptySortedSet(),
                OptionalInt.empty(),
                false);
        flags.put(key, new World.Configured(flag, configuration));
    }
}
