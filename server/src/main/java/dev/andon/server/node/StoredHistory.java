package dev.andon.server.node;

import dev.andon.core.event.Entry;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageCodec;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.stop.SettleEntry;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LedgerStore;
import dev.andon.store.StoreException;
import dev.andon.store.StoredCheckpoint;
import dev.andon.store.StoredEntry;
import dev.andon.store.StoredSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Reads the past from the store, a few calls at a time; callers wait a bounded time. */
final class StoredHistory implements History {
    private static final int READERS = 4;
    private static final int READ_ENTRIES = 1_000;

    private final LedgerStore store;
    private final Supplier<Folded> current;
    private final long answerMs;
    private final Semaphore readers = new Semaphore(READERS);

    StoredHistory(LedgerStore store, Supplier<Folded> current, long answerMs) {
        this.store = store;
        this.current = current;
        this.answerMs = answerMs;
    }

    @Override
    public List<Recorded> entries(long first, long last) {
        int most = (int) Math.min(MAX_ENTRIES, last - first + 1);
        if (first < 1 || most < 1) {
            return List.of();
        }
        return read(() -> {
            List<Recorded> entries = new ArrayList<>();
            for (StoredEntry entry : store.read(first - 1, most)) {
                entries.add(new Recorded(entry.version(), Entry.decode(entry.bytes())));
            }
            return entries;
        });
    }

    /** Entries as they are stored, and the checkpoints of their versions. */
    record Page(List<StoredEntry> entries, List<StoredCheckpoint> checkpoints) {}

    /** The entries after a version, read and not checked; none only at the ledger's end. */
    Page page(long after, int most) {
        return read(() -> {
            List<StoredEntry> entries = store.read(after, most);
            return entries.isEmpty()
                    ? new Page(List.of(), List.of())
                    : new Page(entries, store.checkpoints(after + 1, after + entries.size()));
        });
    }

    @Override
    public List<Moment> moments(long first, long last) {
        if (first < 1 || last < first || last - first >= MAX_ENTRIES) {
            throw new IllegalArgumentException(
                    "versions: " + first + " to " + last + " (expected: 1 to " + MAX_ENTRIES + " of them, from 1 on)");
        }
        requireReached(last, current.get());
        return read(() -> {
            List<Moment> moments = new ArrayList<>();
            long next = first;
            while (next <= last) {
                List<StoredEntry> entries = store.read(next - 1, (int) (last - next + 1));
                if (entries.isEmpty()) {
                    throw new Damage("the ledger ends before version " + last);
                }
                for (StoredEntry entry : entries) {
                    Entry.Heading heading = Entry.heading(entry.bytes());
                    moments.add(new Moment(
                            entry.version(), heading.at(), heading.type().equals(SettleEntry.TYPE)));
                }
                next = moments.getLast().version() + 1;
            }
            return moments;
        });
    }

    private static void requireReached(long version, Folded now) {
        if (version < 0 || version > now.position().version()) {
            throw new Refused(
                    Refused.Code.NOT_FOUND,
                    "version",
                    "" + version,
                    "0 to " + now.position().version());
        }
    }

    @Override
    public Image imageAt(long version) {
        Folded now = current.get();
        if (version == now.position().version()) {
            return now.image();
        }
        requireReached(version, now);
        return read(() -> fold(now.image().provenance(), version));
    }

    private Image fold(Provenance newest, long version) {
        Optional<StoredSnapshot> snapshot = store.snapshotAtOrBefore(version);
        Folded folded = snapshot.map(found -> new Folded(ImageCodec.decode(found.bytes()), found.position()))
                .orElseGet(() -> new Folded(
                        new ImageDelta(Image.EMPTY).build(new Provenance(newest.ledger(), 0, 0)),
                        LedgerPosition.START));
        while (folded.position().version() < version) {
            int most = (int) Math.min(READ_ENTRIES, version - folded.position().version());
            List<StoredEntry> entries = store.read(folded.position().version(), most);
            if (entries.isEmpty()) {
                throw new Damage("the ledger ends before version " + version);
            }
            folded = folded.fold(newest.ledger(), entries).folded();
        }
        return folded.image();
    }

    private <T> T read(Supplier<T> reading) {
        try {
            if (!readers.tryAcquire(answerMs, TimeUnit.MILLISECONDS)) {
                throw new StoreUnavailable("too many are reading the ledger's past, or the store doesn't answer");
            }
            CompletableFuture<T> answer = new CompletableFuture<>();
            Thread.ofVirtual().name("andon-history").start(() -> {
                try {
                    answer.complete(reading.get());
                } catch (RuntimeException e) {
                    answer.completeExceptionally(e);
                } finally {
                    readers.release();
                }
            });
            return answer.get(answerMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new StoreUnavailable("the store doesn't answer", false, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailable("interrupted", false, e);
        } catch (ExecutionException e) {
            throw failure(e.getCause() == null ? e : e.getCause());
        }
    }

    private static RuntimeException failure(Throwable cause) {
        return switch (cause) {
            case StoreException e -> new StoreUnavailable("the store can't be read: " + e.getMessage(), false, e);
            case Damage e -> new StoreUnavailable("the ledger can't be read: " + e.getMessage(), false, e);
            case InvalidInput e -> new StoreUnavailable("the ledger can't be read: " + e.getMessage(), false, e);
            case RuntimeException e -> e;
            default -> new IllegalStateException(cause);
        };
    }
}
