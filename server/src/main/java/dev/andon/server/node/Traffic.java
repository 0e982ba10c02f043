package dev.andon.server.node;

import java.util.Map;
import java.util.Set;

/** What instances have evaluated of late, as they report it to this node. Thread-safe; from memory, and never blocks. */
@FunctionalInterface
public interface Traffic {
    /** Where nobody counts. */
    Traffic UNCOUNTED = (environment, flags, services) -> new Counted(0, 0, Map.of(), Map.of(), true);

    /**
     * Evaluations in the time of the last five minutes that is known of.
     *
     * @param all of the whole environment
     * @param seconds how long the time is
     * @param byFlag of the flags that were asked about: by flag, then variant
     * @param byService the same ones by service
     * @param complete whether all were counted one by one; if not, there were too many flags in too many services
     */
    record Counted(
            long all,
            double seconds,
            Map<String, Map<String, Long>> byFlag,
            Map<String, Long> byService,
            boolean complete) {

        /** Of the flags that were asked about. */
        public long touched() {
            return byFlag.values().stream()
                    .flatMap(variants -> variants.values().stream())
                    .mapToLong(Long::longValue)
                    .sum();
        }

        /** The part of all evaluations that the flags have had; 0 to 1. */
        public double share() {
            return all == 0 ? 0 : (double) touched() / all;
        }
    }

    /** @param services those whose evaluations of the flags are counted; all when empty */
    Counted counted(String environment, Set<String> flags, Set<String> services);
}
