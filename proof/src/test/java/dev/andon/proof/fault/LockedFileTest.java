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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** STOP-ANYWHERE when another program holds the lock of the SQLite file. */
final class LockedFileTest {
    private static final int PROCESSES = 2;
    private static final int SIZE = 10;

    @Test
    void aLockedFileDelaysNoKill(@TempDir Path directory) throws SQLException {
        try (Server server = new Server(directory.resolve("server"));
                Fleets fleets = new Fleets(directory.resolve("fleets"))) {
            server.start();
            Outage outage = new Outage(server, fleets, PROCESSES, SIZE);
            try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + database(server.data()))) {
                outage.run(
                        "store hangs (SQLite file locked)",
                        () -> execute(other, "BEGIN EXCLUSIVE"),
                        () -> execute(other, "ROLLBACK"));
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

    private static void execute(Connection connection, String sql) {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }
}
