package dev.andon.server.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.Http2ServerConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open port for gRPC: HTTP/2, with TLS or without, and nothing else. Calls begin on one event loop. A
 * connection is asked from time to time whether it lives, and closed when it says nothing for long, so that clients which were
 * cut off without a word are known to be. Clients may ask the same as often as they like. Thread-safe.
 */
public final class GrpcListener {
    private static final Logger log = LoggerFactory.getLogger(GrpcListener.class);
    private static final int SWEEP_MS = 1_000;

    /** Bounds what the kernel takes for a client that has stopped reading. */
    private static final int SEND_BUFFER_BYTES = 32 << 10;

    private static final int HEADER_BYTES = 16 << 10;

    private final Vertx vertx;
    private final Context loop;
    private final GrpcLimits limits;
    private final Map<String, Method> methods;
    private final LongSupplier nanoTime;
    private final Map<HttpConnection, GrpcConnection> connections = new ConcurrentHashMap<>();
    private final Set<GrpcCall> calls = ConcurrentHashMap.newKeySet();
    private final HttpServer server;
    private final List<Long> timers;

    /** What a call does. Throws {@link GrpcRefusal} to refuse. */
    @FunctionalInterface
    public interface Method {
        void call(GrpcCall call, byte[] request);
    }

    private GrpcListener(
            Vertx vertx,
            Context loop,
            HttpServerOptions options,
            GrpcLimits limits,
            Map<String, Method> methods,
            LongSupplier nanoTime) {
        this.vertx = vertx;
        this.loop = loop;
        this.limits = limits;
        this.methods = Map.copyOf(methods);
        this.nanoTime = nanoTime;
        this.server = vertx.createHttpServer(options);
        this.timers = List.of(
                vertx.setPeriodic(SWEEP_MS, tick -> sweep()), vertx.setPeriodic(limits.pingMs(), tick -> ping()));
    }

    /**
     * Starts to listen; fails if the port is taken.
     *
     * @param loop on which all calls run; of an event loop
     * @param port 0 for any that is free
     * @param methods by service and method, such as {@code flagd.sync.v1.FlagSyncService/SyncFlags}
     */
    public static Future<GrpcListener> open(
            Vertx vertx,
            Context loop,
            String host,
            int port,
            Optional<Certificates> certificates,
            GrpcLimits limits,
            Map<String, Method> methods,
            LongSupplier nanoTime) {
        HttpServerOptions options = options(limits).setHost(host).setPort(port);
        certificates.ifPresent(tls -> options.setSsl(true)
                .setUseAlpn(true)
                .setAlpnVersions(List.of(HttpVersion.HTTP_2))
                .setKeyCertOptions(tls.current()));
        Promise<GrpcListener> open = Promise.promise();
        loop.runOnContext(go -> {
            GrpcListener listener = new GrpcListener(vertx, loop, options, limits, methods, nanoTime);
            listener.server.connectionHandler(listener::connected).requestHandler(listener::asked);
            listener.server
                    .listen()
                    .map(listening -> {
                        certificates.ifPresent(tls -> tls.follow(listener.server));
                        return listener;
                    })
                    .onFailure(failed -> listener.timers.forEach(vertx::cancelTimer))
                    .onComplete(open);
        });
        return open.future();
    }

