package dev.andon.server.rollback;

import dev.andon.core.event.Event;
import dev.andon.server.node.History;
import java.util.List;
import java.util.function.Predicate;

/**
 * The nearest later version that would do, for a refusal. Reads on through the ledger, a bounded way.
 *
 * @param version where to begin, exclusive
 * @param newest where the ledger ends
 */
record FirstAfter(History history, long version, long newest) {
    private static final int MAX_ENTRIES = 20_000;

    /** The versions that would do, in words: from the first entry on that has such an event. */
    String of(Predicate<Event> event) {
        long end = Math.min(newest, version + MAX_ENTRIES);
        long first = version + 1;
        while (first <= end) {
            List<History.Recorded> entries = history.entries(first, end);
            for (History.Recorded recorded : entries) {
                if (recorded.entry().events().stream().anyMatch(event)) {
                    return "version " + recorded.version() + " of "
                            + recorded.entry().at() + ", or later";
                }
            }
            if (entries.isEmpty()) {
                break;
            }
            first = entries.getLast().version() + 1;
        }
        return end < newest ? "a version after " + end : "a version at which it was there";
    }
}
