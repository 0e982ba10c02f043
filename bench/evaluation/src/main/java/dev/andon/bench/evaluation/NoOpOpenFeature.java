package dev.andon.bench.evaluation;

import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.EvaluationContext;
import dev.openfeature.sdk.NoOpProvider;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The OpenFeature SDK by itself, with its provider that gives everybody the default. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class NoOpOpenFeature {
    private final Client client = OpenFeatureClients.of("no-op", new NoOpProvider());
    private final EvaluationContext[] contexts = OpenFeatureClients.contexts();
    private int next;

    @Benchmark
    public boolean constant() {
        return client.getBooleanValue(Flags.CONSTANT, false, contexts[next++ & Caller.USERS - 1]);
    }
}
