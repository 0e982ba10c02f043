package dev.andon.bench;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code andon server} as anybody runs it, in a process of its own, and its administrator. Thread-safe. */
final class Program implements AutoCloseable {
    private static final long END_SECONDS = 60;
    private static final long PATIENCE_NANOS = 600_000_000_000L;
    private static final String PRODUCTION = "/api/v1/environments/production";
    private static final Pattern USED = Pattern.compile("used (\\d+)K");

    private final Process process;
    private final URI address;
    private final Fields ready;
    private final AtomicInteger keys = new AtomicInteger();
    private final long readyNanos = System.nanoTime();
    private final String token;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Program(Process process, Fields ready, String token) {
        this.process = process;
        this.ready = ready;
        this.address = URI.create(ready.text("address"));
        this.token = token;
    }

    /**
     * Starts a server on a free port and waits until it is ready.
     *
     * @param jar the command's
     * @param options beside data folder and port
     */
    static Program start(Path jar, Path data, List<String> options) {
        return start(jar, data, options, List.of());
    }

    /** @param flags for the JVM */
    static Program start(Path jar, Path data, List<String> options, List<String> flags) {
        List<String> command = new ArrayList<>(
                List.of(ProcessHandle.current().info().command().orElse("java"), "--enable-native-access=ALL-UNNAMED"));
        command.addAll(flags);
        command.addAll(List.of("-jar", jar.toString(), "server", "--json", "--port", "0", "--data", data.toString()));
        command.addAll(options);
        try {
            Files.createDirectories(data);
            Process process = new ProcessBuilder(command)
                    .redirectError(data.resolve("server.log").toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "end-server"));
            BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
            String ready = output.readLine();
            if (ready == null) {
                throw new IllegalStateException("server: ended before it was ready (its log: "
                        + Files.readString(data.resolve("server.log")) + ")");
            }
            Fields fields = Fields.lenient(Json.parse(ready.getBytes(StandardCharsets.UTF_8)));
            return new Program(
                    process,
                    fields,
                    Files.readString(data.resolve("admin.token")).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    URI address() {
        return address;
    }

    /** A member of the line that says that it is ready. */
    String ready(String name) {
        return ready.text(name);
    }

    /** When it said that it was, as {@link System#nanoTime} counts. */
    long readyNanos() {
        return readyNanos;
    }

    /** Waits until it has taken in so much of its ledger. */
    void awaitVersion(long version) {
        long startNanos = System.nanoTime();
        while (get("/api/v1/ledger").whole("version", 0, Long.MAX_VALUE) < version) {
            if (System.nanoTime() - startNanos > PATIENCE_NANOS) {
                throw new IllegalStateException(
                        "ledger: not at version " + version + " within " + PATIENCE_NANOS / 1_000_000_000 + " s");
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    /** What its heap holds that is in use, after a collection. */
    long liveHeapBytes() {
        jcmd("GC.run");
        Matcher used = USED.matcher(jcmd("GC.heap_info"));
        if (!used.find()) {
            throw new IllegalStateException("GC.heap_info: says nothing of what is used");
        }
        return Long.parseLong(used.group(1)) * 1_024;
    }

    private String jcmd(String word) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        try {
            Process asked = new ProcessBuilder(jcmd, Long.toString(process.pid()), word)
                    .redirectErrorStream(true)
                    .start();
            return new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A flag that is on for everyone in production. */
    void create(String flag) {
        create(flag, configuration("on"));
    }

    /** @param configuration in production */
    void create(String flag, Json configuration) {
        send(post(
                "/api/v1/flags",
                Json.object()
                        .put(
                                "flag",
                                Json.object()
                                        .put("key", flag)
                                        .put("type", "boolean")
                                        .put("owner", "team"))
                        .put("configuration", configuration)
                        .put("environments", Json.texts(List.of("production")))
                        .put("reason", "benchmark")
                        .build()));
    }

    private static Json configuration(String variant) {
        return Json.object()
                .put("variants", Json.object().put("on", true).put("off", false))
                .put("safeVariant", "off")
                .put("on", true)
                .put("fallThrough", Json.object().put("variant", variant))
                .build();
    }

    /** Changes a flag; each time to something else than before. */
    void touch(String flag, int time) {
        send(put(
                PRODUCTION + "/flags/" + flag,
                Json.object()
                        .put("configuration", configuration(time % 2 == 0 ? "off" : "on"))
                        .put("reason", "benchmark")
                        .build()));
    }

    HttpRequest kill(String flag) {
        return post(
                PRODUCTION + "/kills",
                Json.object()
                        .put("target", Json.object().put("flag", flag))
                        .put("reason", "benchmark")
                        .build());
    }

    void restore(String flag) {
        send(post(
                PRODUCTION + "/restores",
                Json.object().put("flag", flag).put("reason", "benchmark").build()));
    }

    /** A new key for production. */
    String key(String role) {
        return send(post(
                        "/api/v1/tokens",
                        Json.object()
                                .put("name", "application-" + keys.incrementAndGet())
                                .put("role", role)
                                .put("environment", "production")
                                .put("reason", "benchmark")
                                .build()))
                .text("secret");
    }

    HttpRequest asHolderOf(String key, String path, Json body) {
        return HttpRequest.newBuilder(address.resolve(path))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.utf8()))
                .build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address.resolve(path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json");
    }

    HttpRequest post(String path, Json body) {
        return request(path)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.utf8()))
                .build();
    }

    /** Whatever is there is replaced. */
    HttpRequest put(String path, Json body) {
        return put(path, "If-Match", body);
    }

    /** Nothing may be there. */
    HttpRequest putNew(String path, Json body) {
        return put(path, "If-None-Match", body);
    }

    private HttpRequest put(String path, String precondition, Json body) {
        return request(path)
                .header(precondition, "*")
                .PUT(HttpRequest.BodyPublishers.ofByteArray(body.utf8()))
                .build();
    }

    CompletableFuture<HttpResponse<byte[]>> begin(HttpRequest request) {
        return client.sendAsync(request, BodyHandlers.ofByteArray());
    }

    Fields send(HttpRequest request) {
        return answer(begin(request).join());
    }

    Fields get(String path) {
        return send(request(path).GET().build());
    }

    static Fields answer(HttpResponse<byte[]> response) {
        if (response.statusCode() / 100 != 2) {
            throw new IllegalStateException(response.request().uri() + ": " + response.statusCode() + " "
                    + new String(response.body(), StandardCharsets.UTF_8));
        }
        return Fields.lenient(Json.parse(response.body()));
    }

    @Override
    public void close() {
        client.shutdownNow();
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
