package dev.andon.server.node;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a time from the newest entry backwards, one entry after the other: as entries' times needn't rise, no shorter
 * way is sure to find the newest one at or before it. Not thread-safe; used once.
 */
final class TimeSearch {
    static final int MAX_ENTRIES = 1_000_000;

    private static final int CHUNK = 1_000;

    private final History history;
    private final Instant time;
    private final int maxEntries;
    private @Nullable Moment later;
    private @Nullable Moment settled;
    private @Nullable Moment earliest;

    TimeSearch(History history, Instant time, int maxEntries) {
        this.history = history;
        this.time = time;
        this.maxEntries = maxEntries;
    }

    /** @param newest at least 1 */
    Sought from(long newest) {
        long end = Math.max(0, newest - maxEntries);
        long last = newest;
        Moment oldest;
        do {
            long first = Math.max(end + 1, last - CHUNK + 1);
            List<Moment> moments = history.moments(first, last);
            for (Moment moment : moments.reversed()) {
                if (isLast(moment)) {
                    Moment reached = settled == null ? moment : settled;
                    return new Sought.Reached(reached, Optional.ofNullable(later));
                }
            }
            oldest = moments.getFirst();
            last = first - 1;
        } while (last > end);
        return end > 0 ? new Sought.TooFar(oldest) : new Sought.BeforeAll(earliest == null ? oldest : earliest);
    }

    /** Takes the entry before those that were seen; whether it is the change that is looked for. */
    private boolean isLast(Moment moment) {
        boolean after = moment.at().isAfter(time);
        if (after) {
            later = moment;
            settled = null;
        } else if (moment.kill() && settled == null) {
            settled = moment;
        }
        if (!moment.kill() && (earliest == null || !moment.at().isAfter(earliest.at()))) {
            earliest = moment;
        }
        return !after && !moment.kill();
    }
}
