package dev.andon.server.http;

import dev.andon.core.model.Role;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A listener on a free port of the loopback interface, with the routes that a test wants. Tokens are roles' words, of production if
 * of one environment.
 */
public final class Edge implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client = HttpClient.newHttpClient();
    final Dispatcher dispatcher;
    final HttpListener listener;

    public Edge(HttpLimits limits, Route... routes) throws Exception {
        this(limits, Optional.empty(), routes);
    }

    Edge(HttpLimits limits, Optional<Certificates> certificates, Route... routes) throws Exception {
        dispatcher = new Dispatcher(
                vertx,
                List.of(routes),
                Edge::authorise,
                limits,
                handlers,
                new Random(1),
                System::nanoTime,
                (route, status, nanos) -> {});
        listener = HttpListener.open(vertx, "127.0.0.1", 0, certificates, dispatcher, limits, 1 << 20)
                .toCompletionStage()
                .toCompletableFuture()
                .get();
    }

    private static Caller authorise(String authorization, Access access) {
        if (authorization == null) {
            throw new ProblemException(Problem.of(401, "unauthenticated", "No token", "No token"));
        }
        Role role = Role.WORDS.get(authorization.substring("Bearer ".length()));
        if (!access.allows(role)) {
            throw new ProblemException(Problem.of(403, "forbidden", "Too weak", "Too weak"));
        }
        Optional<String> environment = role.ofOneEnvironment() ? Optional.of("production") : Optional.empty();
        return new Caller("t1", "someone", role, environment, "");
    }

    public int port() {
        return listener.port();
    }

    HttpResponse<String> get(String path, String... headers) throws Exception {
        return send("GET", path, null, headers);
    }

    HttpResponse<String> post(String path, String body, String... headers) throws Exception {
        return send("POST", path, body, headers);
    }

    HttpResponse<String> send(String method, String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        client.shutdownNow();
        listener.close().toCompletionStage().toCompletableFuture().join();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        handlers.close();
    }
}
