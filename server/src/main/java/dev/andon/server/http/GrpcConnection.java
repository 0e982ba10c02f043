package dev.andon.server.http;

import io.vertx.core.Future;
import io.vertx.core.http.GoAway;
import io.vertx.core.http.HttpConnection;
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

    private final HttpConnection connection;
    private final LongSupplier nanoTime;
    private final Set<Runnable> whenEnded = new LinkedHashSet<>();
    private final Map<Consumer<Boolean>, Long> parting = new LinkedHashMap<>();
    private Optional<Long> goodbyeNanos = Optional.empty();
    private boolean ended;
    private long waitingBytes;

    GrpcConnection(HttpConnection connection, LongSupplier nanoTime) {
        this.connection = connection;
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
