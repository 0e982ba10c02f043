package dev.andon.proof.fault;

import dev.andon.proof.harness.Fleets;
import dev.andon.proof.harness.Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** STOP-ANYWHERE when another program holds the lock of the SQLite file. */
final class LockedFileTest {
    private static final String SCENARIO = "store hangs (SQLite file locked)";
    private static final int PROCESSES = 2;
    private static final int SIZE = 10;

    @Test
    void aLockedFileDelaysNoKill(@TempDir Path directory) throws SQLException {
        run(directory, (outage, lock) -> outage.run(SCENARIO, Outage.Aim.FLAG, lock::take, lock::release));
    }

    @Test
    @Tag("nightly")
    void aLockedFileDelaysNoKillOfAnyTarget(@TempDir Path directory) throws SQLException {
        run(directory, (outage, lock) -> outage.runEach(SCENARIO, lock::take, lock::release));
    }

    private static void run(Path directory, BiConsumer<Outage, Lock> trial) throws SQLException {
        try (Server server = new Server(directory.resolve("server"));
                Fleets fleets = new Fleets(directory.resolve("fleets"))) {
            server.start();
            Outage outage = new Outage(server, fleets, PROCESSES, SIZE);
            try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + database(server.data()))) {
                trial.accept(outage, new Lock(other));
            }
        }
    }

    private static Path database(Path data) {
        try (Stream<Path> files = Files.walk(data)) {
            return files.filter(file -> file.toString().endsWith(".db"))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of the whole database file, by another program. */
    private record Lock(Connection other) {
        void take() {
            execute("BEGIN EXCLUSIVE");
        }

        void release() {
            execute("ROLLBACK");
        }

        private void execute(String sql) {
            try (var statement = other.createStatement()) {
                statement.execute(sql);
            } catch (SQLException e) {
                throw new IllegalStateException(sql, e);
            }
        }
    }
}
