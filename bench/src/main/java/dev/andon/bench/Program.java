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

/** {@code andon server} as anybody runs it, in a process of its own, and its administrator. Thread-safe. */
final class Program implements AutoCloseable {
    private static final long END_SECONDS = 10;

    private final Process process;
    private final URI address;
    private final String token;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Program(Process process, URI address, String token) {
        this.process = process;
        this.address = address;
        this.token = token;
    }

    /**
     * Starts a server on a free port and waits until it is ready.
     *
     * @param jar the command's
     * @param options beside data folder and port
     */
    static Program start(Path jar, Path data, List<String> options) {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "--enable-native-access=ALL-UNNAMED",
                "-jar",
                jar.toString(),
                "server",
                "--json",
                "--port",
                "0",
                "--data",
                data.toString()));
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
                    URI.create(fields.text("address")),
                    Files.readString(data.resolve("admin.token")).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI address() {
        return address;
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
