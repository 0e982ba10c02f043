package dev.andon.server.node;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Keeps clients from filling the log: says one thing in ten seconds, and how many it left out. For one thread. */
final class Sparing {
    private static final long PAUSE_NANOS = 10_000_000_000L;

    private final LongSupplier nanoTime;
    private long saidNanos;
    private long unsaid;
    private boolean ever;

    Sparing(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** @param log gets what to add to the line: how many like it weren't said since the last one */
    void say(Consumer<String> log) {
        long now = nanoTime.getAsLong();
        if (ever && now - saidNanos < PAUSE_NANOS) {
            unsaid++;
            return;
        }
        ever = true;
        saidNanos = now;
        String others = unsaid == 0 ? "" : " (and " + unsaid + " others since the last such line)";
        unsaid = 0;
        log.accept(others);
    }
}
