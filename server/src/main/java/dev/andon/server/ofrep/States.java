package dev.andon.server.ofrep;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.server.node.KillListener;
import dev.andon.server.node.Publication;
import dev.andon.server.node.Publisher;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * The newest {@link State} of every environment, for whoever asks or waits. Kills come from the stop thread, images from the
 * ledger's; neither waits for a client. Thread-safe.
 */
public final class States implements Publisher, KillListener {
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, State> states = new ConcurrentHashMap<>();
    private final Map<String, List<StandingKill>> early = new HashMap<>();
    private volatile boolean closed;

    public States(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public String name() {
        return "ofrep";
    }

    @Override
    public void onKills(String environment, List<StandingKill> kills) {
        lock.lock();
        try {
            State known = states.get(environment);
            if (known == null) {
                early.computeIfAbsent(environment, key -> new ArrayList<>()).addAll(kills);
            } else {
                states.put(environment, known.with(kills, nowSeconds()));
                changed.signalAll();
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
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void publish(String key, EnvironmentImage part, Image image) {
        State known = states.get(key);
        if (known == null) {
            List<StandingKill> kills = Optional.ofNullable(early.remove(key)).orElse(List.of());
            states.put(key, State.of(image, part, kills, nowSeconds()));
        } else {
            states.put(key, known.next(image, part, nowSeconds()));
        }
    }

    Optional<State> newest(String environment) {
        return Optional.ofNullable(states.get(environment));
    }

    /** The newest state, once it is as wanted, or else when the time is over or nothing more is served. */
    Optional<State> await(String environment, Predicate<State> wanted, long nanos) throws InterruptedException {
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

    boolean closed() {
        return closed;
    }

    /** Ends all waiting. */
    void close() {
        closed = true;
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private long nowSeconds() {
        return clock.instant().getEpochSecond();
    }
}
