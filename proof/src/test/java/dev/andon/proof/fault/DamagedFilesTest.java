package dev.andon.proof.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Fleet;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files in the data folder that hold anything but what was written there. */
final class DamagedFilesTest {
    private static final String FLAG = "new-checkout";
    private static final Duration SOON = Duration.ofSeconds(60);

    @Test
    void withADamagedLedgerAServerServesAndStopsAndSaysWhatIsWrong(@TempDir Path directory) throws IOException {
        try (Server server = new Server(directory.resolve("server"))) {
            String key = prepare(server);
            damage(server.data().resolve("ledger.db"));
            Files.deleteIfExists(server.data().resolve("ledger.db-wal"));
            server.start();
            Api admin = server.admin();
            try (Fleet newcomer = Fleet.start(server.port(), key, "newcomer", 1, FLAG, Optional.empty())) {
                Until.accepted(
                        "an instance that never had a state is served",
                        SOON,
                        newcomer::report,
                        report -> report.count("on") == 1);
                Answer kill = admin.kill(FLAG, "declines payments").expect(201);
                assertThat(kill.bool("durable")).isTrue();
                assertThat(kill.text("ledger")).isEqualTo("pending");
                assertThat(admin.receipt(kill.text("id"), SOON).text("receipt.verdict"))
                        .isEqualTo("proven");
                assertThat(newcomer.report().count("on")).isZero();
            }
            Answer refused = admin.configure(FLAG, "off", "while it is damaged").expect(503);
            assertThat(refused.text("detail")).contains("damaged", "ledger.db");
            assertThat(admin.get("/health/ready").expect(200).text("store.state"))
                    .isEqualTo("damaged");
        }
    }

    @Test
    @Tag("nightly")
    void everythingElseInTheFolderMayBeDamaged(@TempDir Path directory) throws IOException {
        try (Server server = new Server(directory.resolve("server"))) {
            prepare(server);
            for (Path file : others(server.data())) {
                damage(file);
            }
            server.start();
            Api admin = server.admin();
            assertThat(admin.flag(FLAG).text("configuration.fallThrough.variant"))
                    .isEqualTo("on");
            admin.configure(FLAG, "off", "all is well").expect(200);
            assertThat(admin.kill(FLAG, "declines payments").expect(201).bool("durable"))
                    .isTrue();
        }
    }

    /** A server that has run and left everything that a server leaves; gives an SDK key. */
    private static String prepare(Server server) {
        server.start();
        Api admin = server.admin();
        admin.createFlag(FLAG).expect(201);
        String key = admin.sdkKey("fleet");
        String kill = admin.kill(FLAG, "earlier").expect(201).text("id");
        Until.holds("settled", SOON, () -> admin.receipt(kill).text("ledger").equals("settled"));
        admin.restore(FLAG, "earlier").expect(201);
        assertThat(server.stop()).isIn(0, 143);
        return key;
    }

    private static List<Path> others(Path data) throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().startsWith("ledger.db"))
                    .filter(file -> !List.of("admin.token", "node.key", "andon.lock")
                            .contains(file.getFileName().toString()))
                    .toList();
        }
    }

    private static void damage(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        byte[] noise = new byte[Math.max(64, Math.min(content.length, 4_096))];
        new Random(content.length).nextBytes(noise);
        System.arraycopy(noise, 0, content, 0, Math.min(noise.length, content.length));
        Files.write(file, content);
    }
}
