package dev.andon.sdk;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Work that mustn't hold up the link, one after the other, on a daemon thread that ends when there is nothing to do. */
final class Background {
    private static final Logger LOG = LoggerFactory.getLogger(Andon.class);
    private static final int IDLE_SECONDS = 5;

    private final ThreadPoolExecutor executor;

    Background(String threadName) {
        executor = new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
            Thread thread = new Thread(work, threadName);
            thread.setDaemon(true);
            return thread;
        });
        executor.allowCoreThreadTimeOut(true);
    }

    /** Whether the work will be done: not after {@link #end()}. What it throws is logged and goes no further. */
    boolean run(Runnable work) {
        try {
            executor.execute(() -> {
                try {
                    work.run();
                } catch (Throwable e) {
                    LOG.warn("A listener, or other work of Andon's, failed", e);
                }
            });
            return true;
        } catch (RejectedExecutionException ended) {
            return false;
        }
    }

    /** Takes no more work; what was handed over is still done. */
    void end() {
        executor.shutdown();
    }

    /** As {@link #end()}, and waits so long at most for what is still to be done. */
    void end(long ms) {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(ms, TimeUnit.MILLISECONDS)) {
                LOG.debug("Still at work after {} ms", ms);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
