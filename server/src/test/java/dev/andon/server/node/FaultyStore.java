package dev.andon.server.node;

import dev.andon.core.ledger.Checkpoint;
import dev.andon.store.AppendResult;
import dev.andon.store.Lease;
import dev.andon.store.LedgerHead;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LedgerStore;
import dev.andon.store.StoreDescription;
import dev.andon.store.StoreException;
import dev.andon.store.StoredCheckpoint;
import dev.andon.store.StoredEntry;
import dev.andon.store.StoredSnapshot;
import dev.andon.store.Tail;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A store that works, refuses, hangs, or forgets to say that it has written, as a test has it. */
public final class FaultyStore implements LedgerStore {
    private final LedgerStore store;
    private final Object lock = new Object();
    private final AtomicInteger calls = new AtomicInteger();
    private volatile Mode mode = Mode.WORKING;
    private volatile boolean closed;

    public enum Mode {
        WORKING,
        REFUSING,
        HANGING,
        /** Appends are carried out, but answered with an unknown outcome. */
        SILENT_APPENDS
    }

    public FaultyStore(LedgerStore store) {
        this.store = store;
    }

    public void mode(Mode next) {
        synchronized (lock) {
            mode = next;
            lock.notifyAll();
        }
    }

    /** Calls that were made so far, answered or not; those for leases, which come by themselves, are left out. */
    public int calls() {
        return calls.get();
    }

    private <T> T call(Supplier<T> call) {
        calls.incrementAndGet();
        return pass(call);
    }

    private <T> T pass(Supplier<T> call) {
        synchronized (lock) {
            while (mode == Mode.HANGING && !closed) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new StoreException(StoreException.Code.CLOSED, "interrupted");
                }
            }
            if (mode == Mode.REFUSING || closed) {
                throw new StoreException(
                        StoreException.Code.UNAVAILABLE,
                        "store: " + store.describe().address() + " refuses, as the test wants it");
            }
        }
        return call.get();
    }

    @Override
    public LedgerHead head() {
        return call(store::head);
    }

    @Override
    public AppendResult append(LedgerPosition expected, List<byte[]> entries) {
        AppendResult result = call(() -> store.append(expected, entries));
        if (mode == Mode.SILENT_APPENDS) {
            throw new StoreException(StoreException.Code.TIMEOUT, true, "no answer, as the test wants it", null);
        }
        return result;
    }

    @Override
    public List<StoredEntry> read(long afterVersion, int maxEntries) {
        return call(() -> store.read(afterVersion, maxEntries));
    }

    @Override
    public LedgerHead startEpoch(long expectedEpoch, long epoch) {
        return call(() -> store.startEpoch(expectedEpoch, epoch));
    }

    @Override
    public void saveSnapshot(LedgerPosition position, byte[] bytes) {
        call(() -> {
            store.saveSnapshot(position, bytes);
            return true;
        });
    }

    @Override
    public Optional<StoredSnapshot> snapshotAtOrBefore(long version) {
        return call(() -> store.snapshotAtOrBefore(version));
    }

    @Override
    public void saveCheckpoint(Checkpoint checkpoint) {
        call(() -> {
            store.saveCheckpoint(checkpoint);
            return true;
        });
    }

    @Override
    public List<StoredCheckpoint> checkpoints(long first, long last) {
        return call(() -> store.checkpoints(first, last));
    }

    @Override
    public Optional<StoredCheckpoint> newestCheckpoint() {
        return call(store::newestCheckpoint);
    }

    @Override
    public Lease takeLease(String name, String holder, Duration time) {
        return pass(() -> store.takeLease(name, holder, time));
    }

    @Override
    public boolean giveUpLease(String name, String holder) {
        return pass(() -> store.giveUpLease(name, holder));
    }

    @Override
    public Tail tail(Runnable onNews) {
        return store.tail(onNews);
    }

    @Override
    public StoreDescription describe() {
        return store.describe();
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
        store.close();
    }
}
