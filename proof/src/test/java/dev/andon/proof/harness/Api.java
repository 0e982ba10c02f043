package dev.andon.proof.harness;

import dev.andon.core.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** An operator at the public HTTP API, by hand, so that no Andon code vouches for itself. Thread-safe. */
public final class Api implements AutoCloseable {
    public static final String PRODUCTION = "production";

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final HttpClient client;
    private final String base;
    private final String token;

    public Api(int port, String token) {
        this(
                URI.create("http://127.0.0.1:" + port),
                token,
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build());
    }

    /** @param client how to get there; closed with this */
    public Api(URI server, String token, HttpClient client) {
        this.base = server.toString();
        this.token = token;
        this.client = client;
    }

    /** A request whose connection may fail at any moment. */
    public Answer call(String method, String path, Optional<Json> body, String... headers) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + token)
                .method(
                        method,
                        body.map(json -> HttpRequest.BodyPublishers.ofByteArray(json.utf8()))
                                .orElseGet(HttpRequest.BodyPublishers::noBody));
        if (body.isPresent()) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        long startNanos = System.nanoTime();
        try {
            var response = client.send(request.build(), BodyHandlers.ofByteArray());
            long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
            Json json = response.body().length == 0 ? Json.Null.NULL : Json.parse(response.body());
            return new Answer(response.statusCode(), json, tookMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private Answer mustCall(String method, String path, Optional<Json> body, String... headers) {
        try {
            return call(method, path, body, headers);
        } catch (IOException e) {
            throw new AssertionError(method + " " + path + " got no answer", e);
        }
    }

    public Answer get(String path) {
        return mustCall("GET", path, Optional.empty());
    }

    public Answer post(String path, Json.Builder body, String... headers) {
        return mustCall("POST", path, Optional.of(body.build()), headers);
    }

    public Answer put(String path, Json.Builder body, String... headers) {
        return mustCall("PUT", path, Optional.of(body.build()), headers);
    }

    public Answer delete(String path) {
        return mustCall("DELETE", path, Optional.empty());
    }

    /** A boolean flag that is on in production, off elsewhere, and whose safe variant is {@code off}. */
    public Answer createFlag(String key, String... tags) {
        return post(
                "/api/v1/flags",
                Json.object()
                        .put(
                                "flag",
                                Json.object()
                                        .put("key", key)
                                        .put("type", "boolean")
                                        .put("owner", "checkout-team")
                                        .put("tags", Json.texts(List.of(tags))))
                        .put("configuration", configuration("on"))
                        .put("environments", Json.array(List.of(Json.of(PRODUCTION))))
                        .put("reason", "create " + key));
    }

    /** The configuration of {@link #createFlag}, with the variant that everyone gets. */
    public static Json.Builder configuration(String fallThrough) {
        return Json.object()
                .put("variants", Json.object().put("on", true).put("off", false))
                .put("safeVariant", "off")
                .put("on", true)
                .put("fallThrough", Json.object().put("variant", fallThrough));
    }

    /** Replaces a flag's configuration in production, whatever it was, by {@link #configuration}. */
    public Answer configure(String flag, String fallThrough, String reason) {
        return configure(flag, configuration(fallThrough), reason, "*");
    }

    /**
     * @param ifMatch what the configuration must be that is replaced
     */
    public Answer configure(String flag, Json.Builder configuration, String reason, String ifMatch) {
        return put(
                "/api/v1/environments/" + PRODUCTION + "/flags/" + flag,
                Json.object().put("configuration", configuration).put("reason", reason),
                "If-Match",
                ifMatch);
    }

    /** A flag in production. */
    public Answer flag(String flag) {
        return get("/api/v1/environments/" + PRODUCTION + "/flags/" + flag).expect(200);
    }

    /** How many entries of the log give this reason. */
    public long inLog(String reason) {
        return log().stream()
                .filter(entry -> Answer.text(entry, "reason").equals(reason))
                .count();
    }

    public Answer kill(String flag, String reason, String... headers) {
        return post("/api/v1/environments/" + PRODUCTION + "/kills", killBody(flag, reason), headers);
    }

    public static Json.Builder killBody(String flag, String reason) {
        return Json.object().put("target", Json.object().put("flag", flag)).put("reason", reason);
    }

    public Answer restore(String flag, String reason, String... headers) {
        return post(
                "/api/v1/environments/" + PRODUCTION + "/restores",
                Json.object().put("flag", flag).put("reason", reason),
                headers);
    }

    /** The kill with its receipt as of now. */
    public Answer receipt(String killId) {
        return get("/api/v1/kills/" + killId).expect(200);
    }

    /** The kill with its receipt once that is proven, or as of the end of the wait. */
    public Answer receipt(String killId, Duration wait) {
        return get("/api/v1/kills/" + killId + "?wait=" + wait.toMillis()).expect(200);
    }

    public List<Json> instances() {
        return all("/api/v1/environments/" + PRODUCTION + "/instances");
    }

    /** A key for SDKs of production. */
    public String sdkKey(String name) {
        return post(
                        "/api/v1/tokens",
                        Json.object()
                                .put("name", name)
                                .put("role", "sdk")
                                .put("environment", PRODUCTION)
                                .put("reason", "a fleet"))
                .expect(200, 201)
                .text("secret");
    }

    /** The whole log, newest first. */
    public List<Json> log() {
        return all("/api/v1/log");
    }

    private List<Json> all(String path) {
        List<Json> items = new ArrayList<>();
        String after = "";
        while (true) {
            Answer page = get(path + "?limit=1000" + after).expect(200);
            items.addAll(page.items("items"));
            switch (page.at("next")) {
                case Json.Text next -> after = "&after=" + next.value();
                case Json.Whole next -> after = "&after=" + next.value();
                default -> {
                    return items;
                }
            }
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
