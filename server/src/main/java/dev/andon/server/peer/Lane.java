package dev.andon.server.peer;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Tasks of which a thread does one at a time, in their order, between all others. Unbounded; thread-safe. */
final class Lane {
    private final Consumer<Runnable> thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();

    /** @param thread does each task that it is given after all that it was given before, and whatever one of them throws */
    Lane(Consumer<Runnable> thread) {
        this.thread = thread;
    }

    void run(Runnable task) {
        tasks.add(task);
        if (waiting.getAndIncrement() == 0) {
            thread.accept(this::next);
        }
    }

    private void next() {
        Runnable task = tasks.remove();
        try {
            task.run();
        } finally {
            if (waiting.decrementAndGet() > 0) {
                thread.accept(this::next);
            }
        }
    }
}
