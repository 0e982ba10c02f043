package dev.andon.server.node;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that keeps the books: which instances there are and what they have applied. What happens is handed to it
 * in the order in which it happened; it never waits for anything. Thread-safe.
 *
 * <p>A kill's way to ten thousand streams is as many notes, each done in less time than it takes to wake a thread: it lingers for more
 * before it rests, and only who finds it resting wakes it.
 */
public final class Bookkeeper implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Bookkeeper.class);
    private static final long ANSWER_MS = 5_000;
    private static final long LINGER_NANOS = 500_000;

    private final long answerMs;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Thread thread =
            Thread.ofPlatform().name("andon-books").daemon().unstarted(this::run);
    private volatile boolean resting;
    private volatile boolean closed;

    public Bookkeeper() {
        this(ANSWER_MS);
    }

    /** @param answerMs how long a question waits for its turn */
    public Bookkeeper(long answerMs) {
        this.answerMs = answerMs;
    }

    public void start() {
        thread.start();
    }

    /** Has it done, after everything that was handed over before. */
    public void note(Runnable task) {
        tasks.add(task);
        if (resting) {
            LockSupport.unpark(thread);
        }
    }

    /**
     * Asks for something that only the bookkeeper may read.
     *
     * @throws TooBusy if it doesn't get round to it, as when the whole process stood still
     */
    public <T> T ask(Supplier<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        tasks.add(() -> {
            try {
                answer.complete(question.get());
            } catch (Throwable e) {
                answer.completeExceptionally(e);
            }
        });
        LockSupport.unpark(thread);
        try {
            return answer.get(answerMs, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new TooBusy("books: no answer within " + answerMs + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TooBusy("books: interrupted", e);
        }
    }

    private void run() {
        while ((!closed || !tasks.isEmpty()) && !thread.isInterrupted()) {
            Runnable task = tasks.poll();
            if (task == null) {
                await();
                continue;
            }
            try {
                task.run();
            } catch (Throwable e) {
                log.error("books: a bug", e);
            }
        }
    }

    /** May come back early. */
    private void await() {
        LockSupport.parkNanos(this, LINGER_NANOS);
        if (!tasks.isEmpty()) {
            return;
        }
        resting = true;
        // Whoever adds from here on sees that it rests, and whatever was added before is seen here.
        if (tasks.isEmpty() && !closed) {
            LockSupport.park(this);
        }
        resting = false;
    }

    /** Finishes what was handed over, for a second at most. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join(1_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
