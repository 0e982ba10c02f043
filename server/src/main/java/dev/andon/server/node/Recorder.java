package dev.andon.server.node;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Sha256;
import dev.andon.store.StoreException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what the node observes into the ledger, in order, in the node's own name. Whoever hands something over never
 * waits: it is queued, and written when the store takes it. It goes the way of every other change, behind kills that settle.
 *
 * <p>What can fail, and what is done:
 *
 * <ol>
 *   <li>The store is cut off or damaged, or doesn't answer, or the ledger doesn't know the relay as it is: it waits. Kills
 *       and other changes don't wait for it.
 *   <li>The store doesn't say whether it took it: it is offered again under the same name, and taken once.
 *   <li>More waits than fits: what comes on top is left out, counted, and logged as an alarm.
 *   <li>The ledger refuses it: it is left out, counted, and logged as an alarm, so that what comes after it isn't held up.
 *   <li>The process ends: what waits is lost. Whoever must not lose it notes that it is due, and offers it again.
 * </ol>
 *
 * <p>Thread-safe.
 */
public final class Recorder implements AutoCloseable {
    public static final int MAX_WAITING = 1_000;

    private static final Logger log = LoggerFactory.getLogger(Recorder.class);
    private static final long CLOSE_MS = 500;

    private final int maxWaiting;
    private final long retryMs;
    private final Sparing sparing;
    private final AtomicLong lost = new AtomicLong();
    private final Map<String, Observation> waiting = new LinkedHashMap<>();
    private Optional<Upstream> upstream = Optional.empty();
    private BooleanSupplier mayWrite = () -> true;
    private @Nullable Thread thread;
    private boolean closed;

    /**
     * @param maxWaiting how many observations may wait
     * @param retryMs how often it is looked whether the store takes changes again
     */
    public Recorder(int maxWaiting, long retryMs, LongSupplier nanoTime) {
        this.maxWaiting = maxWaiting;
        this.retryMs = retryMs;
        this.sparing = new Sparing(nanoTime);
    }

    /** What was handed over before waits until then. */
    public synchronized void start(ControlPlane plane) {
        start(plane, Optional.empty(), () -> true);
    }

    /**
     * @param up who feeds the node, if it is a relay: it has the ledger
     * @param joined whether the ledger knows the relay as it is: it takes nothing from it before
     */
    public synchronized void start(ControlPlane plane, Optional<Upstream> up, BooleanSupplier joined) {
        upstream = up;
        mayWrite = joined;
        Thread started = Thread.ofVirtual().name("andon-recorder").unstarted(() -> run(plane));
        thread = started;
        started.start();
    }

    /** Hands an observation over. Doesn't block, and doesn't touch the store. */
    public synchronized void note(Observation observation) {
        if (closed) {
            return;
        }
        if (waiting.size() >= maxWaiting && !waiting.containsKey(observation.once())) {
            leaveOut(observation, waiting.size() + " wait for the ledger already");
            return;
        }
        waiting.put(observation.once(), observation);
        notifyAll();
    }

    /** How many observations won't be in the ledger. */
    public long lost() {
        return lost.get();
    }

    public synchronized int waiting() {
        return waiting.size();
    }

    private synchronized void leaveOut(Observation observation, String why) {
        lost.incrementAndGet();
        sparing.say(others -> log.error(
                "ALARM: {}: {}: not recorded in the ledger: {}{}",
                observation.event().subject(),
                observation.reason(),
                why,
                others));
    }

    private void run(ControlPlane plane) {
        try {
            while (true) {
                if (!recorded(plane, take())) {
                    Thread.sleep(retryMs);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether it needn't be offered again; if it must, it waits in its old place. */
    private boolean recorded(ControlPlane plane, Observation next) {
        boolean done = false;
        try {
            done = plane.store().connected() && mayWrite.getAsBoolean() && written(plane, next);
        } catch (Throwable e) {
            log.error("ALARM: recorder: a fault; what it was about is tried again", e);
        } finally {
            if (!done) {
                putBack(next);
            }
        }
        return done;
    }

    private synchronized Observation take() throws InterruptedException {
        while (waiting.isEmpty() || closed) {
            if (closed) {
                throw new InterruptedException("closed");
            }
            wait();
        }
        Observation first = waiting.values().iterator().next();
        waiting.remove(first.once());
        return first;
    }

    /** To its place at the front, unless a later one of its name has come. */
    private synchronized void putBack(Observation observation) {
        Map<String, Observation> others = new LinkedHashMap<>(waiting);
        Observation later = others.remove(observation.once());
        waiting.clear();
        waiting.put(observation.once(), later == null ? observation : later);
        waiting.putAll(others);
    }

    /** Whether it needn't be offered again. */
    private boolean written(ControlPlane plane, Observation observation) {
        try {
            long version = upstream.isPresent()
                    ? upstream.get().note(plane.node(), observation)
                    : write(plane, plane.node(), observation);
            observation.written().accept(version);
        } catch (StoreUnavailable | StoreException e) {
            log.debug("{}: waits: {}", observation.event().subject(), e.getMessage());
            return false;
        } catch (Refused | InvalidInput e) {
            leaveOut(observation, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            leaveOut(observation, "a bug: " + e);
            log.error("recorder: a bug", e);
        }
        return true;
    }

    /**
     * Writes what a node has seen, in its name; blocks.
     *
     * @return the version of its entry, also when it was there before
     * @throws StoreUnavailable if it can't be written now
     */
    public static long write(ControlPlane plane, String node, Observation observation) {
        String request = "observed/" + (observation.ofEachNode() ? node + "/" : "") + observation.once();
        CommandContext context = new CommandContext(
                "node:" + node,
                observation.reason(),
                observation.once(),
                Optional.of(new CommandContext.Idempotency(request, digest(request))),
                false);
        return version(plane.execute(
                (image, kills, now) -> Decision.of(observation.type(), List.of(observation.event()), committed -> true),
                context));
    }

    private static long version(Outcome<Boolean> outcome) {
        return switch (outcome) {
            case Outcome.Done<Boolean> done -> done.committed().version();
            case Outcome.Unchanged<Boolean> unchanged -> unchanged.committed().version();
            case Outcome.Rehearsed<Boolean> rehearsed -> rehearsed.committed().version();
            case Outcome.Repeated<Boolean> repeated -> repeated.version();
        };
    }

    /** Over the name alone: what is observed under one name is one observation, however it was worded. */
    private static String digest(String request) {
        return Sha256.hex(request);
    }

    /** Prompt: what waits for a store that doesn't answer is left. */
    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            closed = true;
            running = thread;
            notifyAll();
        }
        if (running != null) {
            try {
                running.join(CLOSE_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            running.interrupt();
        }
    }
}
