package dev.andon.proof.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.Shell;
import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Child;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Logs;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import dev.andon.sdk.Andon;
import dev.andon.server.AndonServer;
import dev.andon.store.Journal;
import dev.andon.store.LocalFile;
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

    /** So often is something kept without one of the syncs, until it is lost. */
    private static final int TRIES = 5;

    /** Each of its syncs is left out on a fake disk, which can fail at moments that no process can be stopped at: in {@code JournalCrashTest}. */
    private static final String ELSEWHERE = "dev.andon.store.JournalFiles";

    @Test
    void nothingAcknowledgedIsLost(@TempDir Path directory) throws Exception {
        long seed = Long.getLong("andon.proof.seed", new Random().nextLong());
        Random random = new Random(seed);
        int checks = 0;
        for (int round = 0; round < ROUNDS; round++) {
            PowerLoss.Leaves leaves = round % 2 == 0 ? PowerLoss.Leaves.NOTHING : PowerLoss.Leaves.SOME;
            try (Trial trial = new Trial(directory.resolve("r" + round), random, leaves)) {
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
    void whatWasKeptIsThere(@TempDir Path directory) throws Exception {
        Random random = new Random(1);
        for (Keeping keeping : Keeping.values()) {
            assertThat(lost(keeping, directory.resolve(keeping.name()), random, Optional.empty()))
                    .isEmpty();
        }
    }

    @Test
    void withoutAnyOneSyncSomethingIsLost(@TempDir Path directory) throws Exception {
        Random random = new Random(1);
        List<Unsyncing> calls =
                Unsyncing.beside(List.of(LocalFile.class, AndonServer.class, Andon.class, Json.class, Shell.class));
        assertThat(calls).isNotEmpty();
        List<String> unnoticed = new ArrayList<>();
        int number = 0;
        for (Unsyncing call : calls) {
            if (call.className().equals(ELSEWHERE)) {
                continue;
            }
            Path work = directory.resolve("m" + number++);
            Optional<Path> classes = Optional.of(call.into(work.resolve("classes")));
            Optional<String> lost = Optional.empty();
            for (Keeping keeping : Keeping.values()) {
                if (lost.isEmpty()) {
                    lost = lost(keeping, work.resolve(keeping.name()), random, classes);
                }
            }
            Figures.print("without " + call, lost.orElse("nothing was lost"));
            if (lost.isEmpty()) {
                unnoticed.add(call.toString());
            }
        }
        assertThat(unnoticed).isEmpty();
    }

    /** What is lost of one thing, if it is; nothing is left of what wasn't synced at first, and then some. */
    private static Optional<String> lost(Keeping keeping, Path work, RandomGenerator random, Optional<Path> classes)
            throws Exception {
        for (int i = 0; i < TRIES; i++) {
            PowerLoss.Leaves leaves = i == 0 ? PowerLoss.Leaves.NOTHING : PowerLoss.Leaves.SOME;
            Path own = Files.createDirectories(work.resolve(Integer.toString(i)));
            Path folder = Files.createDirectory(own.resolve("data")).toRealPath();
            PowerLoss power = new PowerLoss(folder, own);
            try (Child victim = Child.start(
                    "victim",
                    Logs.directory(),
                    List.of("-Xmx128m"),
                    VictimMain.class,
                    List.of(keeping.name(), folder.toString()),
                    power.environment(),
                    classes.stream().toList())) {
                victim.awaitLine("that it has kept it", 0, PATIENCE, VictimMain.KEPT::equals);
                victim.kill();
            }
            power.strike(leaves, random);
            if (!isThere(keeping, folder)) {
                return Optional.of(keeping + " was lost, with " + leaves + " left of what wasn't synced");
            }
        }
        return Optional.empty();
    }

    private static boolean isThere(Keeping keeping, Path folder) {
        try {
            return keeping.isThere(folder);
        } catch (Exception e) {
            return false;
        }
    }

    /** One server, whose machine loses its power after a change, after a kill that is only in the journal, and after one that settled. */
    private static final class Trial implements AutoCloseable {
        private final Server server;
        private final PowerLoss power;
        private final RandomGenerator random;
        private final PowerLoss.Leaves leaves;
        private int checks;

        Trial(Path directory, RandomGenerator random, PowerLoss.Leaves leaves)
                throws IOException, InterruptedException {
            Path data = Files.createDirectories(directory.resolve("data"));
            this.power = new PowerLoss(data.toRealPath(), directory);
            this.server = new Server(data.toRealPath()).environment(power.environment());
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
