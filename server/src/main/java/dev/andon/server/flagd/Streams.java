package dev.andon.server.flagd;

import dev.andon.server.http.GrpcCall;
import dev.andon.server.http.GrpcStatus;
import dev.andon.server.http.OnLoop;
import dev.andon.server.node.Drain;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The open streams of one port. Everything but {@link #open}, {@link #nowMs} and {@link #close} runs on the port's loop. */
final class Streams {
    private static final Logger log = LoggerFactory.getLogger(Streams.class);
    private static final int CHECK_MS = 1_000;

    /** So that streams which wake one after the other aren't looked through for each of them. */
    private static final long LEAST_SLEEP_MS = 5;

    private final Vertx vertx;
    private final Context loop;
    private final Selectors selectors;
    private final int most;
    private final LongSupplier nanoTime;
    private final long timer;
    private final Drain drain;

    /** With whether it is their turn to go, once the server leaves. */
    private final Map<OpenStream, BooleanSupplier> streams = new LinkedHashMap<>();

    private final AtomicInteger open = new AtomicInteger();
    private long armedMs = Long.MAX_VALUE;
    private boolean closed;

    Streams(Vertx vertx, Context loop, Selectors selectors, int most, LongSupplier nanoTime, Drain drain) {
        this.vertx = vertx;
        this.loop = loop;
        this.selectors = selectors;
        this.most = most;
        this.nanoTime = nanoTime;
        this.drain = drain;
        this.timer = vertx.setPeriodic(CHECK_MS, tick -> OnLoop.run(loop, this::check));
    }

    int open() {
        return open.get();
    }

    long nowMs() {
        return nanoTime.getAsLong() / 1_000_000;
    }

    /** Whether a call may become a stream; ends it if there are too many. */
    boolean admits(GrpcCall call) {
        if (closed || drain.begun()) {
            end(call);
        } else if (streams.size() >= most) {
            call.end(GrpcStatus.RESOURCE_EXHAUSTED, "streams: " + most + " (expected: less). Try again later.");
        }
        return !call.over();
    }

    /** @param gone once it has ended */
    void add(OpenStream stream, Runnable gone) {
        streams.put(stream, drain.place());
        open.set(streams.size());
        stream.call().whenOver(() -> {
            streams.remove(stream);
            open.set(streams.size());
            stream.ended();
            gone.run();
        });
    }

    void wakeAt(long atMs) {
        if (atMs >= armedMs) {
            return;
        }
        armedMs = atMs;
        vertx.setTimer(Math.max(LEAST_SLEEP_MS, atMs - nowMs()), fired -> OnLoop.run(loop, () -> wake(atMs)));
    }

    private void wake(long armedForMs) {
        if (armedMs == armedForMs) {
            armedMs = Long.MAX_VALUE;
        }
        long now = nowMs();
        each(stream -> stream.wake(now));
        streams.keySet().stream().mapToLong(OpenStream::wakeMs).min().ifPresent(next -> {
            if (next < Long.MAX_VALUE) {
                wakeAt(next);
            }
        });
    }

    /** A stream that fails costs itself, and no one behind it in the list. */
    void each(Consumer<OpenStream> action) {
        for (OpenStream stream : List.copyOf(streams.keySet())) {
            try {
                action.accept(stream);
            } catch (RuntimeException e) {
                log.error("flagd stream: failed and is ended; its client will come back", e);
                stream.call().end(GrpcStatus.INTERNAL, "Andon failed on this stream; its log says how");
            }
        }
    }

    private void check() {
        each(stream -> {
            if (!selectors.admits(stream.call())) {
                stream.call().end(GrpcStatus.UNAUTHENTICATED, "key: no longer in force (expected: one that is)");
            } else if (streams.getOrDefault(stream, () -> false).getAsBoolean()) {
                end(stream.call());
            }
        });
    }

    /** Ends all streams, so that clients know at once; returns when that is on its way. */
    CompletableFuture<Void> close() {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        vertx.cancelTimer(timer);
        loop.runOnContext(go -> {
            closed = true;
            each(stream -> end(stream.call()));
            ended.complete(null);
        });
        return ended;
    }

    /** With an error: providers for JavaScript don't come back after an orderly end. */
    private static void end(GrpcCall call) {
        call.end(GrpcStatus.UNAVAILABLE, "the server ends; connect again");
    }
}
