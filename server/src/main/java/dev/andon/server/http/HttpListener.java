package dev.andon.server.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The open port. Thread-safe. */
public final class HttpListener {
    private static final int SWEEP_MS = 1_000;
    private static final int HANDSHAKE_MS = 10_000;

    /** For a client to answer that its WebSocket is closed. */
    private static final int CLOSING_SECONDS = 1;

    /** Bounds what the kernel takes for a client that has stopped reading. */
    private static final int SEND_BUFFER_BYTES = 32 << 10;

    private final Vertx vertx;
    private final HttpServer server;
    private final List<Route> routes;
    private final long sweeper;
    private final Optional<Certificates> certificates;

    private HttpListener(
            Vertx vertx, HttpServer server, List<Route> routes, long sweeper, Optional<Certificates> certificates) {
        this.vertx = vertx;
        this.server = server;
        this.routes = routes;
        this.sweeper = sweeper;
        this.certificates = certificates;
    }

    /**
     * Starts to listen; fails if the port is taken or the certificate can't be used.
     *
     * @param port 0 for any that is free
     * @param certificates TLS, if it is wanted; HTTP/2 and HTTP/1.1 by ALPN. Without it, HTTP/1.1 alone
     * @param webSocketBytes the longest message that a WebSocket may receive
     */
    public static Future<HttpListener> open(
            Vertx vertx,
            String host,
            int port,
            Optional<Certificates> certificates,
            Dispatcher dispatcher,
            HttpLimits limits,
            int webSocketBytes) {
        HttpServerOptions options =
                options(limits, webSocketBytes).setHost(host).setPort(port);
        certificates.ifPresent(tls -> options.setSsl(true).setUseAlpn(true).setKeyCertOptions(tls.current()));
        HttpServer server = vertx.createHttpServer(options)
                .connectionHandler(dispatcher.connections())
                .invalidRequestHandler(dispatcher::invalid)
                .requestHandler(dispatcher);
        return server.listen().map(listening -> {
            long sweeper =
                    vertx.setPeriodic(SWEEP_MS, tick -> dispatcher.connections().sweep());
            certificates.ifPresent(tls -> tls.follow(server));
            return new HttpListener(vertx, server, dispatcher.routes(), sweeper, certificates);
        });
    }

    static HttpServerOptions options(HttpLimits limits, int webSocketBytes) {
        return new HttpServerOptions()
                // In clear text, HTTP/2 would hide a connection from us until its first request is whole.
                .setHttp2ClearTextEnabled(false)
                .setMaxInitialLineLength(limits.targetBytes())
                .setMaxHeaderSize(limits.headerBytes())
                .setMaxWebSocketFrameSize(webSocketBytes)
                .setMaxWebSocketMessageSize(webSocketBytes)
                // A few bytes would unpack to gigabytes; and what is shared by all streams would be packed for each.
                .setPerMessageWebSocketCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setWebSocketClosingTimeout(CLOSING_SECONDS)
                .setSendBufferSize(SEND_BUFFER_BYTES)
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true)
                .setAcceptBacklog(1_024)
                .setSslHandshakeTimeout(HANDSHAKE_MS)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
    }

    public int port() {
        return server.actualPort();
    }

    /** All that is offered here. */
    public List<Route> routes() {
        return routes;
    }

    /** Stops accepting, and closes what is open. */
    public Future<Void> close() {
        vertx.cancelTimer(sweeper);
        certificates.ifPresent(Certificates::close);
        return server.close();
    }
}
