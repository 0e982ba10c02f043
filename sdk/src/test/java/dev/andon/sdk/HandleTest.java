package dev.andon.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.Attributes;
import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.ErrorCode;
import dev.andon.core.evaluate.Place;
import dev.andon.core.evaluate.Reason;
import dev.andon.core.json.Json;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import dev.andon.core.stream.Changes;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.HeldState;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HandleTest {
    private static final Context CALLER = Context.of("user-1").with("country", "DE");

    private final Ruled ruled = new Ruled()
            .bool("checkout", true)
            .bool("off", false)
            .targeted("targeted")
            .split("split")
            .flag(
                    "greeting",
                    ValueType.STRING,
                    Ruled.variants("hello", Json.of("Hello"), "off", Json.of("")),
                    true,
                    keep())
            .flag(
                    "limit",
                    ValueType.INTEGER,
                    Ruled.variants("high", Json.of(1L << 40), "off", Json.of(1)),
                    true,
                    keep())
            .flag("ratio", ValueType.NUMBER, Ruled.variants("half", Json.of(0.5), "off", Json.of(0)), true, keep())
            .flag(
                    "layout",
                    ValueType.OBJECT,
                    Ruled.variants(
                            "wide",
                            Json.object().put("columns", 3).build(),
                            "off",
                            Json.object().build()),
                    true,
                    keep());
    private final Engine engine = new Engine(Place.UNKNOWN);
    private final CallerDefaults defaults = new CallerDefaults();
    private final Handles handles = new Handles(engine, defaults);
    private HeldState held = HeldState.EMPTY;

    private static WhenBlind keep() {
        return new WhenBlind.Keep();
    }

    private void inForce() {
        HeldState.Outcome outcome = held.apply(ruled.snapshot());
        held = outcome.next();
        engine.put(held, Set.of(), outcome.changes(), 0);
    }

    private void kill(String flag) {
        HeldState.Outcome outcome = held.apply(new Frame.Kills(List.of(Ruled.kill(1, flag))));
        held = outcome.next();
        engine.put(held, Set.of(), outcome.changes(), 0);
    }

    @Test
    void each_type_gives_its_values() {
        inForce();
        assertThat(handles.bool("checkout").isOn(CALLER)).isTrue();
        assertThat(handles.string("greeting").value(CALLER, "?")).isEqualTo("Hello");
        assertThat(handles.integer("limit").value(CALLER, 0)).isEqualTo(1L << 40);
        assertThat(handles.number("ratio").value(CALLER, 0)).isEqualTo(0.5);
        assertThat(handles.number("limit").value(CALLER, 0)).isEqualTo(1L << 40);
        assertThat(handles.object("layout").value(CALLER, Json.of(0)).text()).isEqualTo("{\"columns\":3}");
    }

    @Test
    void what_is_missing_or_of_another_type_gives_the_default_and_says_why() {
        assertThat(handles.bool("checkout").evaluate(CALLER, true).error()).contains(ErrorCode.NOT_READY);
        inForce();
        Details<Boolean> unknown = handles.bool("nothing").evaluate(CALLER, true);
        assertThat(unknown.value()).isTrue();
        assertThat(unknown.error()).contains(ErrorCode.FLAG_NOT_FOUND);
        Details<String> mistyped = handles.string("checkout").evaluate(CALLER, "?");
        assertThat(mistyped.value()).isEqualTo("?");
        assertThat(mistyped.error()).contains(ErrorCode.TYPE_MISMATCH);
        assertThat(mistyped.variant()).isEmpty();
        assertThat(handles.bool("split").evaluate(Context.EMPTY, true).error())
                .contains(ErrorCode.TARGETING_KEY_MISSING);
    }

    @Test
    void a_handle_follows_every_change() {
        BoolFlag checkout = handles.bool("checkout");
        assertThat(handles.bool("checkout")).isSameAs(checkout);
        assertThat(checkout.isOn(CALLER)).isFalse();
        inForce();
        assertThat(checkout.isOn(CALLER)).isTrue();
        kill("checkout");
        assertThat(checkout.evaluate(CALLER, true).reason()).isEqualTo(Reason.KILLED);
        ruled.settle(Ruled.kill(1, "checkout")).restore(Ruled.kill(1, "checkout"));
        inForce();
        assertThat(checkout.isOn(CALLER)).isTrue();
    }

    @Test
    void it_never_throws_whatever_the_context_does() {
        inForce();
        BoolFlag targeted = handles.bool("targeted");
        Context failing = new Context() {
            @Override
            public String targetingKey() {
                throw new IllegalStateException("no key today");
            }

            @Override
            public Object attribute(String name) {
                throw new StackOverflowError();
            }
        };
        assertThat(targeted.value(failing, true)).isTrue();
        assertThat(targeted.evaluate(failing, true).error()).contains(ErrorCode.GENERAL);
        assertThat(targeted.value(null, true)).isFalse();
        assertThat(handles.string("nothing").value(CALLER, null)).isNull();
        assertThat(handles.number("nothing").value(CALLER, Double.NaN)).isNaN();
        assertThat(defaults.next()).isEqualTo(Map.of("targeted", Json.of(true)));
    }

    @Test
    void evaluation_allocates_nothing() {
        inForce();
        kill("off");
        BoolFlag checkout = handles.bool("checkout");
        BoolFlag targeted = handles.bool("targeted");
        BoolFlag killed = handles.bool("off");
        BoolFlag unknown = handles.bool("nothing");
        StringFlag greeting = handles.string("greeting");
        IntegerFlag limit = handles.integer("limit");
        NumberFlag ratio = handles.number("ratio");
        Attributes caller = Context.of("user-1").with("country", "DE");
        assertThat(bytesPerCall(() -> checkout.isOn(caller))).isZero();
        assertThat(bytesPerCall(() -> targeted.value(caller, true))).isZero();
        assertThat(bytesPerCall(() -> killed.isOn(caller))).isZero();
        assertThat(bytesPerCall(() -> unknown.isOn(caller))).isZero();
        assertThat(bytesPerCall(() -> greeting.value(caller, "?").isEmpty())).isZero();
        assertThat(bytesPerCall(() -> limit.value(caller, 7) == 7)).isZero();
        assertThat(bytesPerCall(() -> ratio.value(caller, 7) == 7)).isZero();
    }

    private static long bytesPerCall(BooleanSupplier evaluation) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int calls = 20_000;
        long trues = 0;
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < calls; i++) {
                trues += evaluation.getAsBoolean() ? 1 : 0;
            }
            best = Math.min(best, (threads.getCurrentThreadAllocatedBytes() - before) / calls);
        }
        assertThat(trues).isNotNegative();
        return best;
    }

    @Test
    void every_evaluation_is_counted_once_by_the_generation_that_served_it() throws InterruptedException {
        inForce();
        BoolFlag checkout = handles.bool("checkout");
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong on = new AtomicLong();
        AtomicLong off = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                while (!stop.get()) {
                    (checkout.isOn(CALLER) ? on : off).incrementAndGet();
                }
            });
            thread.start();
            threads.add(thread);
        }
        long countedOn = 0;
        long countedOff = 0;
        List<Frame.Exposures> drained = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            ruled.bool("checkout", i % 2 == 0);
            HeldState.Outcome outcome = held.apply(ruled.patch());
            held = outcome.next();
            engine.put(held, Set.of(), outcome.changes(), i);
            drained.addAll(engine.drain(i));
        }
        stop.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        drained.addAll(engine.drain(201));
        for (Frame.Exposures exposures : drained) {
            Map<String, Long> counts = exposures.counts().get("checkout");
            // The first is on, and so is every other version after it.
            boolean servesOn = exposures.version() <= 9 || exposures.version() % 2 == 0;
            assertThat(counts).as("version " + exposures.version()).containsOnlyKeys(servesOn ? "on" : "off");
            countedOn += counts.getOrDefault("on", 0L);
            countedOff += counts.getOrDefault("off", 0L);
        }
        assertThat(countedOn).isEqualTo(on.get());
        assertThat(countedOff).isEqualTo(off.get());
        assertThat(engine.drain(202)).isEmpty();
    }

    @Test
    void a_generation_that_holds_a_kill_is_told_from_one_that_does_not() {
        inForce();
        BoolFlag checkout = handles.bool("checkout");
        checkout.isOn(CALLER);
        kill("checkout");
        checkout.isOn(CALLER);
        checkout.isOn(CALLER);

        List<Frame.Exposures> drained = engine.drain(0);
        assertThat(drained).hasSize(2);
        assertThat(drained.get(0).pending()).isEmpty();
        assertThat(drained.get(0).counts()).isEqualTo(Map.of("checkout", Map.of("on", 1L)));
        assertThat(drained.get(1).pending())
                .containsExactly(Ruled.kill(1, "checkout").id());
        assertThat(drained.get(1).counts()).isEqualTo(Map.of("checkout", Map.of("off", 2L)));
    }

    @Test
    void a_replaced_generation_is_forgotten_once_it_is_quiet() {
        inForce();
        for (int i = 0; i < 100; i++) {
            engine.put(held, Set.of(), Changes.NONE, i);
        }
        engine.drain(5_000);
        engine.drain(20_000);
        assertThat(engine.retiredGenerations()).isZero();
    }

    @Test
    void callers_defaults_are_told_once_for_each_value_and_again_to_another_server() {
        inForce();
        StringFlag greeting = handles.string("greeting");
        for (int i = 0; i < 100; i++) {
            greeting.value(CALLER, "default " + i % 20);
        }
        handles.bool("checkout").isOn(CALLER);
        List<Map<String, Json>> told = drainDefaults();
        assertThat(told.get(0)).containsOnlyKeys("greeting", "checkout");
        assertThat(told).as("a caller that makes up defaults is cut off").hasSize(CallerDefaults.MAX_PER_FLAG);
        greeting.value(CALLER, "default 1");
        assertThat(drainDefaults()).isEmpty();
        defaults.forgetSent();
        assertThat(drainDefaults()).hasSize(CallerDefaults.MAX_PER_FLAG);
    }

    private List<Map<String, Json>> drainDefaults() {
        List<Map<String, Json>> all = new ArrayList<>();
        for (Map<String, Json> next = defaults.next(); !next.isEmpty(); next = defaults.next()) {
            all.add(next);
        }
        return all;
    }

    @Test
    void a_server_hears_of_a_lift_although_the_report_of_it_got_stuck() {
        Frame.LocalStops stopped = new Frame.LocalStops(
                List.of(new Frame.LocalStops.Standing(
                        new LocalStop(LocalStop.Source.CODE, new Target.OneFlag("checkout"), "why"), 1)),
                List.of());
        AtomicReference<Frame.LocalStops> local = new AtomicReference<>(Frame.LocalStops.NONE);
        Reports reports = new Reports(engine, defaults, local::get);
        assertThat(reports.due(0)).isEmpty();
        local.set(stopped);
        assertThat(told(reports)).containsExactly(stopped);
        local.set(Frame.LocalStops.NONE);
        reports.connected();
        List<Frame.Report> due = reports.due(0);
        assertThat(due).hasSize(1);
        due.forEach(reports::keep);
        assertThat(told(reports)).containsExactly(Frame.LocalStops.NONE);
        assertThat(told(reports)).isEmpty();
        reports.connected();
        assertThat(told(reports)).isEmpty();
    }

    private static List<Frame.LocalStops> told(Reports reports) {
        return reports.due(0).stream()
                .flatMap(report -> report.local().stream())
                .toList();
    }

    @Test
    void reports_stay_within_the_servers_limit_and_lose_nothing() {
        List<String> keys = IntStream.range(0, 6_000)
                .mapToObj(i -> "a-flag-with-a-long-name-" + "x".repeat(60) + i)
                .toList();
        HeldState.Outcome outcome =
                HeldState.EMPTY.apply(new Ruled().bools(keys).snapshot());
        engine.put(outcome.next(), Set.of(), outcome.changes(), 0);
        keys.forEach(key -> handles.bool(key).isOn(CALLER));
        Reports reports = new Reports(engine, defaults, () -> Frame.LocalStops.NONE);
        List<Frame.Report> due = reports.due(0);
        assertThat(due)
                .hasSizeGreaterThan(1)
                .allSatisfy(report -> assertThat(dev.andon.core.stream.FrameCodec.encode(report).length)
                        .isLessThan(dev.andon.core.stream.FrameCodec.FROM_CLIENT.bytes()));
        assertThat(counted(due)).isEqualTo(6_000);
        assertThat(due.stream().mapToInt(report -> report.defaults().size()).sum())
                .isEqualTo(6_000);
        due.forEach(reports::keep);
        assertThat(counted(reports.due(1))).as("what couldn't be sent").isEqualTo(6_000);
        assertThat(reports.due(2)).isEmpty();
    }

    private static long counted(List<Frame.Report> reports) {
        return reports.stream()
                .flatMap(report -> report.exposures().stream())
                .flatMap(exposures -> exposures.counts().values().stream())
                .flatMap(counts -> counts.values().stream())
                .mapToLong(Long::longValue)
                .sum();
    }
}
