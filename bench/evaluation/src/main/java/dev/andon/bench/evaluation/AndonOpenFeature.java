package dev.andon.bench.evaluation;

import dev.andon.sdk.Andon;
import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.EvaluationContext;
import dev.openfeature.sdk.OpenFeatureAPI;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Andon behind the OpenFeature SDK, with counts on as always. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AndonOpenFeature {
    private final Andon andon = Connected.andon();
    private final Client client = OpenFeatureClients.of("andon", andon.openFeatureProvider());
    private final EvaluationContext[] contexts = OpenFeatureClients.contexts();
    private int next;

    public AndonOpenFeature() {
        OpenFeatureClients.check(client, contexts);
    }

    private boolean evaluate(String flag) {
        return client.getBooleanValue(flag, false, contexts[next++ & Caller.USERS - 1]);
    }

    @Benchmark
    public boolean constant() {
        return evaluate(Flags.CONSTANT);
    }

    @Benchmark
    public boolean rule() {
        return evaluate("rule");
    }

    @Benchmark
    public boolean split() {
        return evaluate(Flags.SPLIT);
    }

    @Benchmark
    public boolean segment() {
        return evaluate("segment");
    }

    @Benchmark
    public boolean killed() {
        return evaluate("killed");
    }

    @Benchmark
    public boolean prerequisite() {
        return evaluate("prerequisite");
    }

    @TearDown
    public void close() {
        OpenFeatureAPI.getInstance().shutdown();
        andon.close();
    }
}
