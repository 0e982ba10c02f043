package dev.andon.server.node;

import dev.andon.store.LocalFile;
import dev.andon.store.StoreException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A local file that follows something that changes often: saved soon after a change, many changes at once, and no more than
 * a small part of the time. What couldn't be saved is tried again. Thread-safe.
 */
public final class SavedLater implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SavedLater.class);
    private static final int PAUSE_FACTOR = 4;

    private final LocalFile file;
    private final Supplier<byte[]> content;
    private final long pauseMs;
    private final LongSupplier nanoTime;
    private final Thread thread;
    private boolean changed;
    private boolean closed;
    private boolean failing;
    private volatile boolean ended;

    /**
     * @param content what to save; called on a thread of this class's own
     * @param pauseMs the least time between two saves
     */
    public SavedLater(String name, LocalFile file, Supplier<byte[]> content, long pauseMs, LongSupplier nanoTime) {
        this.file = file;
        this.content = content;
        this.pauseMs = pauseMs;
        this.nanoTime = nanoTime;
        this.thread = Thread.ofVirtual().name("andon-" + name).unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    public synchronized void changed() {
        changed = true;
        notifyAll();
    }

    private void run() {
        try {
            while (awaitChange()) {
                long startNanos = nanoTime.getAsLong();
                save();
                long tookMs = (nanoTime.getAsLong() - startNanos) / 1_000_000;
                pause(tookMs * PAUSE_FACTOR + pauseMs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean awaitChange() throws InterruptedException {
        while (!changed && !closed) {
            wait();
        }
        boolean due = changed;
        changed = false;
        return due;
    }

    private synchronized void pause(long ms) throws InterruptedException {
        long endNanos = nanoTime.getAsLong() + ms * 1_000_000;
        long leftMs = ms;
        while (!closed && leftMs > 0) {
            wait(leftMs);
            leftMs = (endNanos - nanoTime.getAsLong()) / 1_000_000;
        }
    }

    private void save() {
        try {
            byte[] bytes = content.get();
            if (!ended) {
                file.save(bytes);
            }
            failing = false;
        } catch (StoreException | TooBusy e) {
            if (!failing) {
                log.error("ALARM: {}: can't be saved: {}", file.path(), e.getMessage());
            }
            failing = true;
            again();
        }
    }

    private synchronized void again() {
        changed = !closed;
    }

    /** Saves what changed last, for a second at most: later, somebody else may have the folder. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            thread.join(1_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ended = true;
    }
}
