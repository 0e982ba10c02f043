package dev.andon.store;

import dev.andon.store.StoreException.Code;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that do blocking work for callers who wait a bounded time: a disk or a database may hang for ever, its caller
 * may not. They are platform threads, because a native call that hangs would take a virtual thread's carrier with it.
 *
 * <p>Thread-safe.
 */
final class Workers implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Workers.class);

    /** Calls that wait for a thread; further ones are refused at once. */
    private static final int QUEUE_LIMIT = 1_000;

    private final String name;
    private final Duration timeout;
    private final int threads;
    private final ThreadPoolExecutor executor;

    /** Calls that run although nobody waits for them any more. */
    private final AtomicInteger overdue = new AtomicInteger();

    Workers(String name, int threads, Duration timeout) {
        this.name = name;
        this.timeout = timeout;
        this.threads = threads;
        AtomicInteger number = new AtomicInteger();
        this.executor = new ThreadPoolExecutor(
                threads,
                threads,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(QUEUE_LIMIT),
                work -> Thread.ofPlatform()
                        .name("andon-" + name + "-" + number.incrementAndGet())
                        .daemon()
                        .unstarted(work));
        executor.allowCoreThreadTimeOut(true);
    }

    interface Work<T> {
        T run(Permit permit) throws Exception;
    }

    /** Whether a caller still waits; asked right before the step that can't be taken back. */
    static final class Permit {
        private enum State {
            WAITED_FOR,
            COMMITTING,
            ABANDONED
        }

        private final AtomicReference<State> state = new AtomicReference<>(State.WAITED_FOR);

        /** From here on the outcome of a call that times out is unknown; if it did so before, this throws. */
        void commit() {
            if (!state.compareAndSet(State.WAITED_FOR, State.COMMITTING)) {
                throw new StoreException(Code.TIMEOUT, "call: given up by its caller (nothing was written)");
            }
        }

        private boolean abandon() {
            return state.compareAndSet(State.WAITED_FOR, State.ABANDONED);
        }

        private boolean abandoned() {
            return state.get() == State.ABANDONED;
        }

        boolean committing() {
            return state.get() == State.COMMITTING;
        }
    }

    /**
     * Runs {@code work} on one of the threads; its {@link StoreException}s come out as they are. Fails at once while all
     * threads hang in calls that were given up.
     */
    <T> T call(String what, Work<T> work) {
        if (overdue.get() >= threads) {
            throw new StoreException(
                    Code.TIMEOUT,
                    name + ": still hangs in earlier calls (nothing was written). Check its disk or server");
        }
        Call<T> call = new Call<>(work);
        try {
            executor.execute(call);
        } catch (RejectedExecutionException e) {
            throw executor.isShutdown()
                    ? new StoreException(Code.CLOSED, name + ": closed")
                    : new StoreException(Code.TIMEOUT, name + ": " + QUEUE_LIMIT + " calls wait already", e);
        }
        try {
            return call.result.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw giveUp(call, "no answer to " + what + " within " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw giveUp(call, "interrupted while waiting for " + what, e);
        } catch (ExecutionException e) {
            throw failure(what, call.permit, e.getCause() == null ? e : e.getCause());
        }
    }

    /** Runs {@code work} some time; drops it after {@link #close}. */
    void execute(Runnable work) {
        try {
            executor.execute(work);
        } catch (RejectedExecutionException e) {
            log.debug("{}: closed or overloaded, work dropped", name);
        }
    }

    private final class Call<T> implements Runnable {
        private final Work<T> work;
        private final Permit permit = new Permit();
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private boolean started;
        private boolean finished;
        private boolean counted;

        Call(Work<T> work) {
            this.work = work;
        }

        @Override
        public void run() {
            if (permit.abandoned()) {
                return;
            }
            synchronized (this) {
                started = true;
            }
            try {
                result.complete(work.run(permit));
            } catch (Throwable e) {
                result.completeExceptionally(e);
            } finally {
                finish();
            }
        }

        private synchronized void finish() {
            finished = true;
            if (counted) {
                overdue.decrementAndGet();
            }
        }

        private synchronized void countAsOverdue() {
            if (started && !finished) {
                counted = true;
                overdue.incrementAndGet();
            }
        }
    }

    private StoreException giveUp(Call<?> call, String reason, Exception cause) {
        boolean safe = call.permit.abandon();
        executor.remove(call);
        call.countAsOverdue();
        String outcome = safe ? "nothing was written" : "it may have been written: try the same again to know";
        return new StoreException(Code.TIMEOUT, !safe, name + ": " + reason + " (" + outcome + ")", cause);
    }

    private StoreException failure(String what, Permit permit, Throwable cause) {
        if (cause instanceof StoreException e) {
            return new StoreException(e.code(), e.outcomeUnknown(), String.valueOf(e.getMessage()), e);
        }
        return new StoreException(
                Code.FAILED, permit.committing(), name + ": " + what + " failed unexpectedly: " + cause, cause);
    }

    /** Calls under way may finish within their time; later ones fail with CLOSED. */
    @Override
    public void close() {
        executor.shutdown();
        boolean finished = false;
        try {
            finished = executor.awaitTermination(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!finished) {
            executor.shutdownNow();
        }
    }
}
