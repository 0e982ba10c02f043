package dev.andon.proof.fault;

import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Postgres;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DURABLE: a server that is killed at any point has everything that it acknowledged, once. */
final class KillNineTest {
    private static final int OPERATORS = 4;
    private static final int ORDERS_PER_ROUND = 200;
    private static final int MAX_DELAY_MICROS = 3_000;
    private static final int ROUNDS_PER_KILLED_START = 3;
    private static final int MAX_START_MS = 1_500;
    private static final Duration REACHED = Duration.ofSeconds(60);

    @Test
    void onSqliteEverythingAcknowledgedIsThereOnce(@TempDir Path directory) {
        onSqlite(directory, 2);
    }

    @Test
    @Tag("nightly")
    void onSqliteEverythingAcknowledgedIsThereOnceFiftyTimes(@TempDir Path directory) {
        onSqlite(directory, 50);
    }

    @Test
    @Tag("nightly")
    void onPostgresEverythingAcknowledgedIsThereOnceFiftyTimes(@TempDir Path directory) {
        try (Postgres postgres = Postgres.start(directory.resolve("postgres"));
                Server server = new Server(directory.resolve("server"), postgres.createDatabase("andon"))) {
            run("kill -9 on PostgreSQL", server, 50);
        }
    }

    private static void onSqlite(Path directory, int rounds) {
        try (Server server = new Server(directory.resolve("server"))) {
            run("kill -9 on SQLite", server, rounds);
        }
    }

    private static void run(String scenario, Server server, int rounds) {
        long seed = Long.getLong("andon.proof.seed", new Random().nextLong());
        Random random = new Random(seed);
        Operators operators = new Operators(OPERATORS, random);
        server.start();
        operators.createFlags(server.admin());
        long slowestStartMs = 0;
        for (int round = 1; round <= rounds; round++) {
            String when = "andon.proof.seed %d, round %d".formatted(seed, round);
            workAndDie(server, operators, random, when);
            if (random.nextInt(ROUNDS_PER_KILLED_START) == 0) {
                server.startAndKill(Duration.ofMillis(random.nextInt(MAX_START_MS)));
            }
            slowestStartMs = Math.max(slowestStartMs, server.start().toMillis());
            operators.verifyLog(server.admin(), when);
            operators.verifyState(server.admin(), when);
        }
        String when = "andon.proof.seed %d, at the end".formatted(seed);
        operators.catchUp(server.admin());
        operators.verifyLog(server.admin(), when);
        operators.verifyState(server.admin(), when);
        Figures.print(
                scenario,
                "%d times at random points: %d changes, kills and restores acknowledged, all there, none twice; %d asked for again; slowest start %d ms"
                        .formatted(rounds, operators.acknowledged().size(), operators.repeated(), slowestStartMs));
    }

    /** Kills the server at a random point among the orders of a round: after so many, and a little later. */
    private static void workAndDie(Server server, Operators operators, Random random, String when) {
        int killAfter = random.nextInt(ORDERS_PER_ROUND);
        long delayNanos = random.nextInt(MAX_DELAY_MICROS) * 1_000L;
        AtomicInteger orders = new AtomicInteger();
        Operators.Shift shift =
                operators.begin(server.admin(), () -> orders.incrementAndGet() <= 10 * ORDERS_PER_ROUND);
        Until.holds(when + ": " + killAfter + " orders", REACHED, () -> orders.get() >= killAfter || shift.failed());
        LockSupport.parkNanos(delayNanos);
        server.kill();
        shift.end(when);
    }
}
