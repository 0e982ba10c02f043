package dev.andon.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Place;
import dev.andon.core.event.Event;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.HeldState;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The baseline of what an evaluation allocates, counts included: nothing, whatever decides. */
class AllocationTest {
    private static final int CALLS = 20_000;
    private static final Serve ON = new Serve.Fixed("on");
    private static final Serve OFF = new Serve.Fixed("off");
    private static final Serve HALF = new Serve.Split(
            List.of(new Serve.Share("on", 50), new Serve.Share("off", 50)), Serve.TARGETING_KEY, Optional.empty());
    private static final Condition COUNTRY = new Condition.In("country", List.of(Json.of("DE"), Json.of("AT")));

    private final Context caller = Context.of("user-4711").with("country", "DE");
    private final Engine engine = new Engine(Place.UNKNOWN);
    private final Handles handles = new Handles(engine, new CallerDefaults());

    private static Event configured(String flag, List<Prerequisite> needs, List<Rule> rules, Serve otherwise) {
        Map<String, Json> variants = Ruled.variants("on", Json.of(true), "off", Json.of(false));
        return new Event.ConfigurationSaved(
                "production",
                flag,
                new Configuration(variants, "off", true, needs, rules, otherwise, new WhenBlind.Keep()));
    }

    private void inForce() {
        Ruled ruled =
                new Ruled().append(new Event.SegmentSaved("production", new Segment("german-speaking", "", COUNTRY)));
        for (String flag : List.of("constant", "rule", "split", "segment", "killed", "prerequisite")) {
            ruled.append(new Event.FlagSaved(new Flag(
                    flag,
                    FlagKind.RELEASE,
                    ValueType.BOOLEAN,
                    "team",
                    "",
                    new TreeSet<>(),
                    OptionalInt.empty(),
                    false)));
        }
        ruled.append(
                configured("constant", List.of(), List.of(), ON),
                configured("killed", List.of(), List.of(), ON),
                configured("rule", List.of(), List.of(new Rule("", COUNTRY, ON)), OFF),
                configured("split", List.of(), List.of(new Rule("", COUNTRY, HALF)), OFF),
                configured(
                        "segment",
                        List.of(),
                        List.of(new Rule("", new Condition.InSegment("german-speaking"), ON)),
                        OFF),
                configured("prerequisite", List.of(new Prerequisite("rule", List.of("on"))), List.of(), ON));
        HeldState.Outcome first = HeldState.EMPTY.apply(ruled.snapshot());
        HeldState.Outcome killed = first.next().apply(new Frame.Kills(List.of(Ruled.kill(1, "killed"))));
        engine.put(killed.next(), Set.of(), first.changes(), 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"constant", "rule", "split", "segment", "killed", "prerequisite"})
    void an_evaluation_that_is_counted_allocates_nothing(String key) {
        inForce();
        BoolFlag flag = handles.bool(key);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long best = Long.MAX_VALUE;
        int rounds = 5;
        for (int round = 0; round < rounds; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                flag.isOn(caller);
            }
            best = Math.min(best, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(best / CALLS).as("bytes for one evaluation").isZero();
        long counted = engine.drain(0).stream()
                .flatMap(exposures -> exposures.counts().getOrDefault(key, Map.of()).values().stream())
                .mapToLong(Long::longValue)
                .sum();
        assertThat(counted).isEqualTo((long) rounds * CALLS);
    }

    @Test
    void all_kinds_decide_as_they_are_named() {
        inForce();
        assertThat(handles.bool("constant").isOn(caller)).isTrue();
        assertThat(handles.bool("rule").isOn(caller)).isTrue();
        assertThat(handles.bool("segment").isOn(caller)).isTrue();
        assertThat(handles.bool("prerequisite").isOn(caller)).isTrue();
        assertThat(handles.bool("killed").isOn(caller)).isFalse();
        assertThat(handles.bool("rule").isOn(Context.of("user-1").with("country", "US")))
                .isFalse();
    }
}
