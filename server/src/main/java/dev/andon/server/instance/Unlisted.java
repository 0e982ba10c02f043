package dev.andon.server.instance;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * How many clients aren't listed because there were too many. One with a stream counts as long as that is open; one that
 * left the list, or whose stream was lost, for as long as it might be remembered if it were listed. Only for the bookkeeper's thread.
 */
final class Unlisted {
    private final Duration remember;

    /** The environment by the stream's number; there are no more than ports let in. */
    private final Map<Long, String> streams = new HashMap<>();

    private final Map<String, Integer> open = new HashMap<>();
    private final Map<String, Lately> lately = new HashMap<>();
    private long ever;

    private record Lately(int count, Instant last) {}

    Unlisted(Duration remember) {
        this.remember = remember;
    }

    void opened(String environment, long stream) {
        streams.put(stream, environment);
        open.merge(environment, 1, Integer::sum);
        ever++;
    }

    /** Whether the stream was one of those that count here. */
    boolean closed(long stream, boolean goodbye, Instant now) {
        String environment = streams.remove(stream);
        if (environment == null) {
            return false;
        }
        open.computeIfPresent(environment, (name, count) -> count == 1 ? null : count - 1);
        if (!goodbye) {
            left(environment, now);
        }
        return true;
    }

    void dropped(String environment, Instant now) {
        left(environment, now);
        ever++;
    }

    private void left(String environment, Instant now) {
        lately.put(environment, new Lately(lately(environment, now) + 1, now));
    }

    private int lately(String environment, Instant now) {
        Lately known = lately.get(environment);
        return known == null || Duration.between(known.last(), now).compareTo(remember) > 0 ? 0 : known.count();
    }

    int count(String environment, Instant now) {
        return open.getOrDefault(environment, 0) + lately(environment, now);
    }

    /** In all environments and since the start. */
    long ever() {
        return ever;
    }
}
