package dev.andon.cli.demo;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** Moments as microseconds since 1970, as all of the demonstration's processes give them. */
final class Moments {
    private Moments() {}

    static long now(InstantSource clock) {
        return of(clock.instant());
    }

    static long of(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }
}
