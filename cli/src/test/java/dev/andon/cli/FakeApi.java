package dev.andon.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.andon.core.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** Answers as it was told to, and remembers what it was asked. */
final class FakeApi implements AutoCloseable {

    record Asked(String method, String path, String query, Map<String, List<String>> headers, String body) {
        Json json() {
            return Json.parse(body.getBytes(StandardCharsets.UTF_8));
        }

        Optional<String> header(String name) {
            return headers.entrySet().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(header -> header.getValue().getFirst())
                    .findFirst();
        }
    }

    private record Answer(int status, String etag, String body) {}

    private static final Answer HANG_UP = new Answer(-1, "", "");

    private final HttpServer server;
    private final Map<String, Deque<Answer>> answers = new ConcurrentHashMap<>();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    FakeApi() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    /** The next answer to this; the last one given stays. */
    FakeApi on(String request, int status, String body) {
        return on(request, status, "", body);
    }

    FakeApi on(String request, int status, String etag, String body) {
        answers.computeIfAbsent(request, key -> new ArrayDeque<>())
                .add(new Answer(status, etag, body.replace('\'', '"')));
        return this;
    }

    /** Answers no more to this. */
    void forget(String request) {
        answers.remove(request);
    }

    /** Closes the connection without an answer. */
    FakeApi hangUp(String request) {
        answers.computeIfAbsent(request, key -> new ArrayDeque<>()).add(HANG_UP);
        return this;
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    List<Asked> asked() {
        return asked;
    }

    Asked last() {
        return asked.getLast();
    }

    Run.Place place() {
        return Run.place().with("ANDON_SERVER", address().toString()).with("ANDON_TOKEN", "secret");
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String query =
                    Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse("");
            asked.add(new Asked(
                    exchange.getRequestMethod(), path, query, Map.copyOf(exchange.getRequestHeaders()), body));
            Deque<Answer> queue = answers.getOrDefault(
                    exchange.getRequestMethod() + " " + path.replaceFirst("/api/v1", ""), new ArrayDeque<>());
            Answer answer = queue.size() > 1 ? queue.poll() : queue.peek();
            if (answer == null) {
                answer = new Answer(500, "", "{\"title\":\"the test gave no answer for " + path + "\"}");
            }
            if (answer.status() < 0) {
                return;
            }
            if (!answer.etag().isEmpty()) {
                exchange.getResponseHeaders().add("ETag", answer.etag());
            }
            byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
