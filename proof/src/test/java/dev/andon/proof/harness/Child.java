package dev.andon.proof.harness;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A JVM that a test starts with its own class path. Its output goes to a log file, its lines can be waited for, and it
 * never outlives the test's JVM. Thread-safe.
 */
public final class Child implements AutoCloseable {
    private static final Duration LAST_WORDS = Duration.ofSeconds(60);

    private final String name;
    private final Path log;
    private final Process process;
    private final BufferedWriter input;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> wholeOutput = new CompletableFuture<>();

    private Child(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
        this.input = process.outputWriter(StandardCharsets.UTF_8);
    }

    /**
     * Starts {@code java main arguments}.
     *
     * @param logs directory for the log file, which is appended to when there is one
     * @param flags for the JVM
     */
    public static Child start(String name, Path logs, List<String> flags, Class<?> main, List<String> arguments) {
        return start(name, logs, flags, main, arguments, Map.of());
    }

    /** @param environment variables beside those of this process */
    public static Child start(
            String name,
            Path logs,
            List<String> flags,
            Class<?> main,
            List<String> arguments,
            Map<String, String> environment) {
        return start(name, logs, flags, main, arguments, environment, List.of());
    }

    /** @param first folders of classes that come before all others */
    public static Child start(
            String name,
            Path logs,
            List<String> flags,
            Class<?> main,
            List<String> arguments,
            Map<String, String> environment,
            List<Path> first) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(flags);
        String before =
                first.stream().map(folder -> folder + File.pathSeparator).collect(Collectors.joining());
        command.addAll(List.of("-cp", before + classPath(), main.getName()));
        command.addAll(arguments);
        try {
            Files.createDirectories(logs);
            Path log = logs.resolve(name + ".log");
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().putAll(environment);
            Process process = builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            Warden.watch(process.pid());
            Child child = new Child(name, log, process);
            Thread.ofVirtual().name(name + "-output").start(child::readLines);
            return child;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    private void readLines() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
                BufferedWriter copy = Files.newBufferedWriter(log, StandardOpenOption.APPEND)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
                copy.write(line);
                copy.newLine();
                copy.flush();
            }
        } catch (IOException e) {
            lines.add("output ended: " + e);
        }
        wholeOutput.complete(null);
        process.onExit().join();
        Warden.forget(process.pid());
    }

    /** How long it has had a processor, in ms. */
    public long processorMs() {
        return process.info().totalCpuDuration().orElseThrow().toMillis();
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** What it printed so far. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** The first line from number {@code from} on that is accepted, waited for while the process lives. */
    public String awaitLine(String what, int from, Duration atMost, Predicate<String> accepts) {
        return Until.accepted(
                        name + " says " + what + " (its log: " + log + ")",
                        atMost,
                        () -> {
                            boolean mayCome = process.isAlive() || !wholeOutput.isDone();
                            Optional<String> line =
                                    lines.stream().skip(from).filter(accepts).findFirst();
                            if (line.isEmpty() && !mayCome) {
                                throw new IllegalStateException(name + " ended with " + process.exitValue()
                                        + " before it said " + what + ":\n" + Files.readString(log));
                            }
                            return line;
                        },
                        Optional::isPresent)
                .orElseThrow();
    }

    /** Writes a line to its standard input. */
    public void say(String line) {
        try {
            synchronized (input) {
                input.write(line);
                input.newLine();
                input.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(name + " doesn't listen (its log: " + log + ")", e);
        }
    }

    /** Closes its standard input, as happens when the process that started it ends. */
    public void endInput() {
        try {
            input.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops its execution between two instructions: to the world it is silent, and its connections stay open. */
    public void freeze() {
        Signal.STOP.send(List.of(process.toHandle()));
    }

    public void thaw() {
        Signal.CONT.send(List.of(process.toHandle()));
    }

    /** Ends it without a chance to say or save anything. */
    public void kill() {
        Signal.KILL.send(List.of(process.toHandle()));
        awaitEnd(LAST_WORDS);
    }

    /** Asks it to end, as an operating system does, and gives its exit code. */
    public int terminate(Duration atMost) {
        // Not Process.destroy, which closes the streams too: it would end what hangs on a leash, before its last words.
        process.toHandle().destroy();
        return awaitEnd(atMost);
    }

    /** Waits until it has ended by itself, and gives its exit code. */
    public int awaitEnd(Duration atMost) {
        try {
            if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException(name + " still runs after " + atMost + " (its log: " + log + ")");
            }
            wholeOutput.get(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + name, e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(name + " has ended, its output hasn't (its log: " + log + ")", e);
        }
    }

    /** Everything that it printed and logged. */
    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
    }
}
