package dev.andon.server.node;

import dev.andon.core.image.Image;
import dev.andon.core.image.ImageCodec;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.InvalidInput;
import dev.andon.store.AppendResult;
import dev.andon.store.LedgerHead;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LedgerStore;
import dev.andon.store.StoreException;
import dev.andon.store.StoredEntry;
import dev.andon.store.StoredSnapshot;
import dev.andon.store.Tail;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns the image: it reads the ledger's end, folds it, appends, and tells the publishers in order.
 * Everything that needs the store waits for this thread; nothing else does. The image itself is read by everyone.
 *
 * <p>What can fail, and what is done:
 *
 * <ol>
 *   <li>The store fails or can't be reached: cut off. The image stays, changes are refused at once, the store is tried
 *       again every {@link NodeLimits#retryMs}.
 *   <li>A call doesn't come back: the same, from {@link NodeLimits#stuckMs} on; the thread waits, nobody else does.
 *   <li>What the store holds doesn't continue what was folded, or can't be read: damaged. As cut off, and said so.
 *   <li>The store holds another history of the same ledger, as after a restored backup or a fail-over that lost entries:
 *       a new epoch begins, with an alarm, and the image is folded anew. Kills that the new history doesn't know stand on. It is looked for after
 *       every failure, and wherever a read ends: the connection may never have broken.
 *   <li>The outcome of an append is unknown: it is repeated with the same bytes at the same place until it is known or
 *       the caller's time is up.
 *   <li>At a relay, the upstream holds less than was folded: it is behind, and is waited for, as cut off. If it holds something
 *       else, and in no later epoch, that is damage: only a node with a ledger begins one.
 *   <li>An image in the store can't be had, or not in time, or not be read: the entries are folded instead, which come in
 *       small pages. The image is asked for again when they fail, too.
 *   <li>An error of the program, memory that runs out included: as damaged, and the store is read again from the image.
 * </ol>
 */
final class Ledger implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Ledger.class);
    private static final int READ_ENTRIES = 1_000;
    private static final long UNKNOWN_RETRY_MS = 50;

    private final LedgerStore store;
    private final NodeLimits limits;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Verification verification;
    private final List<Publisher> publishers;
    private final LinkedBlockingDeque<Runnable> tasks;
    private final AtomicBoolean news = new AtomicBoolean(true);
    private final Health health;
    private final CompletableFuture<Boolean> opened = new CompletableFuture<>();
    private final Thread thread;
    private volatile Folded current;
    private volatile boolean closed;
    private volatile @Nullable Tail tail;
    /** Written on the ledger's thread; the same as {@link #current} while that is {@link #trusted}. */
    private volatile Ahead ahead;

    private boolean trusted;
    private LedgerPosition hopelessAt = LedgerPosition.START;

    /**
     * @param start what to begin with before the store has answered; {@link Image#EMPTY} if there is nothing
     * @param publishers in the order in which they are told
     */
    Ledger(
            LedgerStore store,
            NodeLimits limits,
            InstantSource clock,
            LongSupplier nanoTime,
            Folded start,
            Verification verification,
            List<Publisher> publishers) {
        this.store = store;
        this.verification = verification;
        this.limits = limits;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.publishers = List.copyOf(publishers);
        this.tasks = new LinkedBlockingDeque<>(limits.queuedChanges());
        this.health = new Health(store, clock, nanoTime, limits.stuckMs());
        this.current = start;
        this.ahead = Ahead.of(start);
        this.thread = Thread.ofPlatform().name("andon-ledger").daemon().unstarted(this::run);
    }

    /**
     * Starts, and waits until the image is that of the ledger's end. Where there is nothing else to start with, a store
     * that fails is tried again until the time is up: it may be starting, too. One that gives more and more is waited for
     * as long as it does. Where there is something, one that fails is waited for
     * no longer, and one that hangs no longer than until it counts as cut off: kills must be taken soon.
     *
     * @param receives whether the store is just giving something that takes longer than most
     * @return whether the store answered; if not, it is tried on and on in the background
     */
    boolean open(BooleanSupplier receives) {
        thread.start();
        tail = store.tail(this::catchUpSoon);
        try {
            if (current.position().version() > 0) {
                return opened.completeOnTimeout(false, limits.stuckMs(), TimeUnit.MILLISECONDS)
                        .get();
            }
            return awaitFirst(receives);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean awaitFirst(BooleanSupplier receives) throws InterruptedException, ExecutionException {
        long before = 0;
        while (true) {
            try {
                return opened.get(limits.startMs(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                long now = ahead.folded().position().version();
                if (now == before && !receives.getAsBoolean()) {
                    return false;
                }
                before = now;
                log.info("starting: the ledger is being read for the first time, up to version {} by now", now);
            }
        }
    }

    /** The published image, which is that of the ledger's end, or was. */
    Folded current() {
        return current;
    }

    StoreHealth health() {
        return health.now();
    }

    /** On the ledger's thread: whether the store answered when it was asked last. */
    boolean reachable() {
        return health.reachable();
    }

    void catchUpSoon() {
        news.set(true);
        tasks.offerFirst(() -> {});
    }

    /**
     * Has a task run on the ledger's thread.
     *
     * @param urgent to go before what waits already
     * @return false if too many wait
     */
    boolean submit(Runnable task, boolean urgent) {
        return !closed && (urgent ? tasks.offerFirst(task) : tasks.offer(task));
    }

    private void run() {
        while (!closed) {
            try {
                boolean reachable = health.reachable();
                Runnable task = tasks.poll(reachable ? 1_000 : limits.retryMs(), TimeUnit.MILLISECONDS);
                if (!closed && (news.getAndSet(false) || !reachable)) {
                    catchUp();
                }
                if (task != null && !closed) {
                    task.run();
                }
            } catch (InterruptedException e) {
                return;
            } catch (Throwable e) {
                log.error(
                        "ALARM: ledger: a bug; the image stays at {}",
                        current.image().provenance(),
                        e);
                trusted = false;
                ahead = Ahead.of(current);
                health.damaged("this node can't follow it: " + e, Optional.empty());
                opened.complete(false);
            }
        }
    }

    /** On the ledger's thread: reads and folds to the ledger's end, and publishes that. Whether it got there. */
    boolean catchUp() {
        try {
            LedgerHead head = call(store::head);
            boolean unchecked = !trusted || goesOnElsewhere(head);
            if (unchecked) {
                head = begin(head);
                trusted = true;
            }
            foldUpTo(head);
            publish(ahead.at(head));
            if (unchecked) {
                check(() -> verification.checkRecent(current));
            }
            health.connected();
            opened.complete(true);
            return true;
        } catch (StoreException e) {
            trusted = false;
            health.failed(e);
            boolean refused =
                    e.code() == StoreException.Code.DENIED && health.now().relayed();
            if (current.position().version() > 0 || refused || health.now().state() == StoreHealth.State.DAMAGED) {
                opened.complete(false);
            }
            return false;
        } catch (Damage e) {
            trusted = false;
            if (goesOnAfter(e)) {
                return catchUp();
            }
            if (current.position().version() > 0 && ahead.lost().isEmpty()) {
                // What comes before it is right, and may hold kills.
                publish(ahead);
            }
            health.damaged(String.valueOf(e.getMessage()), e.entry());
            opened.complete(false);
            return false;
        }
    }

    /**
     * Whether a ledger that has nothing after what was folded ends with something else: it has lost entries over a connection that never broke,
     * or an epoch has begun. An upstream that is merely behind is waited for.
     */
    private boolean goesOnElsewhere(LedgerHead head) {
        Folded folded = current;
        boolean later = head.epoch() > folded.image().provenance().epoch();
        boolean differs = head.version() <= folded.position().version()
                && !head.position().equals(folded.position());
        return later || (differs && !health.now().relayed());
    }

    /**
     * Goes over an entry that can't be folded, by an image of a place after it that holds what the entry did: where somebody
     * has continued the ledger after damage, or where a newer version wrote what this one can't read. Nothing is
     * left out: without such an image, this node stops there.
     */
    private boolean goesOnAfter(Damage damage) {
        Folded folded = ahead.folded();
        long next = folded.position().version() + 1;
        if (!damage.entry().equals(Optional.of(next))) {
            return false;
        }
        try {
            LedgerHead head = call(store::head);
            if (head.position().equals(hopelessAt)) {
                return false;
            }
            Folded past = fromSnapshot(head, false);
            boolean leadsOn = past.position().version() >= next
                    && call(() -> verification.leadsOn(folded, past.position(), head.position()));
            if (leadsOn) {
                log.warn(
                        "{}; going on from the image of version {}",
                        damage.getMessage(),
                        past.position().version());
                ahead = Ahead.inNewHistory(past, ahead.lost());
                return true;
            }
            hopelessAt = head.position();
        } catch (StoreException e) {
            log.debug("ledger: {}", e.getMessage());
        }
        return false;
    }

    /**
     * On first contact, and after every loss: makes sure that the store's history is the one that was folded.
     *
     * @return what is to be folded up to
     */
    private LedgerHead begin(LedgerHead head) {
        Folded folded = ahead.folded();
        Provenance provenance = folded.image().provenance();
        if (provenance.equals(Provenance.NONE)) {
            ahead = Ahead.inNewHistory(fromSnapshot(head, true), Optional.empty());
            return head;
        }
        if (!head.ledgerId().equals(provenance.ledger())) {
            throw new Damage("it holds ledger " + head.ledgerId() + ", but this node's data are of ledger "
                    + provenance.ledger() + ". Point the node at its own store, or start it with an empty data folder");
        }
        check(() -> verification.refuseContradiction(folded.image()));
        if (!continues(head, folded.position())) {
            if (folded.isAt(current)) {
                return startEpoch(head, folded);
            }
            ahead = Ahead.of(current);
            return begin(head);
        }
        if (head.version() - folded.position().version() > 2L * limits.snapshotEntries()) {
            Folded image = fromSnapshot(head, true);
            if (image.position().version() > folded.position().version()) {
                ahead = ahead.jump(image.inEpoch(provenance.epoch()));
            }
        }
        return head;
    }

    private void foldUpTo(LedgerHead head) {
        while (ahead.folded().position().version() < head.version()) {
            long from = ahead.folded().position().version();
            List<StoredEntry> entries = call(() -> store.read(from, READ_ENTRIES));
            if (entries.isEmpty()) {
                throw new StoreException(
                        StoreException.Code.UNAVAILABLE,
                        "the store ends at version " + head.version() + ", and gives nothing after version " + from
                                + "; it is asked again");
            }
            fold(entries);
        }
    }

    private boolean continues(LedgerHead head, LedgerPosition position) {
        if (head.version() < position.version()) {
            return false;
        }
        if (head.version() == position.version()) {
            return head.hash().equals(position.hash());
        }
        if (position.version() == 0) {
            return true;
        }
        List<StoredEntry> there = call(() -> store.read(position.version() - 1, 1));
        if (there.isEmpty() && health.now().relayed()) {
            throw new StoreException(
                    StoreException.Code.UNAVAILABLE,
                    "the upstream's entry " + position.version() + " isn't there, and its head is " + head.version()
                            + ": a node behind its address hasn't got there yet; it is asked again");
        }
        return !there.isEmpty() && there.getFirst().hash().equals(position.hash());
    }

    private LedgerHead startEpoch(LedgerHead head, Folded lost) {
        if (health.now().relayed() && head.epoch() <= lost.image().provenance().epoch()) {
            refuseOtherHistory(head, lost.position());
        }
        LedgerHead now = head.epoch() > lost.image().provenance().epoch()
                ? head
                : call(() -> store.startEpoch(head.epoch(), laterEpoch(head)));
        log.error(
                "ALARM: the store's history isn't the one that this node had folded up to version {}: a backup was"
                        + " restored, or a fail-over lost entries. The store ends at version {}; epoch {} begins there."
                        + " Kills that it doesn't know stand on",
                lost.position().version(),
                now.version(),
                now.epoch());
        ahead = Ahead.inNewHistory(fromSnapshot(now, true).inEpoch(now.epoch()), Optional.of(lost.position()));
        return now;
    }

    private static void refuseOtherHistory(LedgerHead head, LedgerPosition folded) {
        if (head.version() < folded.version()) {
            throw new StoreException(
                    StoreException.Code.UNAVAILABLE,
                    "the upstream is at version " + head.version() + ", and this relay has folded version "
                            + folded.version() + ": it is waited for until it has caught up");
        }
        throw new Damage("the upstream's entry " + folded.version()
                + " isn't the one that this relay has folded. Restart the upstream's node, which then begins a new"
                + " epoch if its ledger has lost entries; or start this relay with an empty data folder if it is to"
                + " have another ledger");
    }

    /** @param atOnce whether one that takes too long is done without, too */
    private Folded fromSnapshot(LedgerHead head, boolean atOnce) {
        Provenance nothing = new Provenance(head.ledgerId(), head.epoch(), 0);
        Folded empty = new Folded(new ImageDelta(Image.EMPTY).build(nothing), LedgerPosition.START);
        Optional<StoredSnapshot> snapshot = snapshot(head, atOnce);
        if (snapshot.isEmpty()) {
            return empty;
        }
        try {
            Image image = ImageCodec.decode(snapshot.get().bytes());
            Provenance of = image.provenance();
            if (!of.ledger().equals(head.ledgerId())
                    || of.version() != snapshot.get().version()) {
                throw new InvalidInput(
                        "state",
                        "version " + of.version() + " of ledger " + of.ledger(),
                        "version " + snapshot.get().version() + " of ledger " + head.ledgerId());
            }
            return new Folded(image, snapshot.get().position());
        } catch (InvalidInput e) {
            log.warn(
                    "snapshot at version {}: can't be read ({}); folding the whole ledger instead",
                    snapshot.get().version(),
                    e.getMessage());
            return empty;
        }
    }

    /** Empty also where the store has one and can't give it. */
    private Optional<StoredSnapshot> snapshot(LedgerHead head, boolean atOnce) {
        try {
            return call(() -> store.snapshotAtOrBefore(head.version()));
        } catch (StoreException e) {
            boolean without = e.code() == StoreException.Code.FAILED
                    || e.code() == StoreException.Code.DAMAGED
                    || (atOnce && e.code() == StoreException.Code.TIMEOUT);
            if (!without) {
                throw e;
            }
            log.warn("snapshot: can't be had ({}); folding the ledger's entries instead", e.getMessage());
            return Optional.empty();
        }
    }

    private void fold(List<StoredEntry> entries) {
        try {
            ahead = ahead.step(
                    ahead.folded().fold(ahead.folded().image().provenance().ledger(), entries));
        } catch (Damage e) {
            long good = e.entry().orElse(0L) - ahead.folded().position().version() - 1;
            if (good > 0) {
                fold(entries.subList(0, (int) good));
            }
            throw e;
        }
    }

    private void publish(Ahead next) {
        ahead = Ahead.of(next.folded());
        if (next.folded().isAt(current)) {
            return;
        }
        Publication publication = next.publication(current.image());
        current = next.folded();
        for (Publisher publisher : publishers) {
            try {
                publisher.publish(publication);
            } catch (Throwable e) {
                log.error(
                        "ALARM: {}: failed at version {}",
                        publisher.name(),
                        current.position().version(),
                        e);
            }
        }
    }

    /**
     * On the ledger's thread: appends at the folded position and folds what was appended.
     *
     * @param deadlineNanos until when an append whose outcome is unknown is repeated
     * @return whether it was appended; if not, the ledger had moved on and was caught up with
     * @throws StoreException if the store didn't take it, or maybe did
     */
    boolean append(List<byte[]> entries, long deadlineNanos) {
        LedgerPosition at = current.position();
        AppendResult result = appendUntilKnown(at, entries, deadlineNanos);
        if (result instanceof AppendResult.Conflict) {
            trusted = trusted && result.head().version() > at.version();
            if (!catchUp()) {
                throw new StoreException(
                        StoreException.Code.UNAVAILABLE, health.now().detail());
            }
            return false;
        }
        LedgerPosition position = at;
        List<StoredEntry> stored = new java.util.ArrayList<>();
        for (byte[] entry : entries) {
            position = position.next(entry);
            stored.add(new StoredEntry(result.head().epoch(), position.version(), entry, position.hash()));
        }
        ahead = Ahead.of(current);
        fold(stored);
        publish(ahead);
        return true;
    }

    /**
     * On the ledger's thread: begins a new epoch where the ledger ends.
     *
     * @throws StoreException if the store doesn't take it
     * @throws Damage if this node hasn't folded everything up to there: it can't speak for what it doesn't know
     */
    void newEpoch() {
        LedgerHead head = call(store::head);
        if (!head.position().equals(current.position())) {
            throw new Damage("this node has folded version "
                    + current.position().version() + ", but the ledger ends at " + head.version());
        }
        LedgerHead now = call(() -> store.startEpoch(head.epoch(), laterEpoch(head)));
        publish(Ahead.of(current).at(now));
    }

    private long laterEpoch(LedgerHead head) {
        return Math.max(head.epoch() + 1, clock.instant().getEpochSecond());
    }

    private AppendResult appendUntilKnown(LedgerPosition at, List<byte[]> entries, long deadlineNanos) {
        while (true) {
            try {
                return call(() -> store.append(at, entries));
            } catch (StoreException e) {
                trusted = false;
                health.failed(e);
                if (!e.outcomeUnknown() || closed || nanoTime.getAsLong() - deadlineNanos > 0) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(UNKNOWN_RETRY_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * On the ledger's thread: entries of the past, as {@link LedgerStore#read}.
     *
     * @throws StoreException if the store doesn't answer
     */
    List<StoredEntry> read(long afterVersion, int maxEntries) {
        try {
            return call(() -> store.read(afterVersion, maxEntries));
        } catch (StoreException e) {
            trusted = false;
            health.failed(e);
            throw e;
        }
    }

    private void check(Runnable check) {
        call(() -> {
            check.run();
            return true;
        });
    }

    private <T> T call(Supplier<T> call) {
        health.callBegins();
        try {
            return call.get();
        } finally {
            health.callEnds();
        }
    }

    LedgerStore store() {
        return store;
    }

    @Override
    public void close() {
        closed = true;
        Tail open = tail;
        if (open != null) {
            open.close();
        }
        tasks.offerFirst(() -> {});
        store.close();
        try {
            thread.join(1_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
