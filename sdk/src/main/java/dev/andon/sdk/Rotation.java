package dev.andon.sdk;

import java.util.concurrent.TimeUnit;

/**
 * Which of several servers a process connects to next: the one after the one before, but for those that asked to be left alone, unless
 * all did. Servers are numbered from 0. Thread-safe.
 */
final class Rotation {
    private final long[] askedAtNanos;
    private final long[] restNanos;
    private int next;

    /** @param first the server to begin with */
    Rotation(int servers, int first) {
        this.askedAtNanos = new long[servers];
        this.restNanos = new long[servers];
        this.next = first;
    }

    /** @param nowNanos of a monotonic clock */
    synchronized int next(long nowNanos) {
        int best = next;
        for (int i = 0; i < restNanos.length && left(best, nowNanos) > 0; i++) {
            int server = (next + i) % restNanos.length;
            if (left(server, nowNanos) < left(best, nowNanos)) {
                best = server;
            }
        }
        next = (best + 1) % restNanos.length;
        return best;
    }

    /**
     * A server asks to be left alone.
     *
     * @return for how many milliseconds all of them do; 0 if another one may be connected to now
     */
    synchronized long rest(int server, long askedMs, long nowNanos) {
        askedAtNanos[server] = nowNanos;
        restNanos[server] = TimeUnit.MILLISECONDS.toNanos(askedMs);
        long least = Long.MAX_VALUE;
        for (int one = 0; one < restNanos.length; one++) {
            least = Math.min(least, left(one, nowNanos));
        }
        return TimeUnit.NANOSECONDS.toMillis(least);
    }

    private long left(int server, long nowNanos) {
        return Math.max(0, restNanos[server] - (nowNanos - askedAtNanos[server]));
    }
}
