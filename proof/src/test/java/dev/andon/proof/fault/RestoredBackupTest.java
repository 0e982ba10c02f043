package dev.andon.proof.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Reason;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import dev.andon.sdk.Andon;
import dev.andon.sdk.AndonOptions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup is restored as the guide's page on stores says: what came after it is lost, apart from kills. */
final class RestoredBackupTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void historyIsCutAndSaidSoAndKillsStandAgain() throws Exception {
        Path backup = directory.resolve("backup.db");
        try (Server server = new Server(directory.resolve("data"))) {
            server.start();
            Api admin = server.admin();
            admin.createFlag("before").expect(201);
            String key = admin.sdkKey("app");
            backUp(server.data().resolve("ledger.db"), backup);
            admin.createFlag("after").expect(201);
            admin.kill("before", "after the backup").expect(201);
            long epoch = epoch(admin);
            try (Andon app = connect(server, key)) {
                assertThat(app.awaitReady(SOON)).isTrue();
                server.stop();

                restore(backup, server.data());
                server.start();

                assertThat(epoch(admin)).isGreaterThan(epoch);
                assertThat(server.process().log()).contains("restored, or a fail-over lost entries");
                assertThat(admin.get("/api/v1/flags/after").status()).isEqualTo(404);
                Until.holds(
                        "the client is back, and has the restored state",
                        SOON,
                        () -> app.status().live() && app.version().epoch() > epoch);
                assertThat(app.bool("before").evaluate(Context.EMPTY, true).reason())
                        .isEqualTo(Reason.KILLED);
                assertThat(app.bool("after").evaluate(Context.EMPTY, true).variant())
                        .isEmpty();

                admin.restore("before", "all is well").expect(200, 201);
                Until.holds(
                        "the kill is restored for good",
                        SOON,
                        () -> app.bool("before").evaluate(Context.EMPTY, false).reason() != Reason.KILLED);
            }
        }
    }

    private static Andon connect(Server server, String key) {
        return Andon.connect(AndonOptions.builder()
                .server(URI.create("http://127.0.0.1:" + server.port()))
                .key(key)
                .service("app")
                .build());
    }

    private static long epoch(Api admin) {
        Answer ready = admin.get("/health/ready").expect(200);
        return ready.whole("image.epoch");
    }

    /** As SQLite's shell does with .backup. */
    private static void backUp(Path ledger, Path copy) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + ledger);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("backup to '" + copy + "'");
        }
    }

    private static void restore(Path copy, Path data) throws Exception {
        Files.copy(copy, data.resolve("ledger.db"), StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(data.resolve("ledger.db-wal"));
        Files.deleteIfExists(data.resolve("ledger.db-shm"));
    }
}
