package dev.andon.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process of a benchmark that obeys lines and answers each with one. For one thread. */
final class Worker implements AutoCloseable {
    private static final long END_SECONDS = 5;

    private final Process process;
    private final Path log;
    private final Writer orders;
    private final BufferedReader answers;

    private Worker(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.orders = process.outputWriter(StandardCharsets.US_ASCII);
        this.answers = process.inputReader(StandardCharsets.US_ASCII);
    }

    /** @param log for what it has to complain about */
    static Worker start(Class<?> program, Path log, List<String> flags, String... arguments) {
        return start(System.getProperty("java.class.path"), program.getName(), log, flags, arguments);
    }

    /** @param program the name of its main class */
    static Worker start(String classPath, String program, Path log, List<String> flags, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(ProcessHandle.current().info().command().orElse("java"), "--enable-native-access=ALL-UNNAMED"));
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath, program));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectError(log.toFile()).start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "end-worker"));
            return new Worker(process, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return process.pid();
    }

    /** Without an answer. */
    void order(String line) {
        try {
            orders.write(line + "\n");
            orders.flush();
        } catch (IOException e) {
            throw ended(e);
        }
    }

    /** The next line that it says. */
    String hear() {
        try {
            String answer = answers.readLine();
            if (answer == null) {
                throw ended(new IOException("end of its output"));
            }
            return answer;
        } catch (IOException e) {
            throw ended(e);
        }
    }

    String ask(String line) {
        order(line);
        return hear();
    }

    private IllegalStateException ended(IOException e) {
        String said;
        try {
            said = Files.readString(log);
        } catch (IOException unreadable) {
            said = "nothing";
        }
        return new IllegalStateException("worker: ended (it said: " + said.strip() + ")", e);
    }

    @Override
    public void close() {
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
