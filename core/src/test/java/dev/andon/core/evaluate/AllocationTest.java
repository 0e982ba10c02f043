package dev.andon.core.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Serve;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllocationTest {
    private static final int RUNS = 2_000;
    private static final Serve HALF = new Serve.Split(
            List.of(new Serve.Share("off", 50), new Serve.Share("on", 50)), "targetingKey", Optional.empty());
    private static final Condition COUNTRY = new Condition.In("country", List.of(Json.of("DE"), Json.of("AT")));

    private final Ruleset ruleset = ruleset();
    private final Context context = Context.of("user-Ω-🌵")
            .with("country", "AT")
            .with("age", 21)
            .with("groups", List.of("a", 3L, "staff"))
            .with("email", "ann@corp.example");

    private static Ruleset ruleset() {
        Condition adult = new Condition.NumberMatch("age", Condition.NumberOperator.AT_LEAST, 18);
        Condition corporate = new Condition.TextMatch(
                "email", Condition.TextOperator.ENDS_WITH, List.of("@other.example", "@corp.example"));
        StandingKill everyone = kill("9f86d081-1", Optional.empty(), "killed", "killed-parent");
        StandingKill some = kill("9f86d081-2", Optional.of(COUNTRY), "killed-for-some");
        return new Rulesets()
                .on("constant")
                .when("rule", new Condition.All(List.of(COUNTRY, adult, corporate)))
                .when("list", new Condition.In("groups", List.of(Json.of("staff"))))
                .when("number", new Condition.In("age", List.of(Json.of(21.0))))
                .when("exists", new Condition.Not(new Condition.Exists("absent")))
                .flag("split", ValueType.BOOLEAN, Rulesets.bool(List.of(), List.of(), HALF))
                .flag(
                        "rule-and-split",
                        ValueType.BOOLEAN,
                        Rulesets.bool(List.of(), List.of(new Rule("", COUNTRY, HALF)), new Serve.Fixed("off")))
                .segment("adults", adult)
                .segment("corporate", new Condition.All(List.of(new Condition.InSegment("adults"), corporate)))
                .when("segment", new Condition.InSegment("corporate"))
                .when("none", new Condition.In("country", List.of(Json.of("US"))))
                .on("killed")
                .on("killed-parent")
                .on("killed-for-some")
                .on("blind")
                .requiring("met", "constant", "rule")
                .requiring("unmet", "constant", "none")
                .requiring("stopped", "killed-parent")
                .ruleset()
                .withKills(List.of(everyone, some))
                .withBlind(Set.of("blind"));
    }

    @ParameterizedTest
    @CsvSource({"constant, KILLED_LOCALLY", "killed, KILLED_LOCALLY", "met, PREREQUISITE", "absent, KILLED_LOCALLY"})
    void evaluation_of_what_this_process_stops_allocates_nothing(String flag, Reason reason) {
        Ruleset stopped = ruleset.withLocalStops(List.of(
                local(new Target.OneFlag("constant")),
                local(new Target.OneFlag("killed")),
                local(new Target.OneFlag("absent"))));
        assertThat(stopped.evaluate(flag, context).reason()).isEqualTo(reason);
        assertThat(Allocation.ofRuns(RUNS, () -> stopped.evaluate(flag, context)))
                .isZero();
    }

    private static LocalStop local(Target target) {
        return new LocalStop(LocalStop.Source.CODE, target, "because");
    }

    private static StandingKill kill(String id, Optional<Condition> audience, String... flags) {
        return Vectors.kill(id, new TreeSet<>(List.of(flags)), audience, List.of(), List.of());
    }

    @ParameterizedTest
    @CsvSource({
        "constant, STATIC",
        "rule, TARGETING_MATCH",
        "list, TARGETING_MATCH",
        "number, TARGETING_MATCH",
        "exists, TARGETING_MATCH",
        "split, SPLIT",
        "rule-and-split, SPLIT",
        "segment, TARGETING_MATCH",
        "none, FALLTHROUGH",
        "killed, KILLED",
        "killed-for-some, KILLED",
        "blind, BLIND",
        "met, FALLTHROUGH",
        "unmet, PREREQUISITE",
        "stopped, PREREQUISITE",
        "absent, ERROR"
    })
    void evaluation_allocates_nothing(String flag, Reason reason) {
        assertThat(ruleset.evaluate(flag, context).reason()).isEqualTo(reason);
        assertThat(Allocation.ofRuns(RUNS, () -> ruleset.evaluate(flag, context)))
                .isZero();
        assertThat(Allocation.ofRuns(
                        RUNS,
                        () -> ruleset.evaluate(flag, ValueType.BOOLEAN, context).bool(false)))
                .isZero();
        CompiledFlag handle = ruleset.flag(flag);
        if (handle != null) {
            assertThat(Allocation.ofRuns(RUNS, () -> ruleset.evaluate(handle, context)))
                    .isZero();
        }
    }

    @Test
    void evaluation_under_a_kill_of_everything_allocates_nothing() {
        Ruleset stopped = ruleset.withKills(List.of(everything("9f86d081-1")));
        for (String flag : List.of("constant", "rule", "split", "segment", "met", "stopped", "blind")) {
            assertThat(stopped.evaluate(flag, context).reason()).isEqualTo(Reason.KILLED);
            assertThat(Allocation.ofRuns(RUNS, () -> stopped.evaluate(flag, context)))
                    .isZero();
        }
    }

    @Test
    void a_kill_costs_the_same_however_many_flags_there_are() {
        List<Long> bytes = new ArrayList<>();
        for (int flags : List.of(10, 5_000)) {
            Ruleset all = many(flags);
            List<StandingKill> kills = List.of(kill("9f86d081-1", Optional.empty(), "flag-7"));
            bytes.add(Allocation.ofRuns(10, () -> all.withKills(kills)));
            assertThat(all.withKills(kills).flag("flag-7")).isSameAs(all.flag("flag-7"));
        }
        assertThat(bytes.get(1)).isEqualTo(bytes.get(0));
    }

    @Test
    void a_kill_costs_the_same_however_many_flags_another_one_holds() {
        List<Long> bytes = new ArrayList<>();
        for (int flags : List.of(10, 5_000)) {
            Ruleset stopped = many(flags).withKills(List.of(everything("9f86d081-2")));
            List<StandingKill> kills =
                    List.of(kill("9f86d081-1", Optional.empty(), "flag-7"), everything("9f86d081-2"));
            bytes.add(Allocation.ofRuns(10, () -> stopped.withKills(kills)));
            assertThat(stopped.withKills(kills).evaluate("flag-7", context).kill())
                    .hasToString("9f86d081-1");
            assertThat(stopped.withKills(kills).evaluate("flag-8", context).kill())
                    .hasToString("9f86d081-2");
        }
        assertThat(bytes.get(1)).isEqualTo(bytes.get(0));
    }

    private static Ruleset many(int flags) {
        Rulesets many = new Rulesets();
        for (int i = 0; i < flags; i++) {
            many.on("flag-" + i);
        }
        return many.ruleset();
    }

    private static StandingKill everything(String id) {
        return Vectors.kill(id, new Target.Everything(), new TreeSet<>(), Optional.empty(), List.of(), List.of());
    }
}
