package dev.andon.proof.clients;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.proof.harness.Logs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A client in a process of its own, with the libraries that it would have in an application of its own. It ends with its standard
 * input, and so with this process.
 */
final class ProcessClient implements ForeignClient {
    private static final Path PROGRAMS =
            Path.of("src/test/resources/dev/andon/proof/clients").toAbsolutePath();
    private static final Path FLAGD_JARS = Path.of("flagd-client/target/lib").toAbsolutePath();
    private static final int PATIENCE_SECONDS = 60;

    private final Process process;
    private final Path errors;
    private final BlockingQueue<Optional<String>> answers = new LinkedBlockingQueue<>();
    private final Writer questions;

    private ProcessClient(List<String> command) {
        try {
            errors = Files.createTempFile(Files.createDirectories(Logs.directory()), "client", ".log");
            process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        questions = process.outputWriter(StandardCharsets.UTF_8);
        Thread.ofVirtual().name("answers").start(this::read);
        try {
            line();
        } catch (AssertionError e) {
            close();
            throw e;
        }
    }

    static ProcessClient ofrep(URI server, String key) {
        return node("ofrep", ofrepFolder(), server.toString(), key);
    }

    static ProcessClient web(URI server, String key) {
        return node("web", webFolder(), server.toString(), key);
    }

    /** @param kind of resolver: {@code rpc} or {@code in-process} */
    static ProcessClient flagdNode(String kind, int port) {
        return node(kind, flagdFolder(), "127.0.0.1:" + port, "");
    }

    /** @param kind of resolver: {@code rpc} or {@code in-process} */
    static ProcessClient flagdJava(String kind, int port) {
        return new ProcessClient(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                FLAGD_JARS.resolve("*").toString(),
                PROGRAMS.resolve("FlagdClient.java").toString(),
                kind,
                "127.0.0.1:" + port));
    }

    private static ProcessClient node(String kind, Path folder, String address, String key) {
        return new ProcessClient(new ArrayList<>(
                List.of("node", PROGRAMS.resolve("client.cjs").toString(), folder.toString(), kind, address, key)));
    }

    static Path flagdFolder() {
        return Npm.folder(
                "flagd-provider",
                List.of(
                        "@openfeature/flagd-provider@0.16.1",
                        "@openfeature/server-sdk@1.23.0",
                        "@grpc/grpc-js@1.14.3"));
    }

    static Path ofrepFolder() {
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
            throw new AssertionError("client: " + said(), e);
        }
        Fields answer = Fields.lenient(line());
        return new Got(answer.json("value"), answer.text("variant", ""), answer.text("reason", ""));
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                answers.add(Optional.of(line));
            }
        } catch (IOException e) {
            // It has ended, which is what the end of its answers says.
        }
        answers.add(Optional.empty());
    }

    private Json line() {
        try {
            Optional<String> line = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (line == null) {
                throw new AssertionError("client: no answer in " + PATIENCE_SECONDS + " s; it said: " + said());
            }
            return Json.parse(line.orElseThrow(() -> new AssertionError("client: ended; it said: " + said()))
                    .getBytes(StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private String said() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** As an application does that is told to end. */
    void shutDown() {
        try {
            questions.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        process.onExit().join();
    }

    /** Without a goodbye. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