    private static HttpServerOptions options(GrpcLimits limits) {
        return new HttpServerOptions()
                .setHttp2ClearTextEnabled(true)
                .setInitialSettings(new Http2Settings()
                        .setMaxConcurrentStreams(limits.callsOfConnection())
                        .setMaxHeaderListSize(HEADER_BYTES))
                .setMaxHeaderSize(HEADER_BYTES)
                .setReadIdleTimeout(limits.silentMs())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setSendBufferSize(SEND_BUFFER_BYTES)
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true)
                .setAcceptBacklog(1_024)
                .setSslHandshakeTimeout(limits.requestMs())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    }

    public int port() {
        return server.actualPort();
    }

    /** Open connections. */
    public int connections() {
        return connections.size();
    }

    private void connected(HttpConnection connection) {
        if (!(connection instanceof Http2ServerConnection)) {
            // It speaks HTTP/1.1, in which there is nothing to say here.
            Connections.cut(connection);
            return;
        }
        GrpcConnection known = new GrpcConnection(connection, limits.silentMs(), nanoTime);
        connections.put(connection, known);
        connection.goAwayHandler(known::said).closeHandler(closed -> {
            connections.remove(connection);
            known.ended();
        });
        if (connections.size() > limits.connections()) {
            log.warn(
                    "gRPC connections: {} (expected: at most {}); closing the newest",
                    connections.size(),
                    limits.connections());
            Connections.cut(connection);
        } else if (connection instanceof ConnectionBase base) {
            base.channel()
                    .pipeline()
                    .addFirst(BackPressure.NAME, new BackPressure())
                    .addFirst(known.reader());
        }
    }

    private void asked(HttpServerRequest request) {
        String contentType = String.valueOf(request.getHeader("content-type"));
        if (!contentType.startsWith("application/grpc")
                || !String.valueOf(request.method()).equals("POST")) {
            request.response().setStatusCode(415).end();
            return;
        }
        GrpcConnection connection = connections.get(request.connection());
        if (connection == null) {
            // It has ended, or is being cut off.
            return;
        }
        GrpcCall call =
                new GrpcCall(loop, connection, limits.waitingBytesOfConnection(), request, nanoTime.getAsLong());
        if (calls.size() >= limits.calls()) {
            call.end(GrpcStatus.RESOURCE_EXHAUSTED, "calls: " + limits.calls() + " (expected: less). Try again later.");
            return;
        }
        Method method = methods.get(call.method());
        if (method == null) {
            call.end(
                    GrpcStatus.UNIMPLEMENTED,
                    "method: " + call.method() + " (expected: one of "
                            + String.join(
                                    ", ", methods.keySet().stream().sorted().toList()) + ")");
            return;
        }
        calls.add(call);
        request.response()
                .closeHandler(closed -> over(call))
                .exceptionHandler(failure -> call.failed(failure, nanoTime.getAsLong()));
        call.receive(limits.messageBytes(), message -> run(method, call, message));
    }

    private void over(GrpcCall call) {
        if (calls.remove(call)) {
            call.finished();
        }
    }

    /** A call that fails costs itself, and no other one of its connection. */
    private static void run(Method method, GrpcCall call, byte[] message) {
        try {
            method.call(call, message);
        } catch (GrpcRefusal e) {
            call.end(e.status(), e.text());
        } catch (RuntimeException e) {
            log.error("{}: failed", call.method(), e);
            call.end(GrpcStatus.INTERNAL, "Andon failed on this request; its log says how");
        }
    }

    private void sweep() {
        long now = nanoTime.getAsLong();
        OnLoop.run(loop, () -> {
            calls.forEach(call -> call.sweep(now, limits));
            connections.values().forEach(GrpcConnection::sweep);
            cutWhoNeverReads();
        });
    }

    /** While too much waits to be read in all, cuts off the connections where most does. */
    private void cutWhoNeverReads() {
        long waiting = connections.values().stream()
                .mapToLong(GrpcConnection::waitingBytes)
                .sum();
        if (waiting <= limits.waitingBytes()) {
            return;
        }
        List<GrpcConnection> most = connections.values().stream()
                .sorted(Comparator.comparingLong(GrpcConnection::waitingBytes).reversed())
                .toList();
        int cut = 0;
        while (waiting > limits.waitingBytes()) {
            GrpcConnection next = most.get(cut++);
            waiting -= next.waitingBytes();
            Connections.cut(next.http());
        }
        log.warn(
                "gRPC answers that clients don't read: more than {} bytes (expected: at most that); cut off {}"
                        + " connections that read least",
                limits.waitingBytes(),
                cut);
    }

    private void ping() {
        connections.keySet().forEach(connection -> connection.ping(Buffer.buffer(new byte[8])));
    }

    /** Stops accepting, and closes what is open. */
    public Future<Void> close() {
        timers.forEach(vertx::cancelTimer);
        return server.close();
    }
}
