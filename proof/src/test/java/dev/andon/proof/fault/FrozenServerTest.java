package dev.andon.proof.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Fleets;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that stands still in the middle of a kill, as virtual machines do, goes on with it when it may. */
final class FrozenServerTest {
    private static final String FLAG = "new-checkout";
    private static final int PROCESSES = 2;
    private static final int SIZE = 10;
    private static final int MAX_DELAY_MICROS = 20_000;
    private static final Duration BACK = Duration.ofSeconds(60);

    @Test
    @Tag("nightly")
    void aKillIsAnsweredAndProvenAfterAQuarterOfAMinute(@TempDir Path directory) throws Exception {
        run(directory, 10, Duration.ofSeconds(15));
    }

    private static void run(Path directory, int rounds, Duration freeze) throws Exception {
        long seed = Long.getLong("andon.proof.seed", new Random().nextLong());
        Random random = new Random(seed);
        try (Server server = new Server(directory.resolve("server"));
                Fleets fleets = new Fleets(directory.resolve("fleets"));
                ExecutorService operator = Executors.newVirtualThreadPerTaskExecutor()) {
            server.start();
            Api admin = server.admin();
            admin.createFlag(FLAG).expect(201);
            String key = admin.sdkKey("fleets");
            for (int i = 0; i < PROCESSES; i++) {
                fleets.add(server.port(), key, "service-" + i, SIZE, FLAG);
            }
            fleets.awaitReady();
            long slowestMs = 0;
            for (int round = 1; round <= rounds; round++) {
                String when = "andon.proof.seed %d, round %d".formatted(seed, round);
                awaitOn(fleets, when);
                long delayNanos = random.nextInt(MAX_DELAY_MICROS) * 1_000L;
                Future<Answer> kill = operator.submit(() -> admin.kill(FLAG, when));
                LockSupport.parkNanos(delayNanos);
                server.process().freeze();
                LockSupport.parkNanos(freeze.toNanos());
                long thawNanos = System.nanoTime();
                server.process().thaw();
                String id = kill.get().expect(201).text("id");
                Answer proven = Until.accepted(
                        when + ": the kill is proven and settled",
                        BACK,
                        () -> admin.receipt(id),
                        receipt -> receipt.text("receipt.verdict").equals("proven")
                                && receipt.text("ledger").equals("settled"));
                slowestMs = Math.max(
                        slowestMs,
                        Duration.ofNanos(System.nanoTime() - thawNanos).toMillis());
                assertThat(proven.whole("receipt.applied")).as(when).isEqualTo(PROCESSES * SIZE);
                assertThat(fleets.report().count("on")).as(when).isZero();
                assertThat(admin.inLog(when)).as(when).isEqualTo(1);
                admin.restore(FLAG, "over: " + when).expect(201);
            }
            awaitOn(fleets, "at the end");
            Figures.print(
                    "frozen server",
                    "frozen for %d s in the middle of a kill, %d times: answered and proven by all %d at most %d ms after it ran again, in the log once"
                            .formatted(freeze.toSeconds(), rounds, PROCESSES * SIZE, slowestMs));
        }
    }

    private static void awaitOn(Fleets fleets, String when) {
        Until.accepted(
                when + ": the flag is on everywhere",
                BACK,
                () -> fleets.report().count("on"),
                on -> on == PROCESSES * SIZE);
    }
}
