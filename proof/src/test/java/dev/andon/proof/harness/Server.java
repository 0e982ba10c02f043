package dev.andon.proof.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/** A server as a process of its own, on one data directory and one port through all its restarts. */
public final class Server implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration STOP = Duration.ofSeconds(60);

    private final Path data;
    private final Path logs;
    private final int port;
    private final Optional<String> store;
    private final List<String> flags = new ArrayList<>(List.of("-Xmx512m"));
    private final Map<String, String> environment = new TreeMap<>();
    private Optional<Child> child = Optional.empty();
    private Optional<Api> admin = Optional.empty();

    /** A server on SQLite, not yet started. */
    public Server(Path data) {
        this(data, Optional.empty());
    }

    /** A server on PostgreSQL, not yet started. */
    public Server(Path data, String store) {
        this(data, Optional.of(store));
    }

    private Server(Path data, Optional<String> store) {
        this.data = data;
        this.logs = Logs.directory();
        this.port = Ports.free();
        this.store = store;
    }

    /** Lets it notice sooner that an instance is gone than it does by default. */
    public Server heartbeat(Duration interval) {
        flags.add("-D" + ServerMain.HEARTBEAT + "=" + interval.toMillis());
        return this;
    }

    /** Lets it forget an instance that vanished sooner than it does by default. */
    public Server remember(Duration duration) {
        flags.add("-D" + ServerMain.REMEMBER + "=" + duration.toMillis());
        return this;
    }

    /** Lets the other servers on its ledger reach it at a port of this machine: its own, or that of a proxy before it. */
    public Server advertise(int reachedAt) {
        flags.add("-D" + ServerMain.ADVERTISE + "=http://127.0.0.1:" + reachedAt);
        return this;
    }

    /** Lets it take so long to hand its streams over when it is asked to end. */
    public Server drain(Duration over) {
        flags.add("-D" + ServerMain.DRAIN + "=" + over.toMillis());
        return this;
    }

    /** Makes it a relay of the server at a port of this machine. */
    public Server relay(int upstream, String token, String region) {
        flags.add("-D" + ServerMain.UPSTREAM + "=http://127.0.0.1:" + upstream);
        flags.add("-D" + ServerMain.TOKEN + "=" + token);
        flags.add("-D" + ServerMain.REGION + "=" + region);
        return this;
    }

    /** Gives it another heap than it has by default, such as {@code 1g}. */
    public Server memory(String heap) {
        flags.add("-Xmx" + heap);
        return this;
    }

    /** Gives it variables beside those of this process. */
    public Server environment(Map<String, String> variables) {
        environment.putAll(variables);
        return this;
    }

    /** Starts it, waits for its ready line, and gives the time that took. */
    public Duration start() {
        long startNanos = System.nanoTime();
        launch();
        awaitReady();
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    /** Starts it, and kills it after so long, ready or not. */
    public void startAndKill(Duration after) {
        Child started = launch();
        LockSupport.parkNanos(after.toNanos());
        started.kill();
    }

    public void awaitReady() {
        process().awaitLine("that it is ready", 0, START, "ready"::equals);
    }

    /** Starts it, and waits for nothing. */
    public Child launch() {
        List<String> arguments = new ArrayList<>(List.of(data.toString(), Integer.toString(port)));
        store.ifPresent(arguments::add);
        Child started = Child.start("server", logs, flags, ServerMain.class, arguments, environment);
        child = Optional.of(started);
        return started;
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
        return stop(STOP);
    }

    /** The same for one that may take its time. */
    public int stop(Duration atMost) {
        return process().terminate(atMost);
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
