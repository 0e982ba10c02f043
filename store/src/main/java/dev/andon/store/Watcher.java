package dev.andon.store;

import dev.andon.store.StoreException.Code;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that wakes every tail when it is nudged, and looks at the head by itself each poll interval. It starts with
 * the first tail. Thread-safe.
 *
 * <p>A look that fails is repeated for ever, and the tails are woken when it works again: what happened meanwhile is
 * unknown.
 */
final class Watcher implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Watcher.class);

    private final Supplier<LedgerHead> head;
    private final Function<Runnable, Tail> listen;
    private final Duration pollInterval;
    private final List<Subscription> tails = new CopyOnWriteArrayList<>();
    private final Semaphore nudges = new Semaphore(0);
    private final ReentrantLock lock = new ReentrantLock();
    private Optional<Thread> thread = Optional.empty();
    private volatile boolean closed;

    /**
     * @param listen starts whatever hears of other nodes' entries and calls back then; closed at the end
     */
    Watcher(Supplier<LedgerHead> head, Function<Runnable, Tail> listen, Duration pollInterval) {
        this.head = head;
        this.listen = listen;
        this.pollInterval = pollInterval;
    }

    Tail add(Runnable onNews) {
        Subscription tail = new Subscription(onNews);
        lock.lock();
        try {
            if (closed) {
                throw new StoreException(Code.CLOSED, "store: closed");
            }
            tails.add(tail);
            if (thread.isEmpty()) {
                thread = Optional.of(
                        Thread.ofPlatform().name("andon-store-tail").daemon().start(this::run));
            }
        } finally {
            lock.unlock();
        }
        nudge();
        return tail;
    }

    void nudge() {
        nudges.release();
    }

    private void run() {
        Tail listener = listen.apply(this::nudge);
        try {
            Optional<LedgerHead> seen = Optional.empty();
            while (!closed) {
                if (nudges.tryAcquire(pollInterval.toMillis(), TimeUnit.MILLISECONDS)) {
                    nudges.drainPermits();
                    wake();
                } else {
                    Optional<LedgerHead> found = look();
                    if (found.isPresent() && !found.equals(seen)) {
                        wake();
                    }
                    seen = found;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            listener.close();
        }
    }

    private Optional<LedgerHead> look() {
        try {
            return Optional.of(head.get());
        } catch (StoreException e) {
            log.debug("tail: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private void wake() {
        for (Subscription tail : tails) {
            try {
                tail.onNews.run();
            } catch (RuntimeException e) {
                log.error("tail: a listener failed", e);
            }
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            tails.clear();
            thread.ifPresent(Thread::interrupt);
        } finally {
            lock.unlock();
        }
    }

    private final class Subscription implements Tail {
        private final Runnable onNews;

        Subscription(Runnable onNews) {
            this.onNews = onNews;
        }

        @Override
        public void close() {
            tails.remove(this);
        }
    }
}
