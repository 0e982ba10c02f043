package dev.andon.proof.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code andon server} as a process of its own, on one data directory and one port through all its restarts. */
public final class Server implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(40);
    private static final Duration STOP = Duration.ofSeconds(20);

    private final Path data;
    private final Path logs;
    private final int port;
    private final List<String> arguments;
    private final List<String> command;
    private Optional<Child> child = Optional.empty();
    private Optional<Api> admin = Optional.empty();

    /** A server on SQLite, not yet started. */
    public Server(Path data, String... arguments) {
        this.data = data;
        this.logs = Logs.directory();
        this.port = Ports.free();
        this.arguments = List.of(arguments);
        this.command = List.of("dev.andon.cli.Andon", "server");
    }

    /** Starts it, waits for its ready line, and gives the time that took. */
    public Duration start() {
        long startNanos = System.nanoTime();
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of("--data", data.toString(), "--port", Integer.toString(port)));
        all.addAll(arguments);
        Child started = Child.start("server", logs, List.of("-Xmx512m"), Leash.class, all);
        child = Optional.of(started);
        started.awaitLine("that it is ready", 0, START, line -> line.contains("ready"));
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    public int port() {
        return port;
    }

    public Path data() {
        return data;
    }

    public Child process() {
        return child.orElseThrow(() -> new IllegalStateException("the server was never started"));
    }

    /** Kills it without warning. */
    public void kill() {
        process().kill();
    }

    /** Ends it as an operating system does, and gives its exit code. */
    public int stop() {
        return process().terminate(STOP);
    }

    /** The administrator. */
    public Api admin() {
        if (admin.isEmpty()) {
            admin = Optional.of(new Api(port, adminToken()));
        }
        return admin.get();
    }

    public String adminToken() {
        try {
            return Files.readString(data.resolve("admin.token")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        admin.ifPresent(Api::close);
        child.ifPresent(Child::close);
    }
}
