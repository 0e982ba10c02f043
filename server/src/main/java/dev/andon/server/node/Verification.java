package dev.andon.server.node;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.ledger.Checkpoint;
import dev.andon.core.model.Node;
import dev.andon.server.node.Pass.Broken;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LedgerStore;
import dev.andon.store.StoreException;
import dev.andon.store.StoredCheckpoint;
import dev.andon.store.StoredEntry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks that the store still holds what was written: at a start and after every loss from the newest checkpoint on, before
 * anything is written; then the whole ledger in the background, and again every day. Thread-safe.
 *
 * <p>What can be found, and what is done:
 *
 * <ol>
 *   <li>An entry that doesn't follow from the one before, isn't the one that a node signed, or can't be read: an alarm, and
 *       changes are refused until somebody has continued the ledger after it. What this node holds was folded before: it goes
 *       on serving and killing, and kills go on settling.
 *   <li>The store fails: the walk goes on when it is back.
 *   <li>The history is replaced meanwhile, as by a restored backup, or continued: the walk begins anew.
 * </ol>
 */
final class Verification implements Publisher, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Verification.class);
    private static final int READ_ENTRIES = 200;
    private static final int MAX_RECENT_ENTRIES = 20 * Checkpoints.EVERY_ENTRIES;
    private static final long AGAIN_MS = 24L * 60 * 60 * 1_000;

    private final LedgerStore store;
    private final Supplier<Folded> current;
    private final Consumer<Folded> onVerified;
    private final long retryMs;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Thread thread;
    private final Object lock = new Object();
    private volatile Checked checked = new Checked(Optional.empty(), Instant.EPOCH, 0, Optional.empty());
    private long checkedEpoch = -1;
    private int histories;
    private boolean due;
    private boolean closed;

    /**
     * What is known of the ledger's soundness.
     *
     * @param broken the first entry that is wrong, and that nobody has continued after
     * @param since when that was found, or that there is none
     * @param version up to where the present walk has come, or the last one came
     * @param finished when a walk last came to the end
     */
    record Checked(Optional<Broken> broken, Instant since, long version, Optional<Instant> finished) {
        Checked at(long reached) {
            return new Checked(broken, since, reached, finished);
        }

        Checked found(Optional<Broken> now, Instant at) {
            return broken.equals(now) ? this : new Checked(now, at, version, finished);
        }

        Checked finished(Instant at) {
            return new Checked(broken, since, version, Optional.of(at));
        }
    }

    /** @param onVerified told of what was found right to its end; on a thread of this class's own */
    Verification(
            LedgerStore store,
            Supplier<Folded> current,
            long retryMs,
            InstantSource clock,
            LongSupplier nanoTime,
            Consumer<Folded> onVerified) {
        this.store = store;
        this.current = current;
        this.retryMs = retryMs;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.onVerified = onVerified;
        this.thread = Thread.ofVirtual().name("andon-verification").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    Checked now() {
        return checked;
    }

    Optional<Broken> broken() {
        return checked.broken();
    }

    @Override
    public String name() {
        return "verification";
    }

    @Override
    public void publish(Publication publication) {
        boolean continued = publication.entries().stream()
                .flatMap(recorded -> recorded.entry().events().stream())
                .anyMatch(Event.LedgerContinued.class::isInstance);
        if (continued || publication.newHistory()) {
            anew();
        }
    }

    /** Somebody has continued the ledger on this node: what is broken is known, and doesn't stand in the way any more. */
    void continued(long entry) {
        synchronized (lock) {
            if (checked.broken().filter(broken -> broken.entry() == entry).isPresent()) {
                checked = checked.found(Optional.empty(), clock.instant());
            }
        }
        anew();
    }

    /** What a walk finds that is under way isn't of the ledger as it is now. */
    private void anew() {
        synchronized (lock) {
            histories++;
            soon();
        }
    }

    private void soon() {
        synchronized (lock) {
            due = true;
            lock.notifyAll();
        }
    }

    /**
     * On the ledger's thread, before the store's history is compared with what was folded: what contradicts a node's
     * signature is no backup that was restored.
     *
     * @throws Damage if the newest checkpoint, by a node that the image knows, isn't of the entry that is there
     */
    void refuseContradiction(Image image) {
        Optional<StoredCheckpoint> newest = store.newestCheckpoint();
        if (newest.isEmpty()) {
            return;
        }
        long version = newest.get().version();
        List<StoredEntry> entry = store.read(version - 1, 1);
        Optional<Checkpoint> signed = signed(image, newest.get());
        if (signed.isPresent()
                && (entry.isEmpty()
                        || !entry.getFirst().hash().equals(signed.get().hash()))) {
            throw new Damage(
                    version,
                    "entry " + version + " isn't the one that node "
                            + signed.get().node() + " has signed");
        }
    }

    private static Optional<Checkpoint> signed(Image image, StoredCheckpoint stored) {
        try {
            Checkpoint checkpoint = stored.read();
            Versioned<Node> node = image.nodes().get(checkpoint.node());
            boolean ours = node != null && checkpoint.isOf(node.value());
            return ours ? Optional.of(checkpoint) : Optional.empty();
        } catch (InvalidInput e) {
            return Optional.empty();
        }
    }

    /** On the ledger's thread, when everything was folded: from the newest checkpoint to the end. */
    void checkRecent(Folded folded) {
        long end = folded.position().version();
        Optional<StoredCheckpoint> newest = store.newestCheckpoint().filter(found -> found.version() <= end);
        if (newest.isPresent() && end - newest.get().version() <= MAX_RECENT_ENTRIES) {
            Optional<Broken> broken = recent(folded, newest.get());
            if (broken.isPresent()) {
                found(broken);
            }
        }
        synchronized (lock) {
            if (checkedEpoch != folded.image().provenance().epoch()) {
                soon();
            }
        }
    }

    private Optional<Broken> recent(Folded folded, StoredCheckpoint newest) {
        long version = newest.version();
        List<StoredEntry> at = store.read(version - 1, 1);
        if (at.isEmpty()) {
            return Optional.of(new Broken(version, "entry: nothing (expected: what a node has signed)"));
        }
        Optional<String> wrong = Pass.wrong(folded.image(), newest, at.getFirst());
        if (wrong.isPresent()) {
            return Optional.of(new Broken(version, wrong.get()));
        }
        Pass pass = new Pass(folded.image(), at.getFirst().position());
        try {
            while (pass.position().version() < folded.position().version()) {
                page(pass, folded.position());
            }
            return verdict(pass, folded.position());
        } catch (StoreException e) {
            Optional<Broken> unreadable = unreadable(pass, folded.position(), e);
            if (unreadable.isEmpty()) {
                throw e;
            }
            return unreadable;
        }
    }

    /**
     * On the ledger's thread: whether an image leads on from what was folded, although an entry between them can't be
     * folded. The image is of a place in this ledger's chain, and whatever is broken in that was continued after.
     *
     * @param image where it is
     * @param end the ledger's end
     */
    boolean leadsOn(Folded folded, LedgerPosition image, LedgerPosition end) {
        Pass pass = new Pass(folded.image(), folded.position());
        while (pass.position().version() < end.version()) {
            long from = pass.position().version();
            long stop = from < image.version() ? image.version() : end.version();
            List<StoredEntry> entries = store.read(from, (int) Math.min(READ_ENTRIES, stop - from));
            if (entries.isEmpty()) {
                return false;
            }
            // Whose signatures count is known only to those who have folded what comes after.
            pass.check(entries, List.of());
            if (pass.position().version() == image.version() && !pass.position().equals(image)) {
                return false;
            }
        }
        return pass.broken().isEmpty();
    }

    private void page(Pass pass, LedgerPosition end) {
        long from = pass.position().version();
        int most = (int) Math.min(READ_ENTRIES, end.version() - from);
        List<StoredEntry> entries = store.read(from, most);
        if (entries.isEmpty()) {
            throw new StoreException(
                    StoreException.Code.DAMAGED,
                    "entry " + (from + 1) + ": nothing (expected: a ledger up to version " + end.version() + ")");
        }
        pass.check(entries, store.checkpoints(from + 1, from + entries.size()));
    }

    private static Optional<Broken> verdict(Pass pass, LedgerPosition end) {
        if (pass.broken().isEmpty() && !pass.position().equals(end)) {
            return Optional.of(new Broken(
                    end.version(),
                    "hash: " + pass.position().hash() + " (expected: " + end.hash() + ", as this node folded it)"));
        }
        return pass.broken();
    }

    private void run() {
        try {
            while (awaitDue()) {
                checkAll();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            log.error("verification: a bug; the ledger isn't checked any more before the next start", e);
        }
    }

    /** Whether to go on. */
    private boolean awaitDue() throws InterruptedException {
        synchronized (lock) {
            long endNanos = nanoTime.getAsLong() + AGAIN_MS * 1_000_000;
            long leftMs = AGAIN_MS;
            while (!closed && !due && leftMs > 0) {
                lock.wait(leftMs);
                leftMs = (endNanos - nanoTime.getAsLong()) / 1_000_000;
            }
            due = false;
            return !closed;
        }
    }

    private void checkAll() throws InterruptedException {
        int history = histories();
        Folded end = current.get();
        Pass pass = new Pass(end.image(), LedgerPosition.START);
        Optional<Broken> unreadable = Optional.empty();
        while (unreadable.isEmpty()
                && pass.position().version() < end.position().version()) {
            long startNanos = nanoTime.getAsLong();
            long pauseMs = retryMs;
            try {
                page(pass, end.position());
                pauseMs = (nanoTime.getAsLong() - startNanos) / 1_000_000;
            } catch (StoreException e) {
                unreadable = unreadable(pass, end.position(), e);
            }
            if (!reached(pass.position().version(), pauseMs)) {
                return;
            }
        }
        Optional<Broken> last = unreadable.isPresent() ? unreadable : verdict(pass, end.position());
        conclude(history, end, pass.broken().or(() -> last));
    }

    /** Finds out where the store fails for good; nothing if it is just out of reach. */
    private Optional<Broken> unreadable(Pass pass, LedgerPosition end, StoreException reason) {
        if (reason.code() != StoreException.Code.DAMAGED) {
            return Optional.empty();
        }
        try {
            while (pass.position().version() < end.version()) {
                List<StoredEntry> one = store.read(pass.position().version(), 1);
                if (one.isEmpty()) {
                    return Optional.of(new Broken(pass.position().version() + 1, "entry: nothing (expected: one)"));
                }
                pass.check(one, List.of());
            }
            return Optional.empty();
        } catch (StoreException e) {
            return e.code() == StoreException.Code.DAMAGED
                    ? Optional.of(new Broken(pass.position().version() + 1, "it can't be read: " + e.getMessage()))
                    : Optional.empty();
        }
    }

    /** Notes how far the walk has come, and leaves the store to others for a while. Whether to go on. */
    private boolean reached(long version, long pauseMs) throws InterruptedException {
        synchronized (lock) {
            checked = checked.at(version);
            long endNanos = nanoTime.getAsLong() + pauseMs * 1_000_000;
            long leftMs = pauseMs;
            while (!closed && leftMs > 0) {
                lock.wait(leftMs);
                leftMs = (endNanos - nanoTime.getAsLong()) / 1_000_000;
            }
            return !closed;
        }
    }

    private int histories() {
        synchronized (lock) {
            return histories;
        }
    }

    private void conclude(int history, Folded end, Optional<Broken> broken) {
        long epoch = end.image().provenance().epoch();
        synchronized (lock) {
            if (history != histories || current.get().image().provenance().epoch() != epoch) {
                soon();
                return;
            }
            found(broken);
            checked = checked.finished(clock.instant());
            checkedEpoch = epoch;
        }
        if (broken.isEmpty()) {
            onVerified.accept(end);
        }
    }

    private void found(Optional<Broken> broken) {
        synchronized (lock) {
            if (broken.isPresent() && !broken.equals(checked.broken())) {
                log.error(
                        "ALARM: {}. Serving and stopping; other changes are refused until the ledger is continued"
                                + " after it",
                        broken.get());
            } else if (broken.isEmpty() && checked.broken().isPresent()) {
                log.info("the ledger is whole again, or was continued after its damage");
            }
            checked = checked.found(broken, clock.instant());
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
        thread.interrupt();
    }
}
