package dev.andon.proof.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import dev.andon.store.Journal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * DURABLE and STOP-ANYWHERE when the machine loses its power: of what a server on SQLite wrote, what wasn't synced is lost,
 * all of it or some. And each sync is there for something: without it, the same fails.
 */
@Tag("nightly")
@EnabledOnOs(OS.LINUX)
final class PowerLossTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ROUNDS = 6;

    /** So often is a server without one of its syncs tried, until something is lost. */
    private static final int TRIES = 3;

    private static final int MESSAGE_LINES = 2;

    @Test
    void nothingAcknowledgedIsLost(@TempDir Path directory) throws Exception {
        long seed = Long.getLong("andon.proof.seed", new Random().nextLong());
        Random random = new Random(seed);
        int checks = 0;
        for (int round = 0; round < ROUNDS; round++) {
            PowerLoss.Leaves leaves = round % 2 == 0 ? PowerLoss.Leaves.NOTHING : PowerLoss.Leaves.SOME;
            try (Trial trial = new Trial(directory.resolve("r" + round), random, leaves, Optional.empty())) {
                trial.begin();
                checks += trial.run("andon.proof.seed " + seed + ", round " + round);
            }
        }
        Figures.print(
                "power lost under a server on SQLite",
                "%d times: %d acknowledged changes and kills looked for, 0 changes lost, 0 kills lost"
                        .formatted(3 * ROUNDS, checks));
    }

    @Test
    void withoutAnyOneSyncSomethingIsLost(@TempDir Path directory) throws Exception {
        Random random = new Random(1);
        List<Unsyncing> calls = Unsyncing.in(List.of(
                "dev.andon.store.LocalFile", "dev.andon.store.LocalDisk", "dev.andon.store.LocalDisk$OpenFile"));
        assertThat(calls).isNotEmpty();
        List<String> unnoticed = new ArrayList<>();
        int number = 0;
        for (Unsyncing call : calls) {
            Path classes = call.into(directory.resolve("classes" + number));
            Optional<Throwable> lost = Optional.empty();
            for (int i = 0; i < TRIES && lost.isEmpty(); i++) {
                try (Trial trial = new Trial(
                        directory.resolve("m" + number + "-" + i),
                        random,
                        i == 0 ? PowerLoss.Leaves.NOTHING : PowerLoss.Leaves.SOME,
                        Optional.of(classes))) {
                    trial.begin();
                    lost = trial.lost(call.toString());
                }
            }
            Figures.print("without " + call, lost.map(PowerLossTest::inShort).orElse("nothing was lost"));
            if (lost.isEmpty() && !coveredByOthers(call)) {
                unnoticed.add(call.toString());
            }
            number++;
        }
        assertThat(unnoticed).isEmpty();
    }

    /** A server that doesn't start says why in its log, which the message ends with. */
    private static String inShort(Throwable lost) {
        List<String> lines = String.valueOf(lost.getMessage())
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("\t"))
                .toList();
        return String.join(" ", lines.subList(Math.max(0, lines.size() - MESSAGE_LINES), lines.size()));
    }

    /** Names of the journal's files: whatever else a start saves before the first kill can be acknowledged syncs them, too. */
    private static boolean coveredByOthers(Unsyncing call) {
        return call.className().equals("dev.andon.store.LocalDisk")
                && (call.method().equals("open") || call.method().equals("rename"));
    }

    /** One server, whose machine loses its power after a change, after a kill that is only in the journal, and after one that settled. */
    private static final class Trial implements AutoCloseable {
        private final Server server;
        private final PowerLoss power;
        private final RandomGenerator random;
        private final PowerLoss.Leaves leaves;
        private int checks;

        Trial(Path directory, RandomGenerator random, PowerLoss.Leaves leaves, Optional<Path> classes)
                throws IOException, InterruptedException {
            Path data = Files.createDirectories(directory.resolve("data"));
            this.power = new PowerLoss(data.toRealPath(), directory);
            this.server = new Server(data.toRealPath()).environment(power.environment());
            classes.ifPresent(server::classesFirst);
            this.random = random;
            this.leaves = leaves;
        }

        /** Before anything is lost. */
        void begin() {
            server.start();
        }

        /** How much was looked for, and there. */
        int run(String when) throws IOException, SQLException {
            Api admin = server.admin();
            for (String flag : List.of("a", "b", "c")) {
                admin.createFlag(flag).expect(201);
            }
            admin.configure("a", "off", "changed before the power went").expect(200);
            lose();
            server.start();
            isThere(when + ": a change", () -> admin.inLog("changed before the power went") == 1);
            isThere(when + ": flags", () -> admin.flag("b").status() == 200);

            killedWithoutLedger(admin, when);
            lose();
            server.start();
            isThere(when + ": a kill of the journal", () -> stands(admin, "b"));
            isThere(when + ": it settles", () -> admin.inLog("stopped without a ledger") == 1);

            admin.kill("c", "stopped and settled").expect(200, 201, 202);
            isThere(when + ": a kill settles", () -> admin.inLog("stopped and settled") == 1);
            isThere(when + ": the journal forgets", () -> !journalHas("stopped and settled"));
            lose();
            try (Connection other = lock(true)) {
                server.start();
                isThere(when + ": a kill of the image, without the ledger", () -> stands(admin, "c"));
                isThere(when + ": another one", () -> stands(admin, "b"));
                assertThat(other.isClosed()).isFalse();
            }
            isThere(when + ": the ledger comes back", () -> admin.inLog("stopped and settled") == 1);
            return checks;
        }

        /** What is lost, if anything is. */
        Optional<Throwable> lost(String when) throws IOException, SQLException {
            try {
                run(when);
                return Optional.empty();
            } catch (AssertionError | RuntimeException e) {
                return Optional.of(e);
            }
        }

        private void lose() throws IOException {
            if (server.process().isAlive()) {
                server.kill();
            }
            power.strike(leaves, random);
        }

        private void killedWithoutLedger(Api admin, String when) throws SQLException {
            try (Connection other = lock(false)) {
                Answer answer = admin.kill("b", "stopped without a ledger").expect(200, 201, 202);
                assertThat(answer.at("durable")).as(when).isEqualTo(Json.of(true));
                assertThat(other.isClosed()).isFalse();
                server.kill();
            }
        }

        /** @param readersToo only while nobody else has it open */
        private Connection lock(boolean readersToo) throws SQLException {
            Connection other =
                    DriverManager.getConnection("jdbc:sqlite:" + server.data().resolve("ledger.db"));
            try (var statement = other.createStatement()) {
                if (readersToo) {
                    statement.execute("PRAGMA locking_mode = EXCLUSIVE");
                }
                statement.execute("BEGIN EXCLUSIVE");
            }
            return other;
        }

        /** In a copy, as the journal is the server's. */
        private boolean journalHas(String reason) throws IOException {
            Path copy = Files.createTempDirectory(server.data().getParent(), "journal");
            for (String slot : List.of("journal.0", "journal.1")) {
                Files.copy(server.data().resolve(slot), copy.resolve(slot));
            }
            try (Journal journal = Journal.open(copy.resolve("journal"), Journal.DEFAULT_TIMEOUT, new Random(0))) {
                return journal.records().stream()
                        .anyMatch(record -> new String(record.bytes(), StandardCharsets.UTF_8).contains(reason));
            }
        }

        private static boolean stands(Api admin, String flag) {
            return admin.get("/api/v1/environments/" + Api.PRODUCTION + "/kills").expect(200).items("items").stream()
                    .anyMatch(kill -> kill.text().contains("\"" + flag + "\""));
        }

        private void isThere(String what, Callable<Boolean> condition) {
            Until.holds(what, PATIENCE, condition);
            checks++;
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
