package dev.andon.server.http;

import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Names for requests that bring none: no two the same for as long as the process lives, and others after a restart. They can
 * be guessed, and nothing depends on that they aren't. Thread-safe.
 *
 * <p>A count, mixed as in SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
 */
final class RequestNames {
    private static final long STEP = 0x9e3779b97f4a7c15L;

    private final AtomicLong last;

    /** @param first where to begin: a random number */
    RequestNames(long first) {
        this.last = new AtomicLong(first);
    }

    String next() {
        long mixed = last.addAndGet(STEP);
        mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return HexFormat.of().toHexDigits(mixed ^ (mixed >>> 31));
    }
}
