package dev.andon.server.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Future;
import io.vertx.core.http.GoAway;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** One connection of a port for gRPC: how it ends, and what waits there for the client to read it. On its listener's event loop only. */
public final class GrpcConnection {
    /** Clients that end say so for their calls and for the connection in one go, in either order. */
    private static final long PARTING_NANOS = 2_000_000_000;

    /** It is closed a little sooner or later than it should be. */
    private static final long NANOS_IN_MOST_OF_A_MS = 900_000;

    private final HttpConnection connection;
    private final int silentMs;
    private final LongSupplier nanoTime;
    private final Set<Runnable> whenEnded = new LinkedHashSet<>();
    private final Map<Consumer<Boolean>, Long> parting = new LinkedHashMap<>();
    private Optional<Long> goodbyeNanos = Optional.empty();
    private long heardNanos;
    private boolean ended;
    private long waitingBytes;

    /** @param silentMs after which it is closed if nothing is heard */
    GrpcConnection(HttpConnection connection, int silentMs, LongSupplier nanoTime) {
        this.connection = connection;
        this.silentMs = silentMs;
        this.heardNanos = nanoTime.getAsLong();
        this.nanoTime = nanoTime;
    }

    /** @param action once it has ended, in whatever way; at once if it has */
    public void whenEnded(Runnable action) {
        if (ended) {
            action.run();
        } else {
            whenEnded.add(action);
        }
    }

    /** For how long nothing was heard of the client, if that is why the connection is closed; else none. */
    public Duration unheard() {
        long nanos = nanoTime.getAsLong() - heardNanos;
        return nanos < silentMs * NANOS_IN_MOST_OF_A_MS ? Duration.ZERO : Duration.ofNanos(nanos);
    }

    /** Notes when something is read. */
    ChannelInboundHandlerAdapter reader() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                heardNanos = nanoTime.getAsLong();
                context.fireChannelRead(message);
            }
        };
    }

    HttpConnection http() {
        return connection;
    }

    /**
     * Tells whether the client, which ended a call of this connection just now, ends the connection in order, too. Clients do so when they
     * shut down; a proxy whose own client broke off ends the call alone.
     *
     * @param then once, at once or within a few seconds
     */
    void parts(Consumer<Boolean> then) {
        long now = nanoTime.getAsLong();
        if (goodbyeNanos.isPresent()) {
            then.accept(now - goodbyeNanos.get() < PARTING_NANOS);
        } else if (ended) {
            then.accept(false);
        } else {
            parting.put(then, now);
        }
    }

    void said(GoAway goodbye) {
        if (goodbye.getErrorCode() == 0 && goodbyeNanos.isEmpty()) {
            goodbyeNanos = Optional.of(nanoTime.getAsLong());
            settle(new ArrayList<>(parting.keySet()), true);
        }
    }

    /** Called about once a second. */
    void sweep() {
        long now = nanoTime.getAsLong();
        List<Consumer<Boolean>> late = new ArrayList<>();
        parting.forEach((then, since) -> {
            if (now - since > PARTING_NANOS) {
                late.add(then);
            }
        });
        settle(late, false);
    }

    private void settle(List<Consumer<Boolean>> those, boolean orderly) {
        those.forEach(then -> {
            parting.remove(then);
            then.accept(orderly);
        });
    }

    void ended() {
        ended = true;
        settle(new ArrayList<>(parting.keySet()), false);
        List<Runnable> actions = new ArrayList<>(whenEnded);
        whenEnded.clear();
        actions.forEach(Runnable::run);
    }

    /** Of answers that are no one else's. */
    long waitingBytes() {
        return waitingBytes;
    }

    /** @param written when the client has taken them, or never will */
    void waits(int bytes, Future<Void> written) {
        waitingBytes += bytes;
        written.onComplete(done -> waitingBytes -= bytes);
    }
}
