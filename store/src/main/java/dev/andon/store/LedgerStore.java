package dev.andon.store;

import dev.andon.core.ledger.Checkpoint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A totally ordered, append-only, hash-chained list of entries, with image snapshots and signed checkpoints beside it.
 *
 * <p>Thread-safe. Every call returns or fails with a {@link StoreException} within the call time-out that the store was
 * opened with; nothing retries inside. Calls block: keep them off event loops.
 *
 * <p><b>Outcome unknown.</b> An append that fails with {@link StoreException#outcomeUnknown()} may be in the ledger, or
 * get there a little later. Calling it again with the same position and the same bytes settles the matter: it writes
 * the entries at most once, however often it is tried, and answers {@code Appended} if they are there. So that two
 * different appends are never taken for one, each entry's bytes must differ from every other's, by a random id say.
 */
public interface LedgerStore extends AutoCloseable {
    int MAX_ENTRY_BYTES = 4 << 20;
    int MAX_APPEND_ENTRIES = 1_000;
    int MAX_APPEND_BYTES = 16 << 20;
    int MAX_READ_ENTRIES = 10_000;
    int MAX_SNAPSHOT_BYTES = 64 << 20;

    /** How many snapshots are kept: the newest ones. */
    int SNAPSHOTS_KEPT = 8;

    LedgerHead head();

    /**
     * Adds entries after {@code expected} if the ledger ends exactly there: all or nothing, and durable when it returns.
     * The hash in {@code expected} guards against a ledger that has forked to the same version.
     *
     * @param entries 1 to {@link #MAX_APPEND_ENTRIES}, none empty, none above {@link #MAX_ENTRY_BYTES}, together at most
     *     {@link #MAX_APPEND_BYTES}
     */
    AppendResult append(LedgerPosition expected, List<byte[]> entries);

    /**
     * The entries after {@code afterVersion}, in order and without gaps: at most {@code maxEntries}, and fewer once they
     * come to {@link #MAX_APPEND_BYTES}. Empty only at the end of the ledger.
     *
     * @param maxEntries 1 to {@link #MAX_READ_ENTRIES}
     */
    List<StoredEntry> read(long afterVersion, int maxEntries);

    /** Moves to {@code epoch} if the ledger is still in {@code expectedEpoch}; answers the head as it then is. */
    LedgerHead startEpoch(long expectedEpoch, long epoch);

    /**
     * Keeps an image of the ledger at {@code position}, which must be in this ledger with this hash; replaces one of the
     * same version. A snapshot is a convenience: the ledger alone is the truth, and old ones are dropped.
     *
     * @param bytes 1 to {@link #MAX_SNAPSHOT_BYTES}
     */
    void saveSnapshot(LedgerPosition position, byte[] bytes);

    /** The newest undamaged snapshot that isn't newer than {@code version}. */
    Optional<StoredSnapshot> snapshotAtOrBefore(long version);

    /**
     * Keeps a node's signed word on a position, which must be in this ledger with this hash; replaces an earlier one of the
     * same node and version. All are kept.
     */
    void saveCheckpoint(Checkpoint checkpoint);

    /**
     * The checkpoints of versions {@code first} to {@code last}, both included, by version and then node.
     *
     * @param last at most {@link #MAX_READ_ENTRIES} versions from {@code first}
     */
    List<StoredCheckpoint> checkpoints(long first, long last);

    /** One of the newest version that has any. */
    Optional<StoredCheckpoint> newestCheckpoint();

    /**
     * Takes the lease of a name for so long from now on, or prolongs it, unless somebody else has it. Only the store's clock counts,
     * by which nobody else has it while the answer's {@link Lease#left} isn't over. When the store has failed over or was started anew,
     * nobody gets it for the time asked for: who had it by the other server's clock can't know yet. Ask every holder of a name for the
     * same time.
     *
     * <p>If it fails, whoever had the lease has it for as long as was answered before; it may have been prolonged.
     *
     * @param name 1 to 64 characters
     * @param holder 1 to 128 characters; of one holder at a time
     * @param time 100 ms to 1 h
     * @return who has it now, which may be somebody else or nobody
     */
    Lease takeLease(String name, String holder, Duration time);

    /** Gives a lease up before its time, if {@code holder} has it; whether that is so. */
    boolean giveUpLease(String name, String holder);

    /**
     * Calls {@code onNews} soon after entries may have been added, by whomever. A wake-up and no more: it may come for
     * nothing, several may be merged into one, and one always comes after the store was out of reach. It runs on a
     * thread of the store's, one call at a time, and must return quickly. Never fails: an unreachable store is retried.
     */
    Tail tail(Runnable onNews);

    /** Answers from memory. */
    StoreDescription describe();

    /** Idempotent; later calls fail with CLOSED. */
    @Override
    void close();
}
