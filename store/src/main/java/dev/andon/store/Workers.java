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

/**
 * Threads that do blocking work for callers who wait a bounded time: a disk or a database may hang for ever, its caller
 * may not. They are platform threads, because a native call that hangs would take a virtual thread's carrier with it.
 *
 * <p>Thread-safe.
 */
final class Workers implements AutoCloseable {
    /** Calls that wait for a thread; further ones are refused at once. */
    private static final int QUEUE_LIMIT = 1_000;

    private final String name;
    private final Duration timeout;
    private final ThreadPoolExecutor executor;

    Workers(String name, int threads, Duration timeout) {
        this.name = name;
        this.timeout = timeout;
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

    /** Runs {@code work} on one of the threads; its {@link StoreException}s come out as they are. */
    <T> T call(String what, Work<T> work) {
        Permit permit = new Permit();
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable task = () -> {
            if (permit.abandoned()) {
                return;
            }
            try {
                result.complete(work.run(permit));
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        };
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            throw executor.isShutdown()
                    ? closed()
                    : new StoreException(Code.TIMEOUT, name + ": " + QUEUE_LIMIT + " calls wait already", e);
        }
        try {
            return result.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw giveUp(permit, task, "no answer to " + what + " within " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw giveUp(permit, task, "interrupted while waiting for " + what, e);
        } catch (ExecutionException e) {
            throw failure(what, permit, e.getCause() == null ? e : e.getCause());
        }
    }

    private StoreException giveUp(Permit permit, Runnable task, String reason, Exception cause) {
        boolean safe = permit.abandon();
        executor.remove(task);
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

    private StoreException closed() {
        return new StoreException(Code.CLOSED, name + ": closed");
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
