package dev.andon.core.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Serve;
import dev.andon.core.model.ValueType;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Whatever a context holds or does, evaluation answers. */
class HostileContextTest {
    private static final List<Condition> CONDITIONS = List.of(
            new Condition.In("a", List.of(Json.of("x"), Json.of(1), Json.of(0.5), Json.of(true))),
            new Condition.TextMatch("a", Condition.TextOperator.CONTAINS, List.of("x")),
            new Condition.NumberMatch("a", Condition.NumberOperator.AT_LEAST, 1),
            new Condition.VersionMatch("a", Condition.VersionOperator.AT_LEAST, "1.0.0"),
            new Condition.VersionMatch("a", Condition.VersionOperator.GREATER_THAN, "1.0.0-9"),
            new Condition.DateMatch("a", Condition.DateOperator.AFTER, java.time.Instant.EPOCH),
            new Condition.Exists("a"));

    /** Gives the same for every question. */
    record Answering(Supplier<Object> answer) implements Context {
        @Override
        public String targetingKey() {
            Object value = answer.get();
            return value instanceof String text ? text : null;
        }

        @Override
        public Object attribute(String name) {
            return answer.get();
        }
    }

    private static final class Bomb {
        @Override
        public boolean equals(Object other) {
            throw new IllegalStateException("equals");
        }

        @Override
        public int hashCode() {
            throw new IllegalStateException("hashCode");
        }

        @Override
        public String toString() {
            throw new IllegalStateException("toString");
        }
    }

    private static final class BadNumber extends Number {
        @Override
        public int intValue() {
            throw new IllegalStateException("intValue");
        }

        @Override
        public long longValue() {
            throw new IllegalStateException("longValue");
        }

        @Override
        public float floatValue() {
            throw new IllegalStateException("floatValue");
        }

        @Override
        public double doubleValue() {
            throw new IllegalStateException("doubleValue");
        }
    }

    private static final class BadList extends AbstractList<Object> {
        private final int size;

        BadList(int size) {
            this.size = size;
        }

        @Override
        public Object get(int index) {
            throw new IllegalStateException("get");
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public Iterator<Object> iterator() {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return true;
                }

                @Override
                public Object next() {
                    return "y";
                }
            };
        }
    }

    private static <T extends Throwable> Object thrown(Throwable failure) throws T {
        @SuppressWarnings("unchecked")
        T sneaky = (T) failure;
        throw sneaky;
    }

    private static Object endless(int depth) {
        return depth < 0 ? "" : endless(depth + 1) + "";
    }

    private static List<Context> hostile() {
        List<Object> nested = new ArrayList<>();
        nested.add(nested);
        List<Supplier<Object>> answers = List.of(
                Bomb::new,
                BadNumber::new,
                () -> new BadList(-1),
                () -> new BadList(Integer.MAX_VALUE),
                () -> List.of(new Bomb(), new BadNumber()),
                () -> nested,
                () -> "1.0.0-" + "9".repeat(40),
                () -> "9".repeat(2_000_000),
                () -> "\ud83c",
                () -> Double.NaN,
                () -> Double.POSITIVE_INFINITY,
                () -> Float.NEGATIVE_INFINITY,
                () -> Long.MIN_VALUE,
                () -> java.time.Instant.MAX,
                () -> java.time.Instant.MIN,
                () -> "+999999999-12-31T23:59:59.999999999-18:00",
                () -> new Object[] {"x"},
                () -> HostileContextTest.<RuntimeException>thrown(new IllegalStateException("context")),
                () -> HostileContextTest.<RuntimeException>thrown(new Exception("checked")),
                () -> HostileContextTest.<RuntimeException>thrown(new OutOfMemoryError("none left")),
                () -> HostileContextTest.<RuntimeException>thrown(new AssertionError("context")),
                () -> endless(0));
        List<Context> contexts = new ArrayList<>();
        answers.forEach(answer -> contexts.add(new Answering(answer)));
        contexts.add(null);
        return contexts;
    }

    @Test
    void every_condition_and_split_answers() {
        Serve split = new Serve.Split(List.of(new Serve.Share("on", 1)), Serve.TARGETING_KEY, Optional.empty());
        for (Condition condition : CONDITIONS) {
            Ruleset ruleset = new Rulesets()
                    .flag(
                            "a",
                            ValueType.BOOLEAN,
                            Rulesets.bool(List.of(), List.of(new Rule("", condition, split)), new Serve.Fixed("off")))
                    .requiring("child", "a")
                    .ruleset();
            for (Context context : hostile()) {
                Evaluation evaluation = ruleset.evaluate("a", context);
                assertThat(evaluation.reason())
                        .as("%s", condition)
                        .isIn(Reason.SPLIT, Reason.FALLTHROUGH, Reason.ERROR);
                Explanation explanation = ruleset.explain("a", context);
                assertThat(explanation.evaluation()).hasToString(evaluation.toString());
                assertThat(explanation.toJson().utf8()).isNotEmpty();
                assertThat(explanation.text()).isNotEmpty();
                if (evaluation.usesDefault()) {
                    assertThat(evaluation.message()).isNotEmpty();
                }
            }
        }
    }

    @Test
    void a_context_that_throws_gives_the_default() {
        Ruleset ruleset = new Rulesets().when("a", CONDITIONS.get(0)).ruleset();
        Context throwing = new Answering(() -> {
            throw new IllegalStateException("context");
        });

        Evaluation evaluation = ruleset.evaluate("a", throwing);

        assertThat(evaluation.error()).isEqualTo(ErrorCode.GENERAL);
        assertThat(evaluation.message()).isEqualTo("the context failed with java.lang.IllegalStateException");
        assertThat(ruleset.evaluate("a", null).error()).isEqualTo(ErrorCode.GENERAL);
    }

    @Test
    void kills_win_over_every_context() {
        StandingKill everyone =
                Vectors.kill("9f86d081-1", new TreeSet<>(Set.of("a")), Optional.empty(), List.of(), List.of());
        Ruleset flags = new Rulesets()
                .when("a", CONDITIONS.get(0))
                .when("first", new Condition.Exists("a"))
                .requiring("child", "first", "a")
                .ruleset();
        for (Context context : hostile()) {
            Ruleset killed = flags.withKills(List.of(everyone));
            assertThat(killed.evaluate("a", context).reason()).isEqualTo(Reason.KILLED);
            assertThat(killed.evaluate("child", context).reason()).isEqualTo(Reason.PREREQUISITE);
        }
    }

    @Test
    void an_audience_that_cannot_be_read_is_stopped() {
        StandingKill some = Vectors.kill(
                "9f86d081-1", new TreeSet<>(Set.of("a")), Optional.of(CONDITIONS.get(0)), List.of(), List.of());
        Ruleset ruleset = new Rulesets().on("a").ruleset().withKills(List.of(some));
        Context throwing = new Answering(() -> {
            throw new IllegalStateException("context");
        });

        assertThat(ruleset.evaluate("a", throwing).reason()).isEqualTo(Reason.KILLED);
        assertThat(ruleset.explain("a", throwing).text()).contains("stops");
        assertThat(ruleset.evaluate("a", null).reason()).isEqualTo(Reason.KILLED);
        assertThat(ruleset.evaluate("a", new Answering(BadNumber::new)).reason())
                .isEqualTo(Reason.KILLED);
    }
}
