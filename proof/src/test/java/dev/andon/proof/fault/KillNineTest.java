package dev.andon.proof.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Postgres;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DURABLE: a server that is killed at any point has everything that it acknowledged, once. */
final class KillNineTest {
    private static final int OPERATORS = 4;
    private static final String FLAGS = "flag-";
    private static final int ORDERS_PER_ROUND = 200;
    private static final int MAX_DELAY_MICROS = 3_000;
    private static final int ROUNDS_PER_KILLED_START = 3;
    private static final int MAX_START_MS = 1_500;
    private static final Duration SETTLED = Duration.ofSeconds(20);

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
        List<Operator> operators = new ArrayList<>();
        for (int i = 0; i < OPERATORS; i++) {
            operators.add(new Operator(FLAGS + i, new Random(random.nextLong())));
        }
        server.start();
        operators.forEach(operator -> server.admin().createFlag(operator.flag()).expect(201));
        long slowestStartMs = 0;
        for (int round = 1; round <= rounds; round++) {
            String when = "andon.proof.seed %d, round %d".formatted(seed, round);
            workAndDie(server, operators, random, when);
            if (random.nextInt(ROUNDS_PER_KILLED_START) == 0) {
                server.startAndKill(Duration.ofMillis(random.nextInt(MAX_START_MS)));
            }
            slowestStartMs = Math.max(slowestStartMs, server.start().toMillis());
            verifyLog(server.admin(), operators, when);
            verifyState(server.admin(), operators, when);
        }
        String when = "andon.proof.seed %d, at the end".formatted(seed);
        operators.forEach(operator -> operator.catchUp(server.admin()));
        verifyLog(server.admin(), operators, when);
        verifyState(server.admin(), operators, when);
        Figures.print(
                scenario,
                "%d times at random points: %d changes, kills and restores acknowledged, all there, none twice; %d asked for again; slowest start %d ms"
                        .formatted(
                                rounds,
                                acknowledged(operators).size(),
                                operators.stream().mapToInt(Operator::repeated).sum(),
                                slowestStartMs));
    }

    private static Set<String> acknowledged(List<Operator> operators) {
        Set<String> acknowledged = new HashSet<>();
        operators.forEach(operator -> acknowledged.addAll(operator.acknowledged()));
        return acknowledged;
    }

    /** Kills the server at a random point among the orders of a round: after so many, and a little later. */
    private static void workAndDie(Server server, List<Operator> operators, Random random, String when) {
        int killAfter = random.nextInt(ORDERS_PER_ROUND);
        long delayNanos = random.nextInt(MAX_DELAY_MICROS) * 1_000L;
        AtomicInteger orders = new AtomicInteger();
        AtomicBoolean failed = new AtomicBoolean();
        Api admin = server.admin();
        List<Thread> threads = operators.stream()
                .map(operator -> Thread.ofVirtual()
                        .name(operator.flag())
                        .start(() ->
                                operator.work(admin, () -> orders.incrementAndGet() <= 10 * ORDERS_PER_ROUND, failed)))
                .toList();
        Until.holds(when + ": " + killAfter + " orders", SETTLED, () -> orders.get() >= killAfter || failed.get());
        LockSupport.parkNanos(delayNanos);
        server.kill();
        threads.forEach(KillNineTest::join);
        assertThat(failed)
                .as("%s: an operator was refused; see the test's output", when)
                .isFalse();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What only the journal has is in the ledger as soon as the server has settled it. */
    private static void verifyLog(Api admin, List<Operator> operators, String when) {
        Set<String> acknowledged = acknowledged(operators);
        Map<String, Integer> counts = Until.accepted(
                when + ": everything acknowledged is in the log",
                SETTLED,
                () -> countReasons(admin),
                found -> found.keySet().containsAll(acknowledged));
        assertThat(counts.entrySet().stream().filter(entry -> entry.getValue() > 1))
                .as("%s: in the log twice", when)
                .isEmpty();
    }

    private static Map<String, Integer> countReasons(Api admin) {
        Map<String, Integer> counts = new HashMap<>();
        for (Json entry : admin.log()) {
            String reason = Answer.text(entry, "reason");
            if (reason.startsWith(FLAGS)) {
                counts.merge(reason, 1, Integer::sum);
            }
        }
        return counts;
    }

    private static void verifyState(Api admin, List<Operator> operators, String when) {
        String environment = "/api/v1/environments/" + Api.PRODUCTION;
        Set<String> killed = new HashSet<>();
        admin.get(environment + "/kills")
                .expect(200)
                .items("items")
                .forEach(kill -> killed.add(Answer.text(kill, "target")));
        for (Operator operator : operators) {
            Answer flag = admin.flag(operator.flag());
            Operator.State seen = new Operator.State(
                    killed.contains(operator.flag()), flag.text("configuration.fallThrough.variant"));
            assertThat(operator.admits(seen))
                    .as("%s: %s is %s (expected: %s)", when, operator.flag(), seen, operator.state())
                    .isTrue();
        }
    }
}
