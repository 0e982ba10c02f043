package dev.andon.server.node;

import dev.andon.core.model.KillId;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/** When kills last reached flags, and what came of it. Thread-safe. */
@FunctionalInterface
public interface Exercises {
    /** Where nobody keeps account. */
    Exercises NONE = (environment, flags) -> Map.of();

    /**
     * A kill that instances with one SDK version have applied.
     *
     * @param at when the first of them did
     * @param applied how many of them did
     * @param missing how many hadn't by the time that the receipt was last looked at
     * @param slowestMs from the broadcast to the last of them
     * @param verdict the receipt's, over all SDK versions
     */
    record Exercise(KillId kill, Instant at, int applied, int missing, double slowestMs, String verdict) {}

    /** The last exercise of each of the flags in each SDK version that there was one in; by flag, then SDK. */
    Map<String, Map<String, Exercise>> exercised(String environment, Set<String> flags);
}
