package dev.andon.bench.evaluation;

import dev.andon.core.evaluate.Context;
import dev.andon.sdk.Andon;
import dev.andon.sdk.BoolFlag;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Andon's native handles, connected to a server, with counts on as always. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AndonHandles {
    private final Andon andon = Connected.andon();
    private final Context[] contexts =
            Caller.contexts(user -> Context.of(user).with("country", Caller.COUNTRY), new Context[0]);
    private final BoolFlag constant = andon.bool(Flags.CONSTANT);
    private final BoolFlag rule = andon.bool("rule");
    private final BoolFlag split = andon.bool(Flags.SPLIT);
    private final BoolFlag segment = andon.bool("segment");
    private final BoolFlag killed = andon.bool("killed");
    private final BoolFlag prerequisite = andon.bool("prerequisite");
    private int next;

    public AndonHandles() {
        int in = 0;
        for (Context context : contexts) {
            in += split.isOn(context) ? 1 : 0;
        }
        Flags.check(
                constant.isOn(contexts[0])
                        && rule.isOn(contexts[0])
                        && segment.isOn(contexts[0])
                        && !killed.isOn(contexts[0])
                        && prerequisite.isOn(contexts[0]),
                in);
    }

    private Context context() {
        return contexts[next++ & Caller.USERS - 1];
    }

    @Benchmark
    public boolean constant() {
        return constant.isOn(context());
    }

    @Benchmark
    public boolean rule() {
        return rule.isOn(context());
    }

    @Benchmark
    public boolean split() {
        return split.isOn(context());
    }

    @Benchmark
    public boolean segment() {
        return segment.isOn(context());
    }

    @Benchmark
    public boolean killed() {
        return killed.isOn(context());
    }

    @Benchmark
    public boolean prerequisite() {
        return prerequisite.isOn(context());
    }

    @TearDown
    public void close() {
        andon.close();
    }
}
