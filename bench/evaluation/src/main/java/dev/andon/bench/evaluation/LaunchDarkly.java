package dev.andon.bench.evaluation;

import com.launchdarkly.sdk.LDContext;
import com.launchdarkly.sdk.server.Components;
import com.launchdarkly.sdk.server.LDClient;
import com.launchdarkly.sdk.server.LDConfig;
import com.launchdarkly.sdk.server.integrations.FileData;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** LaunchDarkly's SDK, from a file, without events: it counts nothing. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LaunchDarkly {
    private final LDClient client = new LDClient(
            "no-key",
            new LDConfig.Builder()
                    .dataSource(FileData.dataSource().filePaths(Flags.file(document())))
                    .events(Components.noEvents())
                    .diagnosticOptOut(true)
                    .logging(Components.noLogging())
                    .build());
    private final LDContext[] contexts = Caller.contexts(
            user -> LDContext.builder(user).set("country", Caller.COUNTRY).build(), new LDContext[0]);
    private int next;

    public LaunchDarkly() {
        int in = 0;
        for (LDContext context : contexts) {
            in += client.boolVariation(Flags.SPLIT, context, false) ? 1 : 0;
        }
        Flags.check(client.boolVariation(Flags.CONSTANT, contexts[0], false), in);
    }

    private static String document() {
        return "{\"flags\":{"
                + Flags.all(
                        flag(Flags.CONSTANT, 0, ""),
                        key -> flag(
                                key,
                                1,
                                "{\"id\":\"rule\",\"clauses\":[{\"attribute\":\"country\",\"op\":\"in\",\"values\":[\"DE\","
                                    + "\"AT\"]}],\"rollout\":{\"variations\":[{\"variation\":0,\"weight\":50000},"
                                    + "{\"variation\":1,\"weight\":50000}]}}"))
                + "}}";
    }

    private static String flag(String key, int fallThrough, String rule) {
        return "\"" + key + "\":{\"key\":\"" + key + "\",\"version\":1,\"on\":true,\"salt\":\"salt\","
                + "\"variations\":[true,false],\"offVariation\":1,\"fallthrough\":{\"variation\":" + fallThrough
                + "},\"rules\":[" + rule + "]}";
    }

    @Benchmark
    public boolean constant() {
        return client.boolVariation(Flags.CONSTANT, contexts[next++ & Caller.USERS - 1], false);
    }

    @Benchmark
    public boolean split() {
        return client.boolVariation(Flags.SPLIT, contexts[next++ & Caller.USERS - 1], false);
    }

    @TearDown
    public void close() throws IOException {
        client.close();
    }
}
