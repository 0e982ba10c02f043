package dev.andon.server.http;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open connections. Closes those that were opened beyond the limit, and those that keep the server waiting for a
 * request's headers: sending a byte now and then doesn't help them. Has requests look whether their bodies or answers are
 * late. Thread-safe.
 */
final class Connections implements Handler<HttpConnection> {
    private static final Logger log = LoggerFactory.getLogger(Connections.class);

    private final HttpLimits limits;
    private final LongSupplier nanoTime;
    private final Map<HttpConnection, Use> uses = new ConcurrentHashMap<>();
    private final AtomicInteger sockets = new AtomicInteger();

    private static final class Use {
        private final Set<Exchange> underWay = new HashSet<>(2);
        private boolean served;
        private long idleSinceNanos;

        synchronized void begin(Exchange exchange) {
            underWay.add(exchange);
            served = true;
        }

        synchronized void end(Exchange exchange, long now) {
            underWay.remove(exchange);
            idleSinceNanos = now;
        }

        synchronized void check(long now) {
            underWay.forEach(exchange -> exchange.check(now));
        }

        synchronized boolean overdue(long now, HttpLimits limits) {
            long allowedMs = served ? limits.betweenRequestsMs() : limits.firstRequestMs();
            return underWay.isEmpty() && now - idleSinceNanos > allowedMs * 1_000_000L;
        }
    }

    Connections(HttpLimits limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
    }

    @Override
    public void handle(HttpConnection connection) {
        Use use = new Use();
        use.idleSinceNanos = nanoTime.getAsLong();
        uses.put(connection, use);
        connection.closeHandler(closed -> uses.remove(connection));
        if (open() > limits.connections()) {
            log.warn("connections: {} (expected: at most {}); closing the newest", open(), limits.connections());
            connection.close();
        } else if (connection instanceof ConnectionBase base) {
            base.channel().pipeline().addFirst(BackPressure.NAME, new BackPressure());
        }
    }

    /** Closes at once. Vert.x would wait until all is written, and so for ever for a client that doesn't read. */
    static void cut(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            var _ = base.channelHandlerContext().close();
        } else {
            connection.close();
        }
    }

    void begin(HttpConnection connection, Exchange exchange) {
        Use use = uses.get(connection);
        if (use != null) {
            use.begin(exchange);
        }
    }

    void end(HttpConnection connection, Exchange exchange) {
        Use use = uses.get(connection);
        if (use != null) {
            use.end(exchange, nanoTime.getAsLong());
        }
    }

    /** The connection became a WebSocket: with many open, what was kept for requests would be most of what they weigh. */
    void upgraded(HttpConnection connection) {
        if (uses.remove(connection) != null) {
            sockets.incrementAndGet();
        }
    }

    void socketClosed() {
        sockets.decrementAndGet();
    }

    /** Closes what is overdue, and has requests look whether something is late. Called about once a second. */
    void sweep() {
        long now = nanoTime.getAsLong();
        uses.forEach((connection, use) -> {
            if (use.overdue(now, limits)) {
                cut(connection);
            } else {
                use.check(now);
            }
        });
    }

    int open() {
        return uses.size() + sockets.get();
    }
}
