package dev.andon.server.delivery;

import dev.andon.core.model.SignedKill;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.Drain;
import dev.andon.server.node.StreamListener;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** What all streams share, whatever their transport. Thread-safe. */
final class Hub {
    private final String node;
    private final Feeds feeds;
    private final StreamLimits limits;
    private final StreamListener listener;
    private final Predicate<List<SignedKill>> adoption;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Drain drain;
    private final Doorway doorway;
    private final AtomicLong lastNumber = new AtomicLong();
    private final AtomicInteger open = new AtomicInteger();
    private final Map<InstanceKey, Stream> byInstance = new ConcurrentHashMap<>();
    private volatile boolean closing;

    /** A stream as others see it. */
    interface Stream {
        /** Ends it, from whatever thread. */
        void end(Frame.Refused why);
    }

    Hub(
            String node,
            Feeds feeds,
            StreamLimits limits,
            StreamListener listener,
            Predicate<List<SignedKill>> adoption,
            InstantSource clock,
            LongSupplier nanoTime,
            Drain drain) {
        this.node = node;
        this.feeds = feeds;
        this.limits = limits;
        this.listener = listener;
        this.adoption = adoption;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.drain = drain;
        this.doorway = new Doorway(limits.joining());
    }

    String node() {
        return node;
    }

    Feeds feeds() {
        return feeds;
    }

    StreamLimits limits() {
        return limits;
    }

    StreamListener listener() {
        return listener;
    }

    InstantSource clock() {
        return clock;
    }

    Drain drain() {
        return drain;
    }

    /** When to come back, if too many are on their way in. */
    Optional<Duration> askToJoin(String token) {
        return doorway.ask(token, exactMs());
    }

    /** One is on its way in, until it has {@link #joined}. */
    void joins(String token) {
        doorway.enter(token);
    }

    void joined(String token) {
        doorway.free(token, exactMs());
    }

    private double exactMs() {
        return nanoTime.getAsLong() / 1e6;
    }

    long nanos() {
        return nanoTime.getAsLong();
    }

    long nowMs() {
        return nanoTime.getAsLong() / 1_000_000;
    }

    /** Whether they will be looked at; if not, there are too many at the moment. */
    boolean adopt(List<SignedKill> kills) {
        return adoption.test(kills);
    }

    /** Whether there is room for one more stream; if so, {@link #leave} gives it back. */
    boolean enter() {
        if (leaving()) {
            return false;
        }
        if (open.incrementAndGet() > limits.streams()) {
            open.decrementAndGet();
            return false;
        }
        return true;
    }

    void leave() {
        open.decrementAndGet();
    }

    int open() {
        return open.get();
    }

    private boolean leaving() {
        return closing || drain.begun();
    }

    void close() {
        closing = true;
    }

    StreamListener.StreamId identify(InstanceKey instance, Stream stream) {
        Stream older = byInstance.put(instance, stream);
        if (older != null && !older.equals(stream)) {
            older.end(new Frame.Refused(
                    Frame.Refused.SUPERSEDED, "instance " + instance.instance() + " has connected anew", 0));
        }
        return new StreamListener.StreamId(lastNumber.incrementAndGet(), instance);
    }

    void forget(InstanceKey instance, Stream stream) {
        byInstance.remove(instance, stream);
    }

    Frame.Refused overloaded() {
        return leaving()
                ? shuttingDown()
                : new Frame.Refused(
                        Frame.Refused.OVERLOADED,
                        "streams: " + limits.streams()
                                + " are open (expected: no more); raise the server's stream limit",
                        limits.retryMs());
    }

    Frame.Refused tooManyKills() {
        return new Frame.Refused(
                Frame.Refused.OVERLOADED,
                "carried: more kills than can be verified at the moment (expected: later)",
                limits.retryMs());
    }

    static Frame.Refused shuttingDown() {
        return new Frame.Refused(Frame.Refused.SHUTTING_DOWN, "the server is shutting down", 0);
    }

    static Frame.Refused revoked() {
        return new Frame.Refused(Frame.Refused.UNAUTHORIZED, "the SDK key was revoked or rotated out", 0);
    }
}
