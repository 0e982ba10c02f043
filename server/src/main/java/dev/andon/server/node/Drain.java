package dev.andon.server.node;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * A server's way out of service: it says that it isn't ready, takes no new streams, and lets those that it has go one after the
 * other, so that the nodes which take them over aren't overrun. Requests and kills are taken all the while. Thread-safe.
 */
public final class Drain {
    /** Multiples of the golden ratio, modulo 1, are spread evenly however many there are. */
    private static final double GOLDEN = 0.6180339887498949;

    private final LongSupplier nanoTime;
    private final AtomicLong places = new AtomicLong();
    private volatile Leaving leaving = Leaving.NOT;

    private record Leaving(boolean begun, long atNanos, long overNanos) {
        static final Leaving NOT = new Leaving(false, 0, 0);
    }

    public Drain(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** @param over how long it takes until the last stream goes; what began first counts */
    public synchronized void begin(Duration over) {
        if (!leaving.begun()) {
            leaving = new Leaving(true, nanoTime.getAsLong(), over.toNanos());
        }
    }

    public boolean begun() {
        return leaving.begun();
    }

    /** A stream's place in the order; says whether it is the stream's turn to go. */
    public BooleanSupplier place() {
        double place = places.incrementAndGet() * GOLDEN % 1;
        return () -> {
            Leaving now = leaving;
            return now.begun() && nanoTime.getAsLong() - now.atNanos() >= place * now.overNanos();
        };
    }
}
