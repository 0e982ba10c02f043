package dev.andon.server;

import dev.andon.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Calls a server's API, and holds every call against the API's own document. Thread-safe. */
public final class ApiClient implements AutoCloseable {
    private final URI server;
    private final String token;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Contract contract;

    /** @param token used unless a call brings another */
    public ApiClient(URI server, String token) {
        this.server = server;
        this.token = token;
        HttpResponse<byte[]> document = send(
                HttpRequest.newBuilder(server.resolve("/api/v1/openapi.json")).build(),
                HttpResponse.BodyHandlers.ofByteArray());
        contract = new Contract(Json.parse(document.body()));
    }

    /** What every call is held against. */
    public Contract contract() {
        return contract;
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

    /** With the token, unless the headers say otherwise. Bodies may use single quotes. */
    public Answer call(String method, String path, String body, String... headers) {
        List<String> all = new ArrayList<>(List.of("Authorization", "Bearer " + token));
        all.addAll(List.of(headers));
        return callWithout(method, path, body, all.toArray(new String[0]));
    }

    /** Without a token, unless the headers hold one. */
    public Answer callWithout(String method, String path, String body, String... headers) {
        Optional<String> sent = Optional.ofNullable(body).map(text -> text.replace('\'', '"'));
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path))
                .method(
                        method,
                        sent.map(HttpRequest.BodyPublishers::ofString).orElseGet(HttpRequest.BodyPublishers::noBody));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        HttpResponse<String> response = send(request.build(), HttpResponse.BodyHandlers.ofString());
        contract.check(
                method,
                path,
                sent,
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse(""),
                response.body());
        return new Answer(response.statusCode(), response.body(), response);
    }

    private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return client.send(request, handler);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
