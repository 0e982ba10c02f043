package dev.andon.server.delivery;

import java.time.Duration;
import java.util.Optional;

/**
 * Paces clients that connect. Only so many are on their way in at a time, from their request until they have acknowledged what
 * there is, so that kills for those who are in don't wait behind a crowd. Who is turned away is told when to come back: one after the
 * other, as fast as the last ones got in. Thread-safe.
 */
final class Doorway {
    static final Duration MAX_WAIT = Duration.ofSeconds(30);

    private static final double WEIGHT = 1 / 16.0;
    private static final double SLOWEST_MS = 10;

    /** A client comes back up to half as long again after it was asked to: so it is in its turn on average. */
    private static final double EARLIER = 0.8;

    private final int most;
    private int inside;
    private double paceMs = 1;
    private double turnMs;
    private double enteredMs;

    /** @param most how many may be on their way in */
    Doorway(int most) {
        this.most = most;
    }

    /**
     * Lets one in, until {@link #entered} or {@link #left}.
     *
     * @param nowMs milliseconds of a monotonic clock
     * @return in whole seconds, how long to stay away, if there are too many
     */
    synchronized Optional<Duration> enter(double nowMs) {
        if (inside < most) {
            inside++;
            return Optional.empty();
        }
        turnMs = Math.max(turnMs, nowMs) + paceMs;
        long seconds = Math.round((turnMs - nowMs) * EARLIER / 1_000);
        return Optional.of(Duration.ofSeconds(Math.clamp(seconds, 1, MAX_WAIT.toSeconds())));
    }

    /** One who was let in has all that there is. */
    synchronized void entered(double nowMs) {
        if (inside == most) {
            paceMs += (Math.min(SLOWEST_MS, nowMs - enteredMs) - paceMs) * WEIGHT;
        }
        enteredMs = nowMs;
        inside--;
    }

    /** One who was let in is gone. */
    synchronized void left() {
        inside--;
    }
}
