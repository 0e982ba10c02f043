package dev.andon.core.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.Samples;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Reach;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Serve;
import dev.andon.core.model.ValueType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.AbstractSequentialList;
import java.util.Collections;
import java.util.List;
import java.util.ListIterator;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RulesetTest {
    private static final Context NOBODY = Context.EMPTY;
    private static final StandingKill KILL = Samples.standing(Vectors.ENVIRONMENT, "9f86d081-1", "a");

    @Test
    void before_anything_is_loaded_the_default_applies() {
        Evaluation evaluation = Ruleset.EMPTY.evaluate("a", NOBODY);

        assertThat(evaluation.reason()).isEqualTo(Reason.DEFAULT);
        assertThat(evaluation.error()).isEqualTo(ErrorCode.NOT_READY);
        assertThat(evaluation.usesDefault()).isTrue();
        assertThat(evaluation.bool(true)).isTrue();
        assertThat(Ruleset.EMPTY.withKills(List.of(KILL)).evaluate("a", NOBODY)).isSameAs(evaluation);
        assertThat(Ruleset.of(Image.EMPTY, "nowhere").evaluate("a", NOBODY).error())
                .isEqualTo(ErrorCode.FLAG_NOT_FOUND);
    }

    @Test
    void a_flag_tells_what_a_handle_binds_to() {
        CompiledFlag flag = new Rulesets().on("a").ruleset().flag("a");

        assertThat(flag.key()).isEqualTo("a");
        assertThat(flag.type()).isEqualTo(ValueType.BOOLEAN);
        assertThat(flag.version()).isEqualTo(1);
        assertThat(flag.variantNames()).containsExactly("off", "on");
        assertThat(flag.variant(flag.safe())).isEqualTo("off");
        assertThat(flag.value(1)).isEqualTo(Json.of(true));
    }

    @Test
    void an_evaluation_gives_the_value_by_type_and_the_default_for_others() {
        Ruleset ruleset = new Rulesets().on("a").ruleset();
        Evaluation on = ruleset.evaluate("a", NOBODY);

        assertThat(on.bool(false)).isTrue();
        assertThat(on.index()).isEqualTo(1);
        assertThat(on.text("default")).isEqualTo("default");
        assertThat(on.whole(7)).isEqualTo(7);
        assertThat(on.number(0.5)).isEqualTo(0.5);
        assertThat(ruleset.evaluate("a", ValueType.STRING, NOBODY).message())
                .isEqualTo("the flag's values are of type boolean, not string");
    }

    @Test
    void a_carried_kill_stands_until_the_image_has_settled_it() {
        Rulesets flags = new Rulesets().on("a").on("b");
        Ruleset free = flags.ruleset();
        Ruleset killed = free.withKills(List.of(KILL));

        assertThat(killed.evaluate("a", NOBODY).reason()).isEqualTo(Reason.KILLED);
        assertThat(killed.evaluate("a", NOBODY).kill()).isEqualTo(KILL.id());
        assertThat(killed.evaluate("b", NOBODY).reason()).isEqualTo(Reason.STATIC);
        assertThat(killed.kills()).containsExactly(KILL);
        assertThat(killed.killsOf("a")).containsExactly(KILL);
        assertThat(killed.killsOf("b")).isEmpty();

        Ruleset settled = killed.advance(
                applied(free.image(), new Event.KillStood(KILL.signed(), KILL.flags())), touched(Set.of(), true));
        assertThat(settled.evaluate("a", NOBODY).kill()).isEqualTo(KILL.id());
        assertThat(settled.flag("a")).isSameAs(free.flag("a"));

        Ruleset restored = settled.advance(
                applied(settled.image(), new Event.KillRestored(Vectors.ENVIRONMENT, KILL.id())),
                touched(Set.of(), true));
        assertThat(restored.evaluate("a", NOBODY).reason()).isEqualTo(Reason.STATIC);
        assertThat(restored.kills()).isEmpty();
        assertThat(killed.withKills(List.of()).evaluate("a", NOBODY).reason()).isEqualTo(Reason.STATIC);
    }

    @Test
    void a_kill_of_another_environment_or_of_an_unknown_flag_stops_nothing() {
        Ruleset ruleset = new Rulesets().on("a").ruleset();
        StandingKill elsewhere = Samples.standing("staging", "9f86d081-1", "a");
        StandingKill unknown = Samples.standing(Vectors.ENVIRONMENT, "9f86d081-2", "unknown");

        Ruleset killed = ruleset.withKills(List.of(elsewhere, unknown));

        assertThat(killed.evaluate("a", NOBODY).reason()).isEqualTo(Reason.STATIC);
        assertThat(killed.evaluate("unknown", NOBODY).error()).isEqualTo(ErrorCode.FLAG_NOT_FOUND);
        assertThat(killed.kills()).containsExactly(unknown);
    }

    @Test
    void a_kill_whose_audience_names_a_segment_stops_everyone() {
        Condition audience = new Condition.Not(new Condition.InSegment("staff"));
        StandingKill kill =
                Vectors.kill("9f86d081-1", new TreeSet<>(Set.of("a")), Optional.of(audience), List.of(), List.of());

        Ruleset killed = new Rulesets().on("a").ruleset().withKills(List.of(kill));

        assertThat(killed.evaluate("a", NOBODY).reason()).isEqualTo(Reason.KILLED);
    }

    @Test
    void moving_on_compiles_what_changed_and_what_depends_on_it_and_nothing_else() {
        Ruleset before = new Rulesets()
                .on("parent")
                .requiring("child", "parent")
                .requiring("grandchild", "child")
                .on("other")
                .segment("staff", new Condition.Exists("staff"))
                .segment("testers", new Condition.InSegment("staff"))
                .when("targeted", new Condition.InSegment("testers"))
                .requiring("behind-segment", "targeted")
                .ruleset();
        Event off = new Event.ConfigurationSaved(
                Vectors.ENVIRONMENT, "parent", Rulesets.bool(List.of(), List.of(), new Serve.Fixed("off")));

        Ruleset after = before.advance(applied(before.image(), off), touched(Set.of("parent"), false));

        assertThat(after.evaluate("grandchild", NOBODY).reason()).isEqualTo(Reason.PREREQUISITE);
        for (String same : List.of("other", "targeted", "behind-segment")) {
            assertThat(after.flag(same)).as(same).isSameAs(before.flag(same));
        }

        Event everyone = new Event.SegmentSaved(
                Vectors.ENVIRONMENT, new dev.andon.core.model.Segment("staff", "", new Condition.All(List.of())));
        Ruleset moved = after.advance(
                applied(after.image(), everyone), new ImageDelta.Touched(Set.of(), Set.of("staff"), false));

        assertThat(moved.evaluate("behind-segment", NOBODY).variant()).isEqualTo("on");
        for (String same : List.of("other", "parent", "child", "grandchild")) {
            assertThat(moved.flag(same)).as(same).isSameAs(after.flag(same));
        }
    }

    @Test
    void flags_that_require_each_other_fail_but_can_be_stopped() {
        Ruleset ruleset = new Rulesets()
                .requiring("a", "b")
                .requiring("b", "c")
                .requiring("c", "b")
                .ruleset();

        Evaluation evaluation = ruleset.evaluate("a", NOBODY);
        assertThat(evaluation.error()).isEqualTo(ErrorCode.GENERAL);
        assertThat(evaluation.message()).contains("b → c → b");
        assertThat(ruleset.withKills(List.of(KILL)).evaluate("a", NOBODY).reason())
                .isEqualTo(Reason.KILLED);
    }

    @Test
    void segments_that_build_on_each_other_fail() {
        Ruleset ruleset = new Rulesets()
                .segment("s", new Condition.Not(new Condition.InSegment("t")))
                .segment("t", new Condition.InSegment("s"))
                .when("a", new Condition.InSegment("t"))
                .ruleset();

        assertThat(ruleset.evaluate("a", NOBODY).message()).contains("t → s → t");
    }

    @Test
    void a_chain_may_be_as_long_as_the_limit_and_no_longer() {
        Rulesets chain = new Rulesets().on("f1");
        for (int i = 2; i <= Reach.MAX_DEPTH + 1; i++) {
            chain.requiring("f" + i, "f" + (i - 1));
        }
        Ruleset ruleset = chain.ruleset();

        assertThat(ruleset.evaluate("f" + Reach.MAX_DEPTH, NOBODY).variant()).isEqualTo("on");
        assertThat(ruleset.evaluate("f" + (Reach.MAX_DEPTH + 1), NOBODY).error())
                .isEqualTo(ErrorCode.GENERAL);
    }

    @Test
    void diamonds_that_would_take_for_ever_fail_at_once() {
        Rulesets diamonds = new Rulesets().on("a0").on("b0");
        for (int i = 1; i < 60; i++) {
            diamonds.requiring("a" + i, "a" + (i - 1), "b" + (i - 1));
            diamonds.requiring("b" + i, "a" + (i - 1), "b" + (i - 1));
        }
        Ruleset ruleset = diamonds.ruleset();

        assertThat(ruleset.evaluate("a10", NOBODY).variant()).isEqualTo("on");
        assertThat(ruleset.evaluate("a59", NOBODY).error()).isEqualTo(ErrorCode.GENERAL);
        assertThat(ruleset.evaluate("a59", NOBODY).message()).contains("" + Reach.MAX_STEPS);
    }

    @Test
    void a_segment_that_does_not_exist_holds_for_nobody() {
        Ruleset ruleset = new Rulesets()
                .when("a", new Condition.InSegment("gone"))
                .when("b", new Condition.Not(new Condition.InSegment("gone")))
                .ruleset();

        assertThat(ruleset.evaluate("a", NOBODY).variant()).isEqualTo("off");
        assertThat(ruleset.evaluate("b", NOBODY).variant()).isEqualTo("on");
    }

    @Test
    void numbers_of_every_class_compare_by_value() {
        Ruleset ruleset = new Rulesets()
                .when("seven", new Condition.In("n", List.of(Json.of(7))))
                .when("tenth", new Condition.In("n", List.of(Json.of(0.1))))
                .when("big", new Condition.In("n", List.of(Json.of(9007199254740993L))))
                .when("most", new Condition.In("n", List.of(Json.of(Long.MAX_VALUE))))
                .ruleset();

        for (Number seven : List.<Number>of(
                (byte) 7,
                (short) 7,
                7,
                7L,
                7f,
                7.0,
                BigInteger.valueOf(7),
                new BigDecimal("7.00"),
                new AtomicLong(7))) {
            assertThat(on(ruleset, "seven", seven)).as("%s", seven.getClass()).isTrue();
            assertThat(on(ruleset, "tenth", seven)).isFalse();
        }
        assertThat(on(ruleset, "tenth", 0.1)).isTrue();
        assertThat(on(ruleset, "tenth", new BigDecimal("0.1"))).isTrue();
        assertThat(on(ruleset, "tenth", 0.1f)).isFalse();
        assertThat(on(ruleset, "big", new BigDecimal("9007199254740993"))).isTrue();
        assertThat(on(ruleset, "big", 9007199254740992.0)).isFalse();
        assertThat(on(ruleset, "most", Long.MAX_VALUE)).isTrue();
        assertThat(on(ruleset, "most", 0x1p63)).isFalse();
        assertThat(on(ruleset, "most", BigInteger.ONE.shiftLeft(63))).isFalse();
        assertThat(on(ruleset, "seven", Double.NaN)).isFalse();
        assertThat(on(ruleset, "seven", new BigDecimal(BigInteger.ONE, Integer.MIN_VALUE)))
                .isFalse();
    }

    @Test
    void lists_are_looked_at_element_by_element_up_to_a_limit() {
        Ruleset ruleset = new Rulesets()
                .when("x", new Condition.In("n", List.of(Json.of("x"))))
                .ruleset();
        List<Object> linked = new AbstractSequentialList<>() {
            @Override
            public ListIterator<Object> listIterator(int index) {
                return List.<Object>of(1, "y", "x").listIterator(index);
            }

            @Override
            public int size() {
                throw new IllegalStateException("counting takes a walk");
            }
        };
        List<String> endless = Collections.nCopies(Integer.MAX_VALUE, "y");

        assertThat(on(ruleset, "x", List.of("y", "x"))).isTrue();
        assertThat(ruleset.evaluate("x", of(linked)).variant()).isEqualTo("on");
        assertThat(ruleset.evaluate("x", of(endless)).variant()).isEqualTo("off");
        assertThat(ruleset.explain("x", of(endless)).text()).contains("…");
    }

    @Test
    void a_half_surrogate_pair_counts_as_the_replacement_character() {
        assertThat(Murmur3.after("a").hash("\ud83c"))
                .isEqualTo(Murmur3.after("a").hash("\ufffd"))
                .isEqualTo(Murmur3.after("a\ud83c").hash(""))
                .isEqualTo(Murmur3.after("a").hash("\udf35"));
    }

    private static boolean on(Ruleset ruleset, String flag, Object value) {
        return ruleset.evaluate(flag, Context.EMPTY.with("n", value)).bool(false);
    }

    private static Context of(Object value) {
        return new HostileContextTest.Answering(() -> value);
    }

    private static Image applied(Image image, Event event) {
        return new ImageDelta(image).apply(2, event).build(image.provenance().at(2));
    }

    private static ImageDelta.Touched touched(Set<String> flags, boolean kills) {
        return new ImageDelta.Touched(flags, Set.of(), kills);
    }

    @Test
    void explanations_read_well() {
        Rule rule = new Rule(
                "Germany",
                new Condition.All(List.of(
                        new Condition.In("country", List.of(Json.of("DE"))), new Condition.InSegment("adults"))),
                new Serve.Split(
                        List.of(new Serve.Share("on", 1), new Serve.Share("off", 0)),
                        "targetingKey",
                        Optional.empty()));
        Ruleset ruleset = new Rulesets()
                .segment("adults", new Condition.NumberMatch("age", Condition.NumberOperator.AT_LEAST, 18))
                .on("parent")
                .flag(
                        "a",
                        ValueType.BOOLEAN,
                        Rulesets.bool(
                                List.of(new dev.andon.core.model.Prerequisite("parent", List.of("on"))),
                                List.of(rule),
                                new Serve.Fixed("off")))
                .ruleset()
                .withKills(List.of(Vectors.kill(
                        "9f86d081-3",
                        new TreeSet<>(Set.of("a")),
                        Optional.of(new Condition.Exists("bot")),
                        List.of(),
                        List.of())));

        String text = ruleset.explain("a", Context.of("u").with("country", "DE").with("age", 20))
                .text();

        assertThat(text).isEqualTo("""
            kill 9f86d081-3: other audience
              condition {"attribute":"bot","exists":true}: doesn't hold
            prerequisite parent: met
              fall-through parent: on STATIC at version 1
            rule 0 (Germany): holds
              condition all: holds
                condition {"attribute":"country","in":["DE"]}, saw "DE": holds
                segment adults: holds
                  condition {"attribute":"age","atLeast":18}, saw 20: holds
            split targetingKey, saw "u": bucket 0 of 1
            a: on SPLIT rule 0 at version 1
            """);
    }
}
