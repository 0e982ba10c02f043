package dev.andon.proof.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Crowd;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that restarts under thousands of streams, and is asked to stop something while they all come back. How long that takes
 * depends on what else the machine does, so it is printed; {@code -Dandon.proof.storm=5000} makes them ten thousand.
 */
@Tag("nightly")
final class StormTest {
    private static final int SIZE = Integer.getInteger("andon.proof.storm", 1_000);
    private static final String FLAG = "new-checkout";
    private static final Duration JOINED = Duration.ofMinutes(4);

    @Test
    void everyStreamComesBackAndHasWhatWasStoppedMeanwhile(@TempDir Path directory) {
        try (Server server = new Server(directory.resolve("server")).memory("1g")) {
            server.start();
            Api admin = server.admin();
            admin.createFlag(FLAG).expect(201);
            String key = admin.sdkKey("crowd");
            try (Crowd one = Crowd.start(List.of(server.port()), key, "one", SIZE);
                    Crowd other = Crowd.start(List.of(server.port()), key, "other", SIZE)) {
                Until.holds("all streams are live", JOINED, () -> one.live() + other.live() == 2L * SIZE);
                long refusals = one.refusals() + other.refusals();
                long crowdMs = one.processorMs() + other.processorMs();
                server.kill();
                long startMs = server.start().toMillis();
                long readyNanos = System.nanoTime();
                long connected = Until.accepted(
                        "a part of them is back", JOINED, () -> one.live() + other.live(), live -> live >= SIZE / 5);
                Answer kill = admin.kill(FLAG, "in the storm").expect(201);
                Until.holds("all streams are live", JOINED, () -> one.live() + other.live() == 2L * SIZE);
                long currentMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - readyNanos);
                long usedMs = server.process().processorMs();
                refusals = one.refusals() + other.refusals() - refusals;
                crowdMs = one.processorMs() + other.processorMs() - crowdMs;
                Until.holds("all streams have the kill", JOINED, () -> one.killed() + other.killed() == 2L * SIZE);
                Answer receipt = admin.receipt(kill.text("id"), Duration.ofSeconds(60));
                Figures.print(
                        "server killed -9 and restarted under %d streams".formatted(2 * SIZE),
                        "ready in %d ms, all current %d ms after that (processor time: server %d ms, its start included, crowds %d ms; turned away %d times); a kill when %d were back was answered in %d ms and applied by those within %.1f ms (99 of 100 within %.1f ms)"
                                .formatted(
                                        startMs,
                                        currentMs,
                                        usedMs,
                                        crowdMs,
                                        refusals,
                                        connected,
                                        kill.tookMs(),
                                        receipt.number("receipt.maxMs"),
                                        receipt.number("receipt.p99Ms")));
                assertThat(receipt.text("receipt.verdict")).isEqualTo("proven");
            }
        }
    }
}
