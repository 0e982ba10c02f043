package dev.andon.server.node;

import dev.andon.store.StoreException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * One change on its way through the ledger's thread. Once the store is cut off, a change that still waits for the thread is
 * refused, and one whose turn it is isn't tried: each would only wait for the store's time-out once more.
 */
final class CommandTask<R> implements Runnable {
    private static final int MAX_DECISIONS = 50;
    private static final long CHECK_MS = 100;

    private final Ledger ledger;
    private final Command<R> command;
    private final CommandContext context;
    private final Supplier<KnownKills> kills;
    private final List<Invariant> invariants;
    private final InstantSource clock;
    private final long deadlineNanos;
    private final CompletableFuture<Outcome<R>> outcome = new CompletableFuture<>();
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.WAITING);

    private enum Phase {
        WAITING,
        /** Deciding, nothing was written yet. */
        RUNNING,
        /** Something may have been written. */
        WRITING,
        GIVEN_UP
    }

    CommandTask(
            Ledger ledger,
            Command<R> command,
            CommandContext context,
            Supplier<KnownKills> kills,
            List<Invariant> invariants,
            InstantSource clock,
            long deadlineNanos) {
        this.ledger = ledger;
        this.command = command;
        this.context = context;
        this.kills = kills;
        this.invariants = invariants;
        this.clock = clock;
        this.deadlineNanos = deadlineNanos;
    }

    @Override
    public void run() {
        if (!phase.compareAndSet(Phase.WAITING, Phase.RUNNING)) {
            return;
        }
        if (!ledger.reachable()) {
            outcome.completeExceptionally(StoreUnavailable.of(ledger.health()));
            return;
        }
        try {
            outcome.complete(carryOut());
        } catch (StoreException e) {
            outcome.completeExceptionally(refusal(e));
        } catch (Throwable e) {
            outcome.completeExceptionally(e);
        }
    }

    /** Ends it before it began. */
    void fail(RuntimeException reason) {
        phase.set(Phase.GIVEN_UP);
        outcome.completeExceptionally(reason instanceof StoreException store ? refusal(store) : reason);
    }

    private Outcome<R> carryOut() {
        boolean newest = false;
        for (int i = 0; i < MAX_DECISIONS; i++) {
            KnownKills known = kills.get();
            Optional<Long> repeated = Change.repeated(known.image(), context);
            if (repeated.isPresent()) {
                return new Outcome.Repeated<>(repeated.get());
            }
            Optional<Change<R>> change = decide(known, newest);
            if (change.isPresent() && change.get().changesNothing()) {
                return change.get().unchanged();
            }
            if (change.isPresent() && appended(change.get())) {
                return change.get().done(ledger.current().image());
            }
            newest = true;
        }
        throw new StoreUnavailable(
                "the ledger is changed by others faster than this change can be decided; nothing was changed, try"
                        + " again");
    }

    /**
     * This node may be behind the others. An append finds that out by itself; a refusal and "it is so already" append nothing,
     * and are only said by a node that had the ledger's end after the question came.
     *
     * @param newest whether it has had that
     * @return empty if it has been caught up with, and is to be decided again
     */
    private Optional<Change<R>> decide(KnownKills known, boolean newest) {
        try {
            Change<R> change = Change.decide(command, context, known, invariants, clock.instant());
            if (newest || !change.changesNothing()) {
                return Optional.of(change);
            }
        } catch (RuntimeException refusal) {
            if (newest) {
                throw refusal;
            }
        }
        if (!ledger.catchUp()) {
            throw StoreUnavailable.of(ledger.health());
        }
        return Optional.empty();
    }

    /** Whether it is in the ledger now; if not, others were faster. */
    private boolean appended(Change<R> change) {
        byte[] entry = change.entry(context);
        if (!phase.compareAndSet(Phase.RUNNING, Phase.WRITING) && phase.get() != Phase.WRITING) {
            throw new StoreUnavailable("the caller has given up; nothing was changed");
        }
        return ledger.append(List.of(entry), deadlineNanos);
    }

    private static StoreUnavailable refusal(StoreException e) {
        if (e.outcomeUnknown()) {
            return new StoreUnavailable(
                    "the store didn't say whether it took the change (" + e.getMessage()
                            + "); repeat the request with the same Idempotency-Key to find out",
                    true,
                    e);
        }
        return new StoreUnavailable(
                "the store can't be written (" + e.getMessage()
                        + "); nothing was changed. Kills are taken all the same",
                false,
                e);
    }

    /** Waits for the outcome; gives up after the given time, or when the store is cut off before the change's turn. */
    Outcome<R> await(long waitMs) {
        try {
            for (long leftMs = waitMs; leftMs > 0; leftMs -= CHECK_MS) {
                Optional<Outcome<R>> known = outcomeWithin(Math.min(leftMs, CHECK_MS));
                if (known.isPresent()) {
                    return known.get();
                }
                StoreHealth health = ledger.health();
                if (!health.writable() && phase.compareAndSet(Phase.WAITING, Phase.GIVEN_UP)) {
                    throw StoreUnavailable.of(health);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw giveUp();
    }

    private Optional<Outcome<R>> outcomeWithin(long ms) throws InterruptedException {
        try {
            return Optional.of(outcome.get(ms, TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private StoreUnavailable giveUp() {
        boolean untouched = phase.compareAndSet(Phase.WAITING, Phase.GIVEN_UP)
                || phase.compareAndSet(Phase.RUNNING, Phase.GIVEN_UP);
        return untouched
                ? new StoreUnavailable(
                        "the store doesn't answer; nothing was changed. Kills are taken all the same", false, null)
                : new StoreUnavailable(
                        "the store didn't say in time whether it took the change; repeat the request with the same"
                                + " Idempotency-Key to find out",
                        true,
                        null);
    }
}
