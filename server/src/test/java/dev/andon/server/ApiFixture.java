package dev.andon.server;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.model.Environment;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Role;
import dev.andon.core.model.Token;
import dev.andon.server.ApiClient.Answer;
import dev.andon.server.environment.Environments;
import dev.andon.server.evaluation.Evaluations;
import dev.andon.server.flag.Flags;
import dev.andon.server.flagd.Exports;
import dev.andon.server.health.Health;
import dev.andon.server.http.Dispatcher;
import dev.andon.server.http.HttpLimits;
import dev.andon.server.http.HttpListener;
import dev.andon.server.http.Route;
import dev.andon.server.importing.Imports;
import dev.andon.server.kill.Kills;
import dev.andon.server.log.Log;
import dev.andon.server.metrics.Metrics;
import dev.andon.server.node.Bookkeeper;
import dev.andon.server.node.Drain;
import dev.andon.server.node.Exercises;
import dev.andon.server.node.KillReceipts;
import dev.andon.server.node.KnownKills;
import dev.andon.server.node.Publication;
import dev.andon.server.node.ServedState;
import dev.andon.server.node.ServedStates;
import dev.andon.server.node.TooBusy;
import dev.andon.server.node.Traffic;
import dev.andon.server.past.Moments;
import dev.andon.server.rollback.Rollbacks;
import dev.andon.server.segment.Segments;
import dev.andon.server.token.Authenticator;
import dev.andon.server.token.Secret;
import dev.andon.server.token.TokenApi;
import dev.andon.store.LedgerPosition;
import io.vertx.core.Vertx;
import java.net.URI;
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
    private final ApiClient client;
    private final HttpListener listener;
    private final Metrics metrics;
    private final Bookkeeper books = new Bookkeeper();

    /** Receipts whose keeper doesn't get round to showing any. */
    private static final class BooksBehind implements KillReceipts {
        @Override
        public Optional<Shown> show(KillId kill) {
            throw new TooBusy("books: no answer", null);
        }

        @Override
        public Optional<Shown> await(KillId kill, long waitMs) {
            return show(kill);
        }

        @Override
        public Optional<byte[]> document(KillId kill, int number) {
            throw new TooBusy("books: no answer", null);
        }
    }

    public ApiFixture() {
        InstantSource clock = now::get;
        plane = new MemoryPlane(clock);
        plane.append("start", start());
        books.start();
        metrics = new Metrics(plane, clock);
        Random random = new Random(7);
        List<Route> routes = new ArrayList<>();
        routes.addAll(new Environments(plane).routes());
        routes.addAll(new Flags(plane).routes());
        routes.addAll(new Segments(plane).routes());
        routes.addAll(new Rollbacks(plane, clock).routes());
        routes.addAll(new Evaluations(plane).routes());
        routes.addAll(new Imports(plane).routes());
        routes.addAll(new Exports(plane, this::served).routes());
        routes.addAll(new Log(plane).routes());
        routes.addAll(new Kills(
                        plane,
                        new BooksBehind(),
                        books,
                        environment -> List.of(),
                        Traffic.UNCOUNTED,
                        Exercises.NONE,
                        System::nanoTime)
                .routes());
        routes.addAll(new Moments(plane, clock).routes());
        routes.addAll(new TokenApi(plane, random).routes());
        routes.addAll(new Health(plane, List::of, new Drain(System::nanoTime), clock).routes());
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
        client = new ApiClient(URI.create("http://127.0.0.1:" + port()), ADMIN);
    }

    private Optional<ServedState> served(String environment) {
        ServedStates states = new ServedStates(now::get);
        KnownKills known = plane.kills();
        states.publish(new Publication(Image.EMPTY, known.image(), LedgerPosition.START, List.of(), true));
        states.onKills(environment, known.pending(environment));
        return states.newest(environment);
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

    public int port() {
        return listener.port();
    }

    public Answer get(String path) {
        return client.get(path);
    }

    public Answer post(String path, String body, String... headers) {
        return client.post(path, body, headers);
    }

    public Answer put(String path, String body, String... headers) {
        return client.put(path, body, headers);
    }

    public Answer delete(String path, String... headers) {
        return client.delete(path, headers);
    }

    /** As the admin, unless the headers say otherwise. Bodies may use single quotes. */
    public Answer call(String method, String path, String body, String... headers) {
        return client.call(method, path, body, headers);
    }

    @Override
    public void close() {
        client.close();
        listener.close().toCompletionStage().toCompletableFuture().join();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        handlers.close();
        metrics.close();
        books.close();
    }
}
