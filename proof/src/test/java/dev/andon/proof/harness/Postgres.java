package dev.andon.proof.harness;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A PostgreSQL that can be frozen, killed and started again on the same data and port. */
public final class Postgres implements AutoCloseable {
    private static final Duration STARTED = Duration.ofMinutes(2);

    private final EmbeddedPostgres embedded;
    private final Path data;
    private final List<String> command;
    private List<ProcessHandle> frozen = List.of();

    private Postgres(EmbeddedPostgres embedded, Path data) {
        this.embedded = embedded;
        this.data = data;
        ProcessHandle postmaster = postmaster();
        Warden.watch(postmaster.pid());
        this.command = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("unshare", "-U"));
        }
        command.add(postmaster.info().command().orElseThrow());
        command.addAll(List.of(postmaster.info().arguments().orElseThrow()));
    }

    public static Postgres start(Path data) {
        try {
            return new Postgres(
                    EmbeddedPostgres.builder()
                            .setDataDirectory(data)
                            .setPort(Ports.free())
                            .setPGStartupWait(STARTED)
                            .start(),
                    data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return embedded.getPort();
    }

    /** The address of a database, through a proxy if its port is given. */
    public String url(String database, int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=postgres";
    }

    /** Creates a database and gives its address. */
    public String createDatabase(String name) {
        return createDatabase(name, port());
    }

    /** Creates a database and gives its address as seen through a proxy. */
    public String createDatabase(String name, int port) {
        execute("CREATE DATABASE " + name);
        return url(name, port);
    }

    public void execute(String sql) {
        try (Connection connection = DriverManager.getConnection(url("postgres", port()));
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    /** Every process of it stops between two instructions; its connections stay open. */
    public void freeze() {
        frozen = processes();
        frozen.forEach(process -> Warden.watch(process.pid()));
        Signal.STOP.send(frozen);
    }

    public void thaw() {
        Signal.CONT.send(frozen);
        frozen.stream()
                .filter(process -> process.pid() != postmaster().pid())
                .forEach(process -> Warden.forget(process.pid()));
        frozen = List.of();
    }

    /** Ends every process of it without warning. */
    public void kill() {
        List<ProcessHandle> all = processes();
        Signal.KILL.send(all);
        all.forEach(process -> {
            process.onExit().join();
            Warden.forget(process.pid());
        });
    }

    /** Starts it again after {@link #kill}. */
    public void restart() {
        try {
            Files.deleteIfExists(data.resolve("postmaster.pid"));
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Warden.watch(process.pid());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Until.holds("PostgreSQL answers", STARTED, this::answers);
    }

    private boolean answers() {
        try (Connection connection = DriverManager.getConnection(url("postgres", port()))) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    private List<ProcessHandle> processes() {
        ProcessHandle postmaster = postmaster();
        return Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
    }

    private ProcessHandle postmaster() {
        try {
            long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid"))
                    .getFirst()
                    .strip());
            return ProcessHandle.of(pid).orElseThrow(() -> new IllegalStateException("PostgreSQL isn't running"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (!frozen.isEmpty()) {
            thaw();
        }
        ProcessHandle last = postmaster();
        try {
            embedded.close();
            last.onExit().join();
            Warden.forget(last.pid());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
