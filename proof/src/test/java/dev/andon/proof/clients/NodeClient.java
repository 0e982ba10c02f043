package dev.andon.proof.clients;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.proof.harness.Logs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A client from npm in a process of its own. */
final class NodeClient implements ForeignClient {
    private static final Path SCRIPT =
            Path.of("src/test/resources/dev/andon/proof/clients/client.cjs").toAbsolutePath();

    private final Process process;
    private final Path errors;
    private final BufferedReader answers;
    private final Writer questions;

    private NodeClient(Path folder, String kind, URI server, String key) {
        try {
            errors = Files.createTempFile(Files.createDirectories(Logs.directory()), "node", ".log");
            process = new ProcessBuilder("node", SCRIPT.toString(), folder.toString(), kind, server.toString(), key)
                    .redirectError(errors.toFile())
                    .start();
            answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            questions = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        line();
    }

    static NodeClient server(URI server, String key) {
        return new NodeClient(serverFolder(), "server", server, key);
    }

    static NodeClient web(URI server, String key) {
        return new NodeClient(webFolder(), "web", server, key);
    }

    static Path serverFolder() {
        return Npm.folder(
                "ofrep-provider", List.of("@openfeature/ofrep-provider@0.1.3", "@openfeature/server-sdk@1.23.0"));
    }

    static Path webFolder() {
        return Npm.folder(
                "ofrep-web-provider",
                List.of("@openfeature/ofrep-web-provider@0.4.3", "@openfeature/web-sdk@1.10.0", "eventsource@3.0.7"));
    }

    @Override
    public synchronized Got ask(String type, String flag, Map<String, String> context) {
        Json.Builder whom = Json.object();
        context.forEach(whom::put);
        String question = Json.object()
                .put("type", type)
                .put("flag", flag)
                .put("context", whom)
                .build()
                .text();
        try {
            questions.write(question + "\n");
            questions.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Fields answer = Fields.lenient(line());
        return new Got(answer.json("value"), answer.text("variant", ""), answer.text("reason", ""));
    }

    private Json line() {
        try {
            String line = answers.readLine();
            if (line == null) {
                throw new AssertionError("node ended: " + Files.readString(errors));
            }
            return Json.parse(line.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
