package dev.andon.proof.harness;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A PostgreSQL and its standby, which follows it through a network that can fail. The primary can be killed and the standby
 * promoted. For one thread.
 */
public final class PostgresPair implements AutoCloseable {
    private static final Duration STARTED = Duration.ofMinutes(2);
    private static final String STANDBY = "standby";

    private final One primary;
    private final One standby;
    private final FaultProxy replication;

    /** One server of the two, in a process that is started by hand. */
    private static final class One {
        private final Path data;
        private final int port;
        private final List<String> command;
        private Optional<ProcessHandle> process = Optional.empty();

        One(Path data, String binary) {
            this.data = data;
            this.port = Ports.free();
            this.command = new ArrayList<>();
            if (System.getProperty("user.name").equals("root")) {
                command.addAll(List.of("unshare", "-U"));
            }
            command.addAll(List.of(binary, "-D", data.toString(), "-p", Integer.toString(port)));
            command.addAll(List.of("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="));
            // A standby refuses to have fewer than its primary had at any time.
            command.addAll(List.of("-c", "max_connections=300", "-c", "wal_receiver_status_interval=1"));
        }

        void start() {
            try {
                Process started = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(
                                data.resolveSibling(data.getFileName() + ".log").toFile()))
                        .start();
                Warden.watch(started.pid());
                process = Optional.of(started.toHandle());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Until.holds(
                    "PostgreSQL answers", STARTED, () -> query("SELECT 'yes'").equals("yes"));
        }

        String url(String database) {
            return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=postgres";
        }

        /** The first column of the first row; empty if there is no answer, or none with a row. */
        String query(String sql) {
            try (Connection connection = DriverManager.getConnection(url("postgres"));
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(sql)) {
                return rows.next() ? rows.getString(1) : "";
            } catch (SQLException e) {
                return "";
            }
        }

        void execute(String sql) {
            try (Connection connection = DriverManager.getConnection(url("postgres"));
                    Statement statement = connection.createStatement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                throw new IllegalStateException(sql, e);
            }
        }

        /** Ends every process of it without warning. */
        void kill() {
            process.ifPresent(handle -> {
                List<ProcessHandle> all = new ArrayList<>(List.of(handle));
                handle.descendants().forEach(all::add);
                Signal.KILL.send(all);
                all.forEach(each -> each.onExit().join());
                Warden.forget(handle.pid());
            });
            process = Optional.empty();
        }
    }

    private PostgresPair(One primary, One standby, FaultProxy replication) {
        this.primary = primary;
        this.standby = standby;
        this.replication = replication;
    }

    /** @param synchronous whether a commit waits for the standby */
    public static PostgresPair start(Path directory, boolean synchronous) {
        Path first = directory.resolve("primary");
        Path second = directory.resolve("standby");
        One primary = new One(first, initialised(first));
        One standby = new One(second, primary.command.get(primary.command.indexOf("-D") - 1));
        FaultProxy replication = new FaultProxy(primary.port);
        PostgresPair pair = new PostgresPair(primary, standby, replication);
        try {
            copy(first, second);
            Files.createFile(second.resolve("standby.signal"));
            Files.writeString(
                    second.resolve("postgresql.auto.conf"),
                    "primary_conninfo = 'host=127.0.0.1 port=" + replication.port() + " user=postgres application_name="
                            + STANDBY + "'\n",
                    StandardOpenOption.APPEND);
            primary.start();
            standby.start();
            Until.holds("the standby follows", STARTED, () -> pair.replicating("streaming"));
            if (synchronous) {
                primary.execute("ALTER SYSTEM SET synchronous_standby_names = '" + STANDBY + "'");
                primary.execute("SELECT pg_reload_conf()");
                Until.holds(
                        "commits wait for the standby",
                        STARTED,
                        () -> primary.query("SELECT sync_state FROM pg_stat_replication")
                                .equals("sync"));
            }
            return pair;
        } catch (IOException e) {
            pair.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            pair.close();
            throw e;
        }
    }

    /** Makes an empty cluster, and gives the program that runs it. */
    private static String initialised(Path data) {
        try {
            EmbeddedPostgres embedded = EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    .setCleanDataDirectory(false)
                    .setPort(Ports.free())
                    .setPGStartupWait(STARTED)
                    .start();
            try {
                long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid"))
                        .getFirst()
                        .strip());
                return ProcessHandle.of(pid).orElseThrow().info().command().orElseThrow();
            } finally {
                embedded.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Path copy = to.resolve(from.relativize(directory));
                Files.createDirectories(copy);
                Files.setPosixFilePermissions(copy, Files.getPosixFilePermissions(directory));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, to.resolve(from.relativize(file)));
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private boolean replicating(String state) {
        return primary.query("SELECT state FROM pg_stat_replication").equals(state);
    }

    /** Creates a database, waits until the standby has it, and gives an address with both servers' names. */
    public String createDatabase(String name) {
        primary.execute("CREATE DATABASE " + name);
        Until.holds(
                "the standby has the database",
                STARTED,
                () -> standby.query("SELECT datname FROM pg_database WHERE datname = '" + name + "'")
                        .equals(name));
        return "jdbc:postgresql://127.0.0.1:" + primary.port + ",127.0.0.1:" + standby.port + "/" + name
                + "?user=postgres";
    }

    /** Waits until the standby has all that the primary has committed up to now. */
    public void awaitStandby() {
        String end = primary.query("SELECT pg_current_wal_lsn()::text");
        Until.holds(
                "the standby has everything",
                STARTED,
                () -> standby.query("SELECT (pg_last_wal_replay_lsn() >= '" + end + "')::text")
                        .equals("true"));
    }

    /** Nothing that the primary commits from here on reaches the standby. */
    public void cutReplication() {
        replication.refuse();
        Until.holds("the standby follows no more", STARTED, () -> replicating(""));
    }

    /** Ends every process of the primary without warning; it never comes back. */
    public void killPrimary() {
        primary.kill();
    }

    /** Makes the standby the primary, and gives the time until it took writes. */
    public Duration promote() {
        long startNanos = System.nanoTime();
        standby.execute("SELECT pg_promote(false)");
        Until.holds(
                "the standby is the primary",
                STARTED,
                () -> standby.query("SELECT pg_is_in_recovery()::text").equals("false"));
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    @Override
    public void close() {
        primary.kill();
        standby.kill();
        replication.close();
    }
}
