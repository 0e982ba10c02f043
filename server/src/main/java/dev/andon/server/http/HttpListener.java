package dev.andon.server.http;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The open port, whose connections are spread over event loops: one for each processor. Thread-safe. */
public final class HttpListener {
    /** A negative port is Vert.x's word for a free one, the same for all who use that number: a number for each listener. */
    private static final AtomicInteger ANY = new AtomicInteger();

    private static final int SWEEP_MS = 1_000;
    private static final int HANDSHAKE_MS = 10_000;

    /** For a client to answer that its WebSocket is closed. */
    private static final int CLOSING_SECONDS = 1;

    /** Bounds what the kernel takes for a client that has stopped reading. */
    private static final int SEND_BUFFER_BYTES = 32 << 10;

    private final Vertx vertx;
    private final String deployment;
    private final int port;
    private final List<Route> routes;
    private final long sweeper;
    private final Optional<Certificates> certificates;

    private HttpListener(
            Vertx vertx,
            String deployment,
            int port,
            List<Route> routes,
            long sweeper,
            Optional<Certificates> certificates) {
        this.vertx = vertx;
        this.deployment = deployment;
        this.port = port;
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
                options(limits, webSocketBytes).setHost(host).setPort(port == 0 ? ANY.decrementAndGet() : port);
        certificates.ifPresent(tls -> options.setSsl(true).setUseAlpn(true).setKeyCertOptions(tls.current()));
        Queue<HttpServer> servers = new ConcurrentLinkedQueue<>();
        return vertx.deployVerticle(
                        () -> new Share(options, dispatcher, servers),
                        new DeploymentOptions()
                                .setInstances(Runtime.getRuntime().availableProcessors()))
                .map(name -> {
                    HttpServer any = servers.element();
                    certificates.ifPresent(tls -> tls.follow(any));
                    long sweeper = vertx.setPeriodic(
                            SWEEP_MS, tick -> dispatcher.connections().sweep());
                    return new HttpListener(vertx, name, any.actualPort(), dispatcher.routes(), sweeper, certificates);
                });
    }

    /** Takes its turn at the port's new connections, and serves them on an event loop of its own. */
    private static final class Share extends VerticleBase {
        private final HttpServerOptions options;
        private final Dispatcher dispatcher;
        private final Collection<HttpServer> servers;

        /** @param servers gets the share's */
        Share(HttpServerOptions options, Dispatcher dispatcher, Collection<HttpServer> servers) {
            this.options = options;
            this.dispatcher = dispatcher;
            this.servers = servers;
        }

        @Override
        public Future<?> start() {
            HttpServer server = vertx.createHttpServer(options)
                    .connectionHandler(dispatcher.connections())
                    .invalidRequestHandler(dispatcher::invalid)
                    .requestHandler(dispatcher);
            servers.add(server);
            return server.listen();
        }
    }

    static HttpServerOptions options(HttpLimits limits, int webSocketBytes) {
        return new HttpServerOptions()
                // All that is written comes from the connection's own event loop: without this, each has a queue of 5
                // KB for others.
                .setStrictThreadMode(true)
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
        return port;
    }

    /** All that is offered here. */
    public List<Route> routes() {
        return routes;
    }

    /** Stops accepting, and closes what is open. */
    public Future<Void> close() {
        vertx.cancelTimer(sweeper);
        certificates.ifPresent(Certificates::close);
        return vertx.undeploy(deployment);
    }
}
