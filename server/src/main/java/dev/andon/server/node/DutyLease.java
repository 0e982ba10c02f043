package dev.andon.server.node;

import dev.andon.server.node.LeaseMachine.Effect;
import dev.andon.server.node.LeaseMachine.Input;
import dev.andon.store.Lease;
import dev.andon.store.LedgerStore;
import dev.andon.store.StoreDescription.Kind;
import dev.andon.store.StoreException;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lease of the store by which one node of a ledger does what one alone is to do. Drives {@link LeaseMachine} with a thread of its
 * own; asks the store on others, so that a store that hangs doesn't keep the lease from ending. Thread-safe.
 */
final class DutyLease implements AutoCloseable {
    static final String NAME = "duties";

    private static final Logger log = LoggerFactory.getLogger(DutyLease.class);
    private static final long GIVE_UP_MS = 500;

    private final LedgerStore store;
    private final String node;
    private final LongSupplier nanoTime;
    private final LeaseMachine.Times times;
    private final LeaseMachine machine;
    private final LinkedBlockingQueue<Input> inputs = new LinkedBlockingQueue<>();
    private volatile Seen seen;
    private volatile boolean closed;
    private @Nullable Thread thread;

    private record Seen(boolean held, long untilNanos, String holder) {}

    DutyLease(LedgerStore store, String node, LongSupplier nanoTime) {
        this.store = store;
        this.node = node;
        this.nanoTime = nanoTime;
        this.times = store.describe().kind() == Kind.SQLITE ? LeaseMachine.Times.ALONE : LeaseMachine.Times.SHARED;
        this.machine = new LeaseMachine(node, times, nanoTime.getAsLong());
        this.seen = new Seen(false, 0, "");
    }

    void start() {
        thread = Thread.ofPlatform().name("andon-lease").daemon().start(this::run);
    }

    Duties now() {
        Seen last = seen;
        return new Duties(last.held() && last.untilNanos() - nanoTime.getAsLong() > 0, last.holder());
    }

    private void run() {
        try {
            Input input = new Input.Tick();
            while (!closed) {
                long nowNanos = nanoTime.getAsLong();
                for (Effect effect : machine.step(input, nowNanos)) {
                    carryOut(effect);
                }
                seen = new Seen(machine.holds(nowNanos), machine.heldUntilNanos(nowNanos), machine.holder());
                long waitNanos = Math.max(0, machine.dueNanos(nowNanos) - nanoTime.getAsLong());
                Input next = inputs.poll(waitNanos, TimeUnit.NANOSECONDS);
                input = next == null ? new Input.Tick() : next;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.Ask ask -> Thread.ofVirtual().name("andon-lease-ask").start(this::ask);
            case Effect.Begin begin -> log.info("duties: this node's, token {}", begin.token());
            case Effect.End end -> log.info("duties: not this node's any more, token {}", end.token());
            case Effect.GiveUp giveUp -> giveUp();
        }
    }

    private void ask() {
        long askedNanos = nanoTime.getAsLong();
        Input answer;
        try {
            Lease lease = store.takeLease(NAME, node, Duration.ofMillis(times.leaseMs()));
            answer = new Input.Answered(askedNanos, lease);
        } catch (StoreException e) {
            log.debug("duties: {}", e.getMessage());
            answer = new Input.Failed();
        } catch (RuntimeException e) {
            log.error("duties: a bug", e);
            answer = new Input.Failed();
        }
        inputs.add(answer);
    }

    /** Best effort: without it, the others wait until it is over. */
    private void giveUp() {
        Thread giving = Thread.ofVirtual().name("andon-lease-end").start(() -> {
            try {
                store.giveUpLease(NAME, node);
            } catch (StoreException e) {
                log.debug("duties: not given up: {}", e.getMessage());
            }
        });
        try {
            giving.join(Duration.ofMillis(GIVE_UP_MS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives the lease up; for half a second at most. To be closed before the store. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        inputs.add(new Input.Tick());
        Thread running = thread;
        if (running == null) {
            return;
        }
        try {
            running.join(GIVE_UP_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        seen = new Seen(false, 0, "");
        machine.step(new Input.Close(), nanoTime.getAsLong()).forEach(this::carryOut);
    }
}
