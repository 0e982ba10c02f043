package dev.andon.server.node;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * The newest {@link ServedState} of every environment, for whoever asks or waits. Kills come from the stop thread, images from the
 * ledger's; neither waits for a client. Thread-safe.
 */
public final class ServedStates implements Publisher, KillListener, AutoCloseable {
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, ServedState> states = new ConcurrentHashMap<>();
    private final Map<String, List<StandingKill>> early = new HashMap<>();
    private final List<Runnable> followers = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    public ServedStates(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public String name() {
        return "served-states";
    }

    @Override
    public void onKills(String environment, List<StandingKill> kills) {
        lock.lock();
        try {
            ServedState known = states.get(environment);
            if (known == null) {
                early.computeIfAbsent(environment, key -> new ArrayList<>()).addAll(kills);
            } else {
                states.put(environment, known.with(kills, nowSeconds()));
                tell();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void publish(Publication publication) {
        lock.lock();
        try {
            publication.after().environments().forEach((key, part) -> publish(key, part, publication.after()));
            tell();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Called whenever there may be something newer, kills before their ledger entries, and at the end.
     *
     * @param follower returns at once: kills wait for it
     */
    public void follow(Runnable follower) {
        followers.add(follower);
    }

    private void tell() {
        changed.signalAll();
        followers.forEach(Runnable::run);
    }

    private void publish(String key, EnvironmentImage part, Image image) {
        ServedState known = states.get(key);
        if (known == null) {
            List<StandingKill> kills = Optional.ofNullable(early.remove(key)).orElse(List.of());
            states.put(key, ServedState.of(image, part, kills, nowSeconds()));
        } else {
            states.put(key, known.next(image, part, nowSeconds()));
        }
    }

    public Optional<ServedState> newest(String environment) {
        return Optional.ofNullable(states.get(environment));
    }

    /** The newest state, once it is as wanted, or else when the time is over or nothing more is served. */
    public Optional<ServedState> await(String environment, Predicate<ServedState> wanted, long nanos)
            throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (!closed && newest(environment).filter(wanted).isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return newest(environment);
        } finally {
            lock.unlock();
        }
    }

    public boolean closed() {
        return closed;
    }

    /** Ends all waiting. */
    @Override
    public void close() {
        closed = true;
        lock.lock();
        try {
            tell();
        } finally {
            lock.unlock();
        }
    }

    private long nowSeconds() {
        return clock.instant().getEpochSecond();
    }
}
