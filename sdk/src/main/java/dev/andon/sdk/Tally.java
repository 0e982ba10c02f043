package dev.andon.sdk;

import dev.andon.core.evaluate.CompiledFlag;
import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * How often one ruleset generation served which variant. Evaluations count without a lock, also after the generation was
 * replaced: one that began before still belongs to it. {@link #drain} is called by one thread.
 */
final class Tally {
    private final long version;
    private final List<KillId> pending;
    private final AtomicReference<@Nullable Counts> newest = new AtomicReference<>();

    /** One handle's counts; linked to those that were made before. */
    static final class Counts {
        private final CompiledFlag flag;
        private final LongAdder[] served;
        private final long[] reported;
        private final @Nullable Counts older;

        private Counts(CompiledFlag flag, @Nullable Counts older) {
            this.flag = flag;
            this.older = older;
            this.served = new LongAdder[flag.variants()];
            this.reported = new long[served.length];
            for (int i = 0; i < served.length; i++) {
                served[i] = new LongAdder();
            }
        }

        void count(int variant) {
            served[variant].increment();
        }
    }

    Tally(long version, List<KillId> pending) {
        this.version = version;
        this.pending = pending;
    }

    /** An empty one for what follows at the same state. */
    Tally again() {
        return new Tally(version, pending);
    }

    /** Counts for a handle. Two threads that bind the same handle at once get one each; both are reported. */
    Counts countsFor(CompiledFlag flag) {
        while (true) {
            Counts older = newest.get();
            Counts counts = new Counts(flag, older);
            if (newest.compareAndSet(older, counts)) {
                return counts;
            }
        }
    }

    /** What was counted since the last time; null if nothing was. */
    Frame.@Nullable Exposures drain() {
        Map<String, Map<String, Long>> byFlag = new HashMap<>();
        for (Counts counts = newest.get(); counts != null; counts = counts.older) {
            for (int i = 0; i < counts.served.length; i++) {
                // Counts only grow, so that what this sum misses is in the next one.
                long sum = counts.served[i].sum();
                long fresh = sum - counts.reported[i];
                if (fresh > 0) {
                    counts.reported[i] = sum;
                    byFlag.computeIfAbsent(counts.flag.key(), key -> new HashMap<>())
                            .merge(counts.flag.variant(i), fresh, Long::sum);
                }
            }
        }
        return byFlag.isEmpty() ? null : new Frame.Exposures(version, pending, byFlag);
    }
}
