package dev.andon.sdk;

import dev.andon.core.stream.ClientLink;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.HeldState;
import dev.andon.core.stream.LinkEffect;
import dev.andon.core.stream.LinkInput;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives a {@link ClientLink}: one daemon thread takes what happens, lets time pass, and carries out the effects. No code
 * of the application runs on it, so that none can hold it up.
 */
final class LinkLoop implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Andon.class);
    private static final int AFTER_FAULT_MS = 1_000;
    private static final int LAST_WORDS_MS = 900;

    /** What the loop acts on besides connections. Called on the loop's thread. */
    interface Target {
        /** From when this returns, every evaluation sees the state. */
        void putInForce(LinkEffect.PutInForce put, long nowMs);

        void save(HeldState state);

        void statusChanged(LinkEffect.StatusChanged changed);
    }

    private record Happening(LinkInput input, long nanos, Runnable taken) {}

    private final ClientLink link;
    private final Connection.Opener opener;
    private final Target target;
    private final Reports reports;
    private final LongSupplier nanoTime;
    private final LinkedBlockingQueue<Happening> happenings = new LinkedBlockingQueue<>();
    private final Map<Long, Connection> connections = new HashMap<>();
    private final List<Connection> ending = new ArrayList<>();
    private final CompletableFuture<Void> said = new CompletableFuture<>();
    private HeldState inForce;
    private long receivedNanos;
    private long applyMicros;

    LinkLoop(ClientLink link, Connection.Opener opener, Target target, Reports reports, LongSupplier nanoTime) {
        this.link = link;
        this.opener = opener;
        this.target = target;
        this.reports = reports;
        this.nanoTime = nanoTime;
        this.inForce = link.state();
    }

    /** Starts the thread; it ends after {@link #close}. */
    void start() {
        Thread thread = new Thread(this, "andon-link");
        thread.setDaemon(true);
        thread.start();
    }

    /** Says goodbye. Any thread may call, any number of times. The result is done once goodbye is said, or can't be. */
    CompletableFuture<Void> close() {
        tell(new LinkInput.Close(), () -> {});
        return said;
    }

    @Override
    public void run() {
        tell(new LinkInput.Start(), () -> {});
        boolean closed = false;
        while (!closed) {
            try {
                Happening next = happenings.poll(waitMs(), TimeUnit.MILLISECONDS);
                if (next == null) {
                    step(new LinkInput.Tick());
                } else {
                    closed = next.input instanceof LinkInput.Close;
                    receivedNanos = next.nanos;
                    step(next.input);
                    next.taken.run();
                }
            } catch (InterruptedException e) {
                LOG.debug("Interrupted; only close() ends the link");
            } catch (Throwable e) {
                fault(e);
            }
        }
        awaitEnds();
        said.complete(null);
    }

    /** What was sent last gets a moment to go out. */
    private void awaitEnds() {
        CompletableFuture<?>[] ends = ending.stream().map(Connection::ended).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(ends).get(LAST_WORDS_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            LOG.debug("A connection didn't end in time", e);
        }
    }

    /** An error in Andon itself. The link starts afresh from what is in force; what it held, it holds. */
    private void fault(Throwable e) {
        try {
            LOG.error("Fault in Andon's link, which goes on; please report it", e);
            TimeUnit.MILLISECONDS.sleep(AFTER_FAULT_MS);
            step(new LinkInput.NotInForce(inForce, "a fault: " + e));
        } catch (InterruptedException interrupted) {
            LOG.debug("Interrupted; only close() ends the link");
        } catch (Throwable again) {
            LOG.debug("Fault after a fault", again);
        }
    }

    private long waitMs() {
        long deadlineMs = link.deadlineMs();
        return deadlineMs == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, deadlineMs - nowMs());
    }

    private long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong());
    }

    private void tell(LinkInput input, Runnable taken) {
        happenings.add(new Happening(input, nanoTime.getAsLong(), taken));
    }

    private void step(LinkInput input) {
        applyMicros = 0;
        List<LinkEffect> effects = link.step(input, nowMs());
        for (LinkEffect effect : effects) {
            if (effect instanceof LinkEffect.PutInForce put) {
                if (!putInForce(put)) {
                    break;
                }
            } else {
                carryOut(effect);
            }
        }
        connections.values().forEach(Connection::flush);
        connections.values().removeIf(connection -> connection.ended().isDone());
        ending.removeIf(connection -> connection.ended().isDone());
    }

    private boolean putInForce(LinkEffect.PutInForce put) {
        try {
            target.putInForce(put, nowMs());
        } catch (Throwable e) {
            LOG.error("A state can't be put in force; the one before stays", e);
            tell(new LinkInput.NotInForce(inForce, "a state can't be put in force: " + e), () -> {});
            return false;
        }
        inForce = put.state();
        applyMicros = TimeUnit.NANOSECONDS.toMicros(nanoTime.getAsLong() - receivedNanos);
        return true;
    }

    private void carryOut(LinkEffect effect) {
        if (effect instanceof LinkEffect.Open open) {
            connections.put(open.connection(), opener.open(open.connection(), open.transport(), this::tell));
            reports.connected();
        } else if (effect instanceof LinkEffect.Send send) {
            send(send.connection(), send.frame(), () -> {});
        } else if (effect instanceof LinkEffect.Ack ack) {
            send(ack.connection(), new Frame.Ack(ack.state(), ack.pending(), applyMicros), () -> {});
        } else if (effect instanceof LinkEffect.Report report) {
            for (Frame.Report frame : reports.due(nowMs())) {
                send(
                        report.connection(),
                        frame,
                        () -> happenings.add(
                                new Happening(new LinkInput.Tick(), nanoTime.getAsLong(), () -> reports.keep(frame))));
            }
        } else if (effect instanceof LinkEffect.Save save) {
            target.save(save.state());
        } else if (effect instanceof LinkEffect.StatusChanged changed) {
            target.statusChanged(changed);
        } else if (effect instanceof LinkEffect.Warn warn) {
            LOG.warn("Andon: {}", warn.text());
        } else if (effect instanceof LinkEffect.Disconnect ended) {
            Connection connection = connections.remove(ended.connection());
            if (connection != null) {
                connection.close();
                ending.add(connection);
            }
        }
    }

    private void send(long id, Frame frame, Runnable unsent) {
        Connection connection = connections.get(id);
        if (connection == null) {
            unsent.run();
        } else {
            connection.send(frame, unsent);
        }
    }
}
