package dev.andon.server.delivery;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Paces clients that connect. Only so many are on their way in at a time, from their handshake until they have acknowledged what
 * there is, so that kills for those who are in don't wait behind a crowd; and half as many of one key, so that no crowd keeps the clients
 * of others out. Who is turned away is told when to come back: one after the other, as fast as places became free. Thread-safe.
 */
final class Doorway {
    /**
     * A server that has just started takes in ten times as many a second once it is warm: whoever was sent away for as long as it was slow
     * would come long after the others.
     */
    static final Duration MAX_WAIT = Duration.ofSeconds(3);

    private static final double WEIGHT = 1 / 16.0;
    private static final double SLOWEST_MS = 10;

    /** A client comes back up to half as long again after it was asked to: so it is in its turn on average. */
    private static final double EARLIER = 0.8;

    private final int most;
    private final int mostOfKey;
    private final Map<String, Integer> byKey = new HashMap<>();
    private int inside;
    private double paceMs = 1;
    private double turnMs;
    private double freedMs;

    /** @param most how many may be on their way in */
    Doorway(int most) {
        this.most = most;
        this.mostOfKey = Math.ceilDiv(most, 2);
    }

    /**
     * Whether one may come in now.
     *
     * @param key the token that it shows
     * @param nowMs milliseconds of a monotonic clock
     * @return in whole seconds, how long to stay away, if there are too many
     */
    synchronized Optional<Duration> ask(String key, double nowMs) {
        if (inside < most && of(key) < mostOfKey) {
            return Optional.empty();
        }
        double lastTurnMs = nowMs + MAX_WAIT.toMillis() / EARLIER;
        turnMs = Math.min(lastTurnMs, Math.max(turnMs, nowMs) + paceMs);
        long seconds = Math.round((turnMs - nowMs) * EARLIER / 1_000);
        return Optional.of(Duration.ofSeconds(Math.max(1, seconds)));
    }

    private int of(String key) {
        return byKey.getOrDefault(key, 0);
    }

    /** One is on its way in, until {@link #free}. Handshakes that were under way may be a few more than there is room for. */
    synchronized void enter(String key) {
        inside++;
        byKey.merge(key, 1, Integer::sum);
    }

    /** One who was on its way in has all that there is, or is gone. */
    synchronized void free(String key, double nowMs) {
        if (2 * inside >= most) {
            paceMs += (Math.min(SLOWEST_MS, nowMs - freedMs) - paceMs) * WEIGHT;
        } else {
            turnMs = nowMs;
        }
        freedMs = nowMs;
        inside--;
        byKey.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
    }
}
