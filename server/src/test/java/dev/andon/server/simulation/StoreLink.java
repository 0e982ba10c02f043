package dev.andon.server.simulation;

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
import java.util.function.BooleanSupplier;

/** One node's way to the ledger, or a relay's to its upstream, with the faults that are to happen on it. */
final class StoreLink implements LedgerStore {

    /** What becomes of the next append. */
    enum Fate {
        TAKEN,
        REFUSED,
        /** The outcome is unknown, and nothing was written. */
        LOST,
        /** The outcome is unknown, and all was written. */
        UNHEARD,
        /** The outcome is unknown, and it may be written yet. */
        LATE
    }

    /** An append that is still on its way, whoever asked for it. */
    record Late(LedgerPosition expected, List<byte[]> entries) {}

    /** What is read. */
    interface Source {
        LedgerHead head();

        List<StoredEntry> read(long afterVersion, int maxEntries);

        Optional<StoredSnapshot> snapshot(long atMost);
    }

    private final Source source;
    /** What is written; none of a relay's. */
    private final Optional<MemoryLedger> ledger;

    private final List<Late> late;
    private final BooleanSupplier kept;

    /** Nothing gets through. */
    boolean down;

    /** Calls don't come back: an append is late, all else fails. */
    boolean hangs;

    /** The connection is gone: the next call says so, and makes another. */
    boolean broken;

    /** Calls until one fails; none does at 0. */
    int failsIn;

    Fate nextAppend = Fate.TAKEN;

    /** @param kept whether the node is kept from the ledger */
    StoreLink(MemoryLedger ledger, List<Late> late, BooleanSupplier kept) {
        this.kept = kept;
        this.source = ledger;
        this.ledger = Optional.of(ledger);
        this.late = late;
    }

    /** A relay's: what its upstream lets it read. */
    StoreLink(Source upstream) {
        this.kept = () -> false;
        this.source = upstream;
        this.ledger = Optional.empty();
        this.late = List.of();
    }

    private MemoryLedger written() {
        return ledger.orElseThrow(() -> new Violation("ONE-LEDGER", "a relay writes to the ledger"));
    }

    boolean reachable() {
        return !down && !hangs;
    }

    void heal() {
        down = false;
        hangs = false;
        failsIn = 0;
        nextAppend = Fate.TAKEN;
    }

    private void call() {
        boolean fails = broken || (failsIn > 0 && --failsIn == 0);
        broken = false;
        if (down || fails || kept.getAsBoolean()) {
            throw new StoreException(StoreException.Code.UNAVAILABLE, "the simulation has taken it away");
        }
        if (hangs) {
            throw new StoreException(StoreException.Code.TIMEOUT, "the simulation lets it hang");
        }
    }

    @Override
    public LedgerHead head() {
        call();
        return source.head();
    }

    @Override
    public AppendResult append(LedgerPosition expected, List<byte[]> entries) {
        Fate fate = hangs && !down ? Fate.LATE : nextAppend;
        nextAppend = Fate.TAKEN;
        if (fate != Fate.LATE || kept.getAsBoolean()) {
            call();
        }
        return switch (fate) {
            case TAKEN -> written().append(expected, entries);
            case REFUSED -> throw new StoreException(StoreException.Code.FULL, "the simulation refuses it");
            case LOST -> throw unknown();
            case UNHEARD -> {
                written().append(expected, entries);
                throw unknown();
            }
            case LATE -> {
                late.add(new Late(expected, new ArrayList<>(entries)));
                throw unknown();
            }
        };
    }

    private static StoreException unknown() {
        return new StoreException(StoreException.Code.TIMEOUT, true, "the simulation doesn't say", null);
    }

    @Override
    public List<StoredEntry> read(long afterVersion, int maxEntries) {
        call();
        return source.read(afterVersion, maxEntries);
    }

    @Override
    public LedgerHead startEpoch(long expectedEpoch, long epoch) {
        call();
        return written().startEpoch(expectedEpoch, epoch);
    }

    @Override
    public void saveSnapshot(LedgerPosition position, byte[] bytes) {
        call();
    }

    @Override
    public Optional<StoredSnapshot> snapshotAtOrBefore(long version) {
        call();
        return source.snapshot(version);
    }

    @Override
    public void saveCheckpoint(Checkpoint checkpoint) {
        call();
    }

    @Override
    public List<StoredCheckpoint> checkpoints(long first, long last) {
        call();
        return List.of();
    }

    @Override
    public Optional<StoredCheckpoint> newestCheckpoint() {
        call();
        return Optional.empty();
    }

    @Override
    public Lease takeLease(String name, String holder, Duration time) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean giveUpLease(String name, String holder) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Tail tail(Runnable onNews) {
        return () -> {};
    }

    @Override
    public StoreDescription describe() {
        return new StoreDescription(
                ledger.isPresent() ? StoreDescription.Kind.SQLITE : StoreDescription.Kind.UPSTREAM,
                "simulation",
                StoreDescription.Replication.NONE,
                List.of());
    }

    @Override
    public void close() {}
}
