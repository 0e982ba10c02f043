package dev.andon.server;

import static org.awaitility.Awaitility.await;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.server.delivery.StreamLimits;
import dev.andon.server.node.FaultyStore;
import dev.andon.server.node.NodeLimits;
import dev.andon.server.node.SavedImage;
import dev.andon.store.StoreOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A real server on SQLite in a folder, a store that fails on command, and clients of both kinds. */
public final class ServerFixture implements AutoCloseable {
    private static final int HEARTBEAT_MS = 2_000;

    private final Path folder;
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<StreamClient> clients = new ArrayList<>();
    private ServerConfig config;
    private AndonServer server;
    private FaultyStore store;
    private FaultyStore.Mode startsIn = FaultyStore.Mode.WORKING;
    private String key = "";

    /** What the API answered. */
    public record Answer(int status, Json body, HttpResponse<String> response) {
        public Fields fields() {
            return Fields.lenient(body);
        }
    }

    public ServerFixture(Path folder) {
        this.folder = folder;
        this.config = ServerConfig.in(folder.resolve("data"))
                .withAddress("127.0.0.1", 0)
                .withStoreOptions(StoreOptions.DEFAULTS.withPollInterval(Duration.ofMillis(20)))
                .withStreams(StreamLimits.DEFAULT.withHeartbeatMs(HEARTBEAT_MS))
                .withNode(new NodeLimits(20_000, 2_000, 20, 60_000, 100, 1_000));
    }

    public ServerFixture with(java.util.function.UnaryOperator<ServerConfig> change) {
        config = change.apply(config);
        return this;
    }

    public ServerFixture start() {
        server = AndonServer.start(config, real -> {
            store = new FaultyStore(real);
            store.mode(startsIn);
            return store;
        });
        return this;
    }

    public void restart(FaultyStore.Mode mode) {
        if (mode != FaultyStore.Mode.WORKING) {
            await().until(SavedImage.isNewest(data(), server.controlPlane()));
        }
        server.close();
        startsIn = mode;
        start();
    }

    public AndonServer server() {
        return server;
    }

    public FaultyStore store() {
        return store;
    }

    public URI uri() {
        return server.uri();
    }

    public Path data() {
        return folder.resolve("data");
    }

    /** The production environment's SDK key. */
    public String key() {
        if (key.isEmpty()) {
            Answer answer = post(
                    "/tokens",
                    Json.object()
                            .put("name", "sdk")
                            .put("role", "sdk")
                            .put("environment", "production")
                            .put("reason", "test"));
            key = answer.fields().text("secret");
        }
        return key;
    }

    public StreamClient client(String service, String instance) {
        StreamClient client = StreamClient.connect(uri(), key(), service, instance);
        clients.add(client);
        return client;
    }

    public StreamClient keep(StreamClient client) {
        clients.add(client);
        return client;
    }

    public void createFlag(String flag) {
        Answer answer = post(
                "/flags",
                Json.object()
                        .put(
                                "flag",
                                Json.object()
                                        .put("key", flag)
                                        .put("type", "boolean")
                                        .put("owner", "team"))
                        .put("reason", "test"));
        if (answer.status() >= 300) {
            throw new AssertionError(answer.body().text());
        }
    }

    public Answer kill(String flag) {
        return post(
                "/environments/production/kills",
                Json.object().put("target", Json.object().put("flag", flag)).put("reason", "it misbehaves"));
    }

    public Answer restore(String flag) {
        return post(
                "/environments/production/restores",
                Json.object().put("flag", flag).put("reason", "it is repaired"));
    }

    public Answer getKill(String id, int waitMs) {
        return get("/kills/" + id + "?wait=" + waitMs);
    }

    public Answer get(String path) {
        return send(HttpRequest.newBuilder(URI.create(uri() + "/api/v1" + path)).GET());
    }

    public Answer post(String path, Json.Builder body) {
        return send(HttpRequest.newBuilder(URI.create(uri() + "/api/v1" + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.build().utf8())));
    }

    public Answer delete(String path) {
        return send(HttpRequest.newBuilder(URI.create(uri() + "/api/v1" + path)).DELETE());
    }

    /** As Prometheus reads them. */
    public String metrics() {
        return exchange(HttpRequest.newBuilder(URI.create(uri() + "/metrics")).GET())
                .body();
    }

    private Answer send(HttpRequest.Builder request) {
        HttpResponse<String> response = exchange(request);
        Json body = response.body().isEmpty()
                ? Json.object().build()
                : Json.parse(response.body().getBytes(StandardCharsets.UTF_8));
        return new Answer(response.statusCode(), body, response);
    }

    private HttpResponse<String> exchange(HttpRequest.Builder request) {
        try {
            String admin = Files.readString(server.adminTokenFile()).strip();
            return http.send(
                    request.header("Authorization", "Bearer " + admin).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        clients.forEach(StreamClient::close);
        if (server != null) {
            server.close();
        }
        http.shutdownNow();
    }
}
