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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** A ledger that can only be read, as an upstream's: entries and an image as a test gives them. Thread-safe. */
final class GivenLedger implements LedgerStore {
    private static final long EPOCH = 1;

    private final String ledger;
    private final List<StoredEntry> entries = new ArrayList<>();
    private final List<Runnable> tails = new CopyOnWriteArrayList<>();
    private volatile boolean lagging;
    private volatile int pageEntries = Integer.MAX_VALUE;
    private volatile LongConsumer beforePage = after -> {};
    private volatile Supplier<Optional<StoredSnapshot>> image = Optional::empty;

    GivenLedger(String ledger) {
        this.ledger = ledger;
    }

    /** @return where they end */
    LedgerPosition add(List<byte[]> more) {
        LedgerPosition end;
        synchronized (entries) {
            for (byte[] bytes : more) {
                LedgerPosition position = end().next(bytes);
                entries.add(new StoredEntry(EPOCH, position.version(), bytes, position.hash()));
            }
            end = end();
        }
        return end;
    }

    void gives(Supplier<Optional<StoredSnapshot>> newest) {
        image = newest;
    }

    /** Answers as one of several nodes that hasn't got there yet, but for the head. */
    void lags(boolean yes) {
        lagging = yes;
    }

    /** @param before told of each page which version it comes after; what it throws comes of it */
    void pages(int entries, LongConsumer before) {
        pageEntries = entries;
        beforePage = before;
    }

    void news() {
        tails.forEach(Runnable::run);
    }

    private LedgerPosition end() {
        return entries.isEmpty() ? LedgerPosition.START : entries.getLast().position();
    }

    @Override
    public LedgerHead head() {
        synchronized (entries) {
            return new LedgerHead(ledger, EPOCH, end());
        }
    }

    @Override
    public List<StoredEntry> read(long afterVersion, int maxEntries) {
        beforePage.accept(afterVersion);
        synchronized (entries) {
            if (lagging) {
                return List.of();
            }
            int from = (int) Math.min(afterVersion, entries.size());
            int most = Math.min(maxEntries, pageEntries);
            return List.copyOf(entries.subList(from, Math.min(entries.size(), from + most)));
        }
    }

    @Override
    public Optional<StoredSnapshot> snapshotAtOrBefore(long version) {
        return image.get().filter(snapshot -> snapshot.version() <= version);
    }

    @Override
    public Tail tail(Runnable onNews) {
        tails.add(onNews);
        return () -> tails.remove(onNews);
    }

    @Override
    public StoreDescription describe() {
        return new StoreDescription(
                StoreDescription.Kind.UPSTREAM, "given", StoreDescription.Replication.UNKNOWN, List.of());
    }

    @Override
    public List<StoredCheckpoint> checkpoints(long first, long last) {
        return List.of();
    }

    @Override
    public Optional<StoredCheckpoint> newestCheckpoint() {
        return Optional.empty();
    }

    private static StoreException readOnly() {
        return new StoreException(StoreException.Code.LIMIT, "given (expected: no writing)");
    }

    @Override
    public AppendResult append(LedgerPosition expected, List<byte[]> some) {
        throw readOnly();
    }

    @Override
    public LedgerHead startEpoch(long expectedEpoch, long epoch) {
        throw readOnly();
    }

    @Override
    public void saveSnapshot(LedgerPosition position, byte[] bytes) {
        throw readOnly();
    }

    @Override
    public void saveCheckpoint(Checkpoint checkpoint) {
        throw readOnly();
    }

    @Override
    public Lease takeLease(String name, String holder, Duration time) {
        throw readOnly();
    }

    @Override
    public boolean giveUpLease(String name, String holder) {
        return false;
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
