package dev.andon.server.peer;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.tls.TrustedCertificates;
import dev.andon.server.node.StartProblem;
import io.vertx.core.Vertx;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocketBase;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.net.PemTrustOptions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** Opens WebSockets to other nodes. Thread-safe. */
final class Dialer {
    private static final int CONNECT_MS = 2_000;
    private static final int MAX_CONNECTIONS = 2 * Dialling.MAX_PEERS;
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final int UNAUTHENTICATED = 401;
    private static final int FORBIDDEN = 403;

    private final WebSocketClient client;

    /**
     * Why no WebSocket was opened.
     *
     * @param answered whether something is there that refused
     */
    record Failure(String why, boolean answered) {}

    Dialer(Vertx vertx, Optional<Path> trusted) {
        int mostBytes = 2 * FrameCodec.FROM_PEER.bytes();
        WebSocketClientOptions options = new WebSocketClientOptions()
                .setConnectTimeout(CONNECT_MS)
                .setMaxConnections(MAX_CONNECTIONS)
                .setMaxFrameSize(mostBytes)
                .setMaxMessageSize(mostBytes)
                .setClosingTimeout(1);
        options.setTcpNoDelay(true);
        options.setTcpKeepAlive(true);
        trusted.ifPresent(file -> {
            check(file);
            options.setTrustOptions(new PemTrustOptions().addCertPath(file.toString()));
        });
        this.client = vertx.createWebSocketClient(options);
    }

    /** What Vert.x makes of a file without a certificate is said at the first connection alone. */
    private static void check(Path file) {
        try {
            var _ = TrustedCertificates.sslContext("peer-ca", file, () -> Files.readAllBytes(file));
        } catch (InvalidInput e) {
            throw new StartProblem(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * @param path what is opened there
     * @param token shown to be let in, where that takes one
     * @param opened gets the socket, on its event loop, before anything is received
     */
    void dial(
            String address,
            String path,
            Optional<String> token,
            Consumer<WebSocketBase> opened,
            Consumer<Failure> failed) {
        URI uri = URI.create(address);
        boolean secure = "https".equals(uri.getScheme());
        String host = uri.getHost();
        boolean literal = host.startsWith("[");
        WebSocketConnectOptions options = new WebSocketConnectOptions();
        options.setHost(literal ? host.substring(1, host.length() - 1) : host);
        options.setPort(uri.getPort() >= 0 ? uri.getPort() : secure ? HTTPS_PORT : HTTP_PORT);
        options.setSsl(secure);
        options.setURI(path);
        token.ifPresent(secret -> options.putHeader("Authorization", "Bearer " + secret));
        options.setTimeout(CONNECT_MS);
        client.connect(options)
                .onSuccess(opened::accept)
                .onFailure(e -> failed.accept(new Failure(
                        e instanceof UpgradeRejectedException refused ? refusal(refused.getStatus()) : words(e),
                        e instanceof UpgradeRejectedException)));
    }

    private static String refusal(int status) {
        boolean token = status == UNAUTHENTICATED || status == FORBIDDEN;
        return "HTTP " + status
                + (token
                        ? " (expected: a token of role relay that is in force there)"
                        : " (expected: a link between nodes)");
    }

    /** The first and the last word of a chain of causes: what was tried, and what it came to. */
    private static String words(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String last = String.valueOf(cause.getMessage());
        String first = String.valueOf(failure.getMessage());
        return first.contains(last) ? first : first + ": " + last;
    }
}
