package dev.andon.proof.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Crowd;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Nodes;
import dev.andon.proof.harness.Postgres;
import dev.andon.proof.harness.Until;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes that are restarted one after the other, as for a new version, while thousands of streams hang on them and something is
 * stopped every second. Nobody is to notice.
 */
@Tag("nightly")
final class RollingRestartTest {
    private static final int NODES = 3;
    private static final int SIZE = Integer.getInteger("andon.proof.rolling", 1_000);
    private static final int FLAGS = 200;
    private static final Duration DRAIN = Duration.ofSeconds(5);
    private static final Duration JOINED = Duration.ofMinutes(2);
    private static final Duration STOPPED = Duration.ofSeconds(30);
    private static final Duration PROVEN = Duration.ofMinutes(1);

    private final List<String> kills = new CopyOnWriteArrayList<>();
    private final AtomicInteger turnedAway = new AtomicInteger();

    @Test
    void everyKillOfARollingRestartIsProven(@TempDir Path directory) throws Exception {
        try (Postgres postgres = Postgres.start(directory.resolve("postgres"));
                Nodes nodes = nodes(directory, postgres.createDatabase("andon"));
                ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            nodes.start();
            Api admin = nodes.api(0);
            IntStream.range(0, FLAGS).forEach(i -> admin.createFlag(flag(i)).expect(201));
            String key = admin.sdkKey("crowd");
            nodes.awaitAgreement();
            nodes.awaitLinks();
            List<Integer> ports = IntStream.range(0, NODES)
                    .map(i -> nodes.server(i).port())
                    .boxed()
                    .toList();
            try (Crowd one = Crowd.start(ports, key, "one", SIZE);
                    Crowd other = Crowd.start(ports, key, "other", SIZE)) {
                awaitLive(one, other);
                ScheduledFuture<?> killing = clock.scheduleAtFixedRate(() -> kill(nodes), 0, 1, TimeUnit.SECONDS);
                long startNanos = System.nanoTime();
                for (int i = 0; i < NODES; i++) {
                    assertThat(nodes.server(i).stop(STOPPED))
                            .as("ended by SIGTERM")
                            .isEqualTo(143);
                    nodes.server(i).start();
                    nodes.awaitLinks();
                    awaitLive(one, other);
                }
                long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
                killing.cancel(false);
                clock.shutdown();
                assertThat(clock.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
                assertThat(killing.state()).as("no kill failed").isEqualTo(ScheduledFuture.State.CANCELLED);
                Until.accepted(
                        "every stream has every kill",
                        JOINED,
                        () -> one.standing() + other.standing(),
                        standing -> standing == 2L * SIZE * kills.size());
                List<Double> lastMs = new ArrayList<>();
                for (String id : kills) {
                    List<Answer> receipts = nodes.apis().stream()
                            .map(api -> Until.accepted(
                                    "the kill is proven at every node",
                                    PROVEN,
                                    () -> api.receipt(id),
                                    shown -> shown.text("receipt.verdict").equals("proven")))
                            .toList();
                    for (Answer receipt : receipts) {
                        assertThat(receipt.text("ledger")).isEqualTo("settled");
                        assertThat(receipt.whole("receipt.applied"))
                                .as(() -> "named in " + receipt.body().text())
                                .isEqualTo(2L * SIZE);
                    }
                    receipts.stream()
                            .filter(receipt -> receipt.at("receipt.maxMs") instanceof Json.Decimal)
                            .mapToDouble(receipt -> receipt.number("receipt.maxMs"))
                            .max()
                            .ifPresent(lastMs::add);
                }
                lastMs.sort(null);
                Figures.print(
                        "three nodes restarted one after the other under %d streams".formatted(2 * SIZE),
                        "%d kills in %d s, all proven at every node; %d were asked of another node, as the first one was leaving; applied by the last within %.1f ms in the middle, %.1f ms at most"
                                .formatted(
                                        kills.size(),
                                        tookMs / 1_000,
                                        turnedAway.get(),
                                        lastMs.get(lastMs.size() / 2),
                                        lastMs.getLast()));
            }
        }
    }

    private static Nodes nodes(Path directory, String store) {
        Nodes nodes = new Nodes(directory, NODES, number -> store);
        IntStream.range(0, NODES).forEach(i -> nodes.server(i).drain(DRAIN));
        return nodes;
    }

    private static String flag(int number) {
        return "flag-" + number;
    }

    private static void awaitLive(Crowd one, Crowd other) {
        Until.accepted("all streams are live", JOINED, () -> one.live() + other.live(), live -> live == 2L * SIZE);
    }

    /** As an operator's tool does: whoever takes it first. */
    private void kill(Nodes nodes) {
        int number = kills.size();
        for (int i = 0; i < NODES; i++) {
            Api api = nodes.api((number + i) % NODES);
            try {
                Answer answer = api.call(
                        "POST",
                        "/api/v1/environments/" + Api.PRODUCTION + "/kills",
                        Optional.of(Api.killBody(flag(number), "it misbehaves").build()));
                if (answer.status() == 201) {
                    kills.add(answer.text("id"));
                    return;
                }
            } catch (IOException e) {
                // the node isn't there: its turn to restart
            }
            turnedAway.incrementAndGet();
        }
        throw new AssertionError(flag(number) + ": no node took the kill");
    }
}
