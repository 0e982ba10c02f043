package dev.andon.proof.differential;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import dev.andon.core.model.ValueType;
import dev.andon.proof.clients.Npm;
import dev.andon.proof.harness.Logs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An engine of flagd's in a process of its own, with the libraries that it names itself. It ends with its standard input, and so
 * with this process. Not thread-safe.
 */
final class Engine implements AutoCloseable {
    private static final Path PROGRAMS =
            Path.of("src/test/resources/dev/andon/proof/differential").toAbsolutePath();
    private static final Path JARS = Path.of("flagd-client/target/lib").toAbsolutePath();

    /** Engines keep every rule that they have ever read. */
    private static final int DOCUMENTS_OF_ONE_PROCESS = 300;

    private final String name;
    private final List<String> command;
    private Running running;
    private int documents;

    /** @param context attributes by name, {@code targetingKey} among them */
    record Question(String flag, ValueType type, Map<String, Json> context) {}

    private record Running(Process process, Path errors, BufferedReader answers, Writer questions) {
        static Running start(List<String> command) {
            try {
                Path errors = Files.createTempFile(Files.createDirectories(Logs.directory()), "engine", ".log");
                Process process = new ProcessBuilder(command)
                        .redirectError(errors.toFile())
                        .start();
                return new Running(
                        process,
                        errors,
                        process.inputReader(StandardCharsets.UTF_8),
                        process.outputWriter(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void end() {
            process.destroyForcibly().onExit().join();
        }
    }

    private Engine(String name, List<String> command) {
        this.name = name;
        this.command = command;
        this.running = Running.start(command);
    }

    /** {@code @openfeature/flagd-core}, with which flagd's JavaScript provider evaluates. */
    static Engine node() {
        Path folder = Npm.folder(
                "flagd-provider",
                List.of(
                        "@openfeature/flagd-provider@0.16.1",
                        "@openfeature/server-sdk@1.23.0",
                        "@grpc/grpc-js@1.14.3"));
        return new Engine(
                "flagd-core", List.of("node", PROGRAMS.resolve("engine.cjs").toString(), folder.toString()));
    }

    /** What evaluates in processes with {@code dev.openfeature.contrib.providers:flagd}. */
    static Engine java() {
        return new Engine(
                "flagd for Java",
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx512m",
                        "-cp",
                        JARS.resolve("*").toString(),
                        PROGRAMS.resolve("FlagdEngine.java").toString()));
    }

    /** Hands over a document and what is asked of it; {@link #answers} has to be called next. */
    void ask(String document, List<Question> asked) {
        if (documents == DOCUMENTS_OF_ONE_PROCESS) {
            running.end();
            running = Running.start(command);
            documents = 0;
        }
        documents++;
        Map<Map<String, Json>, Integer> contexts = new LinkedHashMap<>();
        List<Json> asks = new ArrayList<>();
        for (Question question : asked) {
            int context = contexts.computeIfAbsent(question.context(), all -> contexts.size());
            asks.add(Json.array(
                    List.of(Json.of(question.flag()), Json.of(question.type().word()), Json.of(context))));
        }
        String line = Json.object()
                .put("document", document)
                .put("asks", Json.array(asks))
                .put(
                        "contexts",
                        Json.array(contexts.keySet().stream()
                                .map(Json.Members::new)
                                .toList()))
                .build()
                .text();
        try {
            running.questions().write(line + "\n");
            running.questions().flush();
        } catch (IOException e) {
            throw new AssertionError(name + ": " + said(), e);
        }
    }

    /** In the order of the questions; fails if the engine has a word to say against the document's form. */
    List<Answer> answers() {
        try {
            String line = running.answers().readLine();
            if (line == null) {
                throw new AssertionError(name + ": ended; it said: " + said());
            }
            Fields answer = Fields.lenient(Json.parse(line.getBytes(StandardCharsets.UTF_8), JsonLimits.SNAPSHOT));
            String complaint = answer.text("failure", "") + answer.text("schema", "");
            if (!complaint.isEmpty()) {
                throw new Complaint(name + ": " + complaint);
            }
            return answer.items("answers").stream().map(Engine::answer).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An engine doesn't take a document as it is. */
    static final class Complaint extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Complaint(String message) {
            super(message);
        }
    }

    private static Answer answer(Json json) {
        List<Json> parts = ((Json.Array) json).items();
        String first = ((Json.Text) parts.getFirst()).value();
        return parts.size() == 1 ? new Answer.Default(first) : new Answer.Served(first, parts.get(1));
    }

    private String said() {
        try {
            return Files.readString(running.errors());
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        running.end();
    }
}
