package dev.andon.bench.evaluation;

import io.getunleash.DefaultUnleash;
import io.getunleash.UnleashContext;
import io.getunleash.util.UnleashConfig;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Unleash's SDK, from a bootstrap document, without polling and without metrics. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Unleash {
    private static final long START_NANOS = 60_000_000_000L;

    private final DefaultUnleash client = new DefaultUnleash(UnleashConfig.builder()
            .appName("application")
            .instanceId("instance")
            .unleashAPI("http://127.0.0.1:9/api/")
            .apiKey("no-key")
            .backupFile(Flags.absentFile())
            .disablePolling()
            .disableMetrics()
            .toggleBootstrapProvider(() -> Optional.of(document()))
            .build());
    private final UnleashContext[] contexts = Caller.contexts(
            user -> UnleashContext.builder()
                    .userId(user)
                    .addProperty("country", Caller.COUNTRY)
                    .build(),
            new UnleashContext[0]);
    private int next;

    public Unleash() {
        // It takes its document in the background.
        long startNanos = System.nanoTime();
        while (!client.isEnabled(Flags.CONSTANT, contexts[0]) && System.nanoTime() - startNanos < START_NANOS) {
            LockSupport.parkNanos(10_000_000);
        }
        int in = 0;
        for (UnleashContext context : contexts) {
            in += client.isEnabled(Flags.SPLIT, context) ? 1 : 0;
        }
        Flags.check(client.isEnabled(Flags.CONSTANT, contexts[0]), in);
    }

    private static String document() {
        return "{\"version\":2,\"features\":["
                + Flags.all(
                        flag(Flags.CONSTANT, "{\"name\":\"default\",\"parameters\":{},\"constraints\":[]}"),
                        key -> flag(
                                key,
                                "{\"name\":\"flexibleRollout\",\"parameters\":{\"rollout\":\"50\",\"stickiness\":\"userId\","
                                    + "\"groupId\":\"" + key + "\"},\"constraints\":[{\"contextName\":\"country\","
                                        + "\"operator\":\"IN\",\"values\":[\"DE\",\"AT\"]}]}"))
                + "]}";
    }

    private static String flag(String key, String strategy) {
        return "{\"name\":\"" + key + "\",\"type\":\"release\",\"enabled\":true,\"stale\":false,\"strategies\":["
                + strategy + "],\"variants\":[]}";
    }

    @Benchmark
    public boolean constant() {
        return client.isEnabled(Flags.CONSTANT, contexts[next++ & Caller.USERS - 1]);
    }

    @Benchmark
    public boolean split() {
        return client.isEnabled(Flags.SPLIT, contexts[next++ & Caller.USERS - 1]);
    }

    @TearDown
    public void close() {
        client.shutdown();
    }
}
