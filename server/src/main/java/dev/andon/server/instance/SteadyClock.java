package dev.andon.server.instance;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The time of day as of the start, and from then on as the monotonic clock counts: whoever sets the machine's clock has
 * nobody forgotten sooner or later. Thread-safe.
 */
final class SteadyClock implements InstantSource {
    private final InstantSource timeOfDay;
    private final Instant start;
    private final long startNanos;
    private final LongSupplier nanoTime;

    SteadyClock(InstantSource timeOfDay, LongSupplier nanoTime) {
        this.timeOfDay = timeOfDay;
        this.start = timeOfDay.instant();
        this.startNanos = nanoTime.getAsLong();
        this.nanoTime = nanoTime;
    }

    @Override
    public Instant instant() {
        return start.plusNanos(nanoTime.getAsLong() - startNanos);
    }

    /** What to add to a time of this clock to get the time of day, as it is now, to show or to save. */
    Duration toTimeOfDay() {
        return Duration.between(instant(), timeOfDay.instant());
    }
}
