package dev.andon.bench.evaluation;

import dev.openfeature.contrib.providers.flagd.Config;
import dev.openfeature.contrib.providers.flagd.FlagdOptions;
import dev.openfeature.contrib.providers.flagd.FlagdProvider;
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

/** flagd's provider, in the process, from a file. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Flagd {
    private static final int START_MS = 30_000;

    private final Client client = OpenFeatureClients.of(
            "flagd",
            new FlagdProvider(FlagdOptions.builder()
                    .resolverType(Config.Resolver.FILE)
                    .offlineFlagSourcePath(Flags.file(document()).toString())
                    .deadline(START_MS)
                    .build()));
    private final EvaluationContext[] contexts = OpenFeatureClients.contexts();
    private int next;

    public Flagd() {
        OpenFeatureClients.check(client, contexts);
    }

    private static String document() {
        String head = "{\"state\":\"ENABLED\",\"variants\":{\"on\":true,\"off\":false},\"defaultVariant\":";
        return "{\"flags\":{"
                + Flags.all(
                        "\"" + Flags.CONSTANT + "\":" + head + "\"on\"}",
                        key -> "\"" + key + "\":" + head
                                + "\"off\",\"targeting\":{\"if\":[{\"in\":[{\"var\":\"country\"},"
                                + "[\"DE\",\"AT\"]]},{\"fractional\":[[\"on\",50],[\"off\",50]]},\"off\"]}}")
                + "}}";
    }

    @Benchmark
    public boolean constant() {
        return client.getBooleanValue(Flags.CONSTANT, false, contexts[next++ & Caller.USERS - 1]);
    }

    @Benchmark
    public boolean split() {
        return client.getBooleanValue(Flags.SPLIT, false, contexts[next++ & Caller.USERS - 1]);
    }

    @TearDown
    public void close() {
        OpenFeatureAPI.getInstance().shutdown();
    }
}
