package dev.andon.core.stream;

import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt to connect: full jitter below a ceiling that doubles up to a cap. (M. Brooker,
 * "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.) Not thread-safe.
 *
 * <p>The cap depends on what happened. Nobody who isn't there can be overrun, so an unreachable server is tried at least
 * every 1.5 seconds: a client is back within 2 seconds of its server. A server that answers and can't serve gets more
 * rest, and says itself how much if it likes; one that refuses the key or doesn't know the address waits for a person.
 */
final class BackOff {
    enum Kind {
        /** Nothing answers, or what stood broke. */
        ABSENT(500, 1_500),
        /** Something answers and can't serve now. */
        BUSY(500, 5_000),
        /** The key, the address or the protocol is refused. */
        REFUSED(1_000, 30_000);

        final long baseMs;
        final long capMs;

        Kind(long baseMs, long capMs) {
            this.baseMs = baseMs;
            this.capMs = capMs;
        }
    }

    /** The longest rest that a server can ask for. */
    static final long MAX_ASKED_MS = 60_000;

    private static final int MAX_DOUBLINGS = 16;

    private final RandomGenerator random;
    private int failures;

    BackOff(RandomGenerator random) {
        this.random = random;
    }

    void reset() {
        failures = 0;
    }

    int failures() {
        return failures;
    }

    /** The wait before the next attempt; at most half as long again as the server asks for, if it does. */
    long nextMs(Kind kind, long askedMs) {
        long ceiling = Math.min(kind.capMs, kind.baseMs << Math.min(failures, MAX_DOUBLINGS));
        failures++;
        if (askedMs > 0) {
            long least = Math.min(askedMs, MAX_ASKED_MS);
            return least + random.nextLong(least / 2 + 1);
        }
        return random.nextLong(ceiling + 1);
    }

    /** Between half and one and a half times the period, so that a fleet doesn't move in step. */
    long around(long periodMs) {
        return periodMs / 2 + random.nextLong(periodMs + 1);
    }
}
