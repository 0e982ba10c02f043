package dev.andon.server.ofrep;

import dev.andon.core.evaluate.CompiledFlag;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.server.node.ServedState;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What flags are answered with, as bytes, made once for each environment's state: evaluation hands out the same outcomes
 * again and again. Those of a state go when a later one of its environment is asked for. Bounded by bytes; when they are
 * too many, all go. Thread-safe.
 */
final class EncodedAnswers {
    /** All that is kept, with what keeping it takes. */
    static final long MOST_BYTES = 32L << 20;

    /** Larger ones are made each time. */
    static final int LARGEST_BYTES = 16 << 10;

    /** About what an entry takes besides its answer. */
    private static final int ENTRY_BYTES = 256;

    private final Map<String, OfState> byEnvironment = new ConcurrentHashMap<>();
    private long bytes;

    /** The answers in one state of an environment. */
    final class OfState {
        private final String environment;
        private final String id;

        /** Outcomes are told apart as objects: each belongs to one flag, but for those without a value, which aren't kept. */
        private final Map<Evaluation, byte[]> kept = new ConcurrentHashMap<>();

        private long keptBytes;
        private boolean dropped;

        private OfState(String environment, String id) {
            this.environment = environment;
            this.id = id;
        }

        /** One flag's evaluation in JSON, or why there is none. Not to be changed. */
        byte[] of(CompiledFlag flag, Evaluation evaluation) {
            byte[] known = kept.get(evaluation);
            if (known != null) {
                return known;
            }
            byte[] made = Answers.flag(flag.key(), evaluation, flag.type(), environment)
                    .utf8();
            if (!evaluation.usesDefault() && made.length <= LARGEST_BYTES) {
                keep(this, evaluation, made);
            }
            return made;
        }
    }

    OfState of(ServedState state) {
        return of(state.environment(), state.id());
    }

    /** @param id tells a state from every other one */
    OfState of(String environment, String id) {
        OfState known = byEnvironment.get(environment);
        return known != null && known.id.equals(id) ? known : anew(environment, id);
    }

    private synchronized OfState anew(String environment, String id) {
        OfState made = new OfState(environment, id);
        OfState before = byEnvironment.put(environment, made);
        if (before != null) {
            drop(before);
        }
        return made;
    }

    private synchronized void keep(OfState state, Evaluation evaluation, byte[] made) {
        long more = (long) made.length + ENTRY_BYTES;
        if (bytes + more > MOST_BYTES) {
            byEnvironment.values().forEach(this::drop);
            byEnvironment.clear();
        }
        // An answer of a state that went may still be on its way.
        if (!state.dropped && state.kept.putIfAbsent(evaluation, made) == null) {
            state.keptBytes += more;
            bytes += more;
        }
    }

    private void drop(OfState state) {
        state.dropped = true;
        bytes -= state.keptBytes;
    }

    /** How many there are, in bytes, with what keeping them takes. */
    synchronized long bytes() {
        return bytes;
    }
}
