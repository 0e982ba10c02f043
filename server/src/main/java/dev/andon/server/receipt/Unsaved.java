package dev.andon.server.receipt;

import dev.andon.core.model.KillId;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Kills whose receipts have changed since they were saved, for the one thread that saves: many changes at once. After that, it
 * pauses in proportion to the time that it took, as every ack is a change. Thread-safe.
 */
final class Unsaved {
    private static final long PAUSE_MS = 100;
    private static final long MOST_PAUSE_MS = 500;
    private static final long RETRY_MS = 1_000;

    /** Saving takes no more than a small part of the time. */
    private static final int PAUSE_FACTOR = 4;

    private final LongSupplier nanoTime;
    private final Set<KillId> changed = new LinkedHashSet<>();
    private Set<KillId> taken = Set.of();
    private long takenNanos;

    /** There is nothing to save: what changes is to be told. */
    private boolean idle;

    private boolean closing;

    Unsaved(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    synchronized void add(KillId kill) {
        changed.add(kill);
        if (idle) {
            notifyAll();
        }
    }

    /** Those that have changed or are being saved. */
    synchronized Set<KillId> all() {
        Set<KillId> all = new HashSet<>(changed);
        all.addAll(taken);
        return all;
    }

    /** Waits until there are some; empty at the end. */
    synchronized Set<KillId> take() throws InterruptedException {
        idle = true;
        while (changed.isEmpty() && !closing) {
            wait();
        }
        idle = false;
        takenNanos = nanoTime.getAsLong();
        taken = Set.copyOf(changed);
        changed.clear();
        return taken;
    }

    /**
     * Those that were taken are dealt with; returns when others may be taken.
     *
     * @param failed those that are to be tried again, if there is still time
     */
    @SuppressWarnings("WaitNotInLoop") // a pause that ends early does no harm
    synchronized void saved(Collection<KillId> failed) throws InterruptedException {
        long tookMs = (nanoTime.getAsLong() - takenNanos) / 1_000_000;
        if (!closing) {
            changed.addAll(failed);
            wait(failed.isEmpty() ? Math.clamp(tookMs * PAUSE_FACTOR, PAUSE_MS, MOST_PAUSE_MS) : RETRY_MS);
        }
    }

    /** No more pauses; {@link #take} gives what is left, once. */
    synchronized void close() {
        closing = true;
        notifyAll();
    }
}
