package dev.andon.server;

import dev.andon.core.event.Event;
import dev.andon.core.json.Json;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Role;
import dev.andon.core.model.Token;
import dev.andon.server.environment.Environments;
import dev.andon.server.evaluation.Evaluations;
import dev.andon.server.flag.Flags;
import dev.andon.server.health.Health;
import dev.andon.server.http.Dispatcher;
import dev.andon.server.http.HttpLimits;
import dev.andon.server.http.HttpListener;
import dev.andon.server.http.Route;
import dev.andon.server.importing.Imports;
import dev.andon.server.log.Log;
import dev.andon.server.metrics.Metrics;
import dev.andon.server.rollback.Rollbacks;
import dev.andon.server.segment.Segments;
import dev.andon.server.token.Authenticator;
import dev.andon.server.token.Secret;
import dev.andon.server.token.TokenApi;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;

/** The API's features on a free port over a ledger in memory, with a clock that stands still until it is moved. */
public final class ApiFixture implements AutoCloseable {
    public static final String ADMIN = "andon_admin_test";
    public static final String OPERATOR = "andon_operator_test";
    public static final String VIEWER = "andon_viewer_test";
    public static final String SDK = "andon_sdk_test";

    public final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-22T12:00:00Z"));
    public final MemoryPlane plane;
    public final Dispatcher dispatcher;
    private final Vertx vertx = Vertx.vertx();
    private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client = HttpClient.newHttpClient();
    private final HttpListener listener;
    private final Metrics metrics;
    private final Contract contract;

    public ApiFixture() {
        InstantSource clock = now::get;
        plane = new MemoryPlane(clock);
        plane.append("start", start());
        metrics = new Metrics(plane, clock);
        Random random = new Random(7);
        List<Route> routes = new ArrayList<>();
        routes.addAll(new Environments(plane).routes());
        routes.addAll(new Flags(plane).routes());
        routes.addAll(new Segments(plane).routes());
        routes.addAll(new Rollbacks(plane).routes());
        routes.addAll(new Evaluations(plane).routes());
        routes.addAll(new Imports(plane).routes());
        routes.addAll(new Log(plane).routes());
        routes.addAll(new TokenApi(plane, random).routes());
        routes.addAll(new Health(plane, clock).routes());
        routes.addAll(metrics.routes());
        dispatcher = new Dispatcher(
                vertx,
                routes,
                new Authenticator(plane::image, clock),
                HttpLimits.DEFAULT,
                handlers,
                random,
                System::nanoTime,
                metrics);
        listener = HttpListener.open(vertx, "127.0.0.1", 0, Optional.empty(), dispatcher, HttpLimits.DEFAULT, 1 << 20)
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        contract = new Contract(document());
    }

    private Json document() {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/api/v1/openapi.json"))
                .build();
        try {
            return Json.parse(client.send(request, HttpResponse.BodyHandlers.ofByteArray())
                    .body());
        } catch (java.io.IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What every call is held against. */
    public Contract contract() {
        return contract;
    }

    private List<Event> start() {
        List<Event> events = new ArrayList<>();
        for (String key : List.of("production", "staging")) {
            events.add(new Event.EnvironmentSaved(new Environment(key, "")));
        }
        events.add(token("a1", Role.ADMIN, ADMIN));
        events.add(token("o1", Role.OPERATOR, OPERATOR));
        events.add(token("v1", Role.VIEWER, VIEWER));
        events.add(token("s1", Role.SDK, SDK));
        return events;
    }

    private Event token(String id, Role role, String secret) {
        return new Event.TokenSaved(new Token(
                id,
                role.word(),
                role,
                role == Role.SDK ? Optional.of("production") : Optional.empty(),
                List.of(new Token.Secret(Secret.hash(secret), Optional.empty())),
                now.get(),
                Optional.empty()));
    }

    /** What was answered. */
    public record Answer(int status, String body, HttpResponse<String> response) {
        public Json json() {
            return Json.parse(body.getBytes(StandardCharsets.UTF_8));
        }

        /** A member somewhere inside, such as {@code environments.production.on} or {@code items.0.key}. */
        public Json at(String path) {
            Json value = json();
            for (String part : path.split("\\.", -1)) {
                value = switch (value) {
                    case Json.Members object ->
                        Optional.ofNullable(object.members().get(part))
                                .orElseThrow(() -> new AssertionError("no " + path + " in " + body));
                    case Json.Array array -> array.items().get(Integer.parseInt(part));
                    default -> throw new AssertionError("no " + path + " in " + body);
                };
            }
            return value;
        }

        public String text(String path) {
            return at(path) instanceof Json.Text text ? text.value() : at(path).text();
        }

        public long version() {
            return ((Json.Whole) at("version")).value();
        }
    }

    public int port() {
        return listener.port();
    }

    public Answer get(String path) {
        return call("GET", path, null);
    }

    public Answer post(String path, String body, String... headers) {
        return call("POST", path, body, headers);
    }

    public Answer put(String path, String body, String... headers) {
        return call("PUT", path, body, headers);
    }

    public Answer delete(String path, String... headers) {
        return call("DELETE", path, null, headers);
    }

    /** As the admin, unless the headers say otherwise. Bodies may use single quotes. */
    public Answer call(String method, String path, String body, String... headers) {
        List<String> all = new ArrayList<>(List.of("Authorization", "Bearer " + ADMIN));
        all.addAll(List.of(headers));
        return callWithout(method, path, body, all.toArray(new String[0]));
    }

    /** Without a token, unless the headers hold one. */
    public Answer callWithout(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            contract.check(
                    method,
                    path,
                    Optional.ofNullable(body).map(text -> text.replace('\'', '"')),
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.body());
            return new Answer(response.statusCode(), response.body(), response);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        listener.close().toCompletionStage().toCompletableFuture().join();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        handlers.close();
        metrics.close();
    }
}
