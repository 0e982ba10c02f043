package dev.andon.proof.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Fleet;
import dev.andon.proof.harness.Fleets;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that dies and comes back knows what it knew: receipts, kills, and who was connected. */
final class RestartTest {
    private static final String FIRST = "first";
    private static final String SECOND = "second";
    private static final int SIZE = 10;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration BACK = Duration.ofSeconds(60);

    @Test
    void receiptsSurviveAndNothingIsProvenWhileAnEarlierInstanceIsFrozen(@TempDir Path directory) {
        try (Server server = new Server(directory.resolve("server"));
                Fleets fleets = new Fleets(directory.resolve("fleets"))) {
            server.start();
            Api admin = server.admin();
            admin.createFlag(FIRST).expect(200, 201);
            admin.createFlag(SECOND).expect(200, 201);
            String key = admin.sdkKey("fleets");
            fleets.add(server.port(), key, "healthy", SIZE, FIRST);
            Fleet frozen = fleets.add(server.port(), key, "frozen", SIZE, SECOND);
            fleets.awaitReady();
            String first = admin.kill(FIRST, "before the crash").expect(201).text("id");
            assertThat(admin.receipt(first, SOON).text("receipt.verdict")).isEqualTo("proven");

            // It is written behind the answer: one that was final a moment before the crash proves itself anew.
            Path file = server.data().resolve("receipts").resolve(first + ".receipt");
            Until.holds(
                    "the receipt is on the disk",
                    SOON,
                    () -> Files.exists(file)
                            && Files.readString(file, StandardCharsets.ISO_8859_1)
                                    .contains("\"closed\":true"));
            frozen.process().freeze();
            server.kill();
            Duration start = server.start();

            Answer remembered = admin.receipt(first);
            assertThat(remembered.text("receipt.verdict"))
                    .as(remembered.body().text())
                    .isEqualTo("proven");
            assertThat(remembered.whole("receipt.applied")).isEqualTo(2 * SIZE);

            String second = admin.kill(SECOND, "after the crash").expect(201).text("id");
            Set<String> verdicts = new TreeSet<>();
            Answer partial = Until.accepted(
                    "the healthy instances are back and have applied",
                    BACK,
                    () -> {
                        Answer kill = admin.receipt(second);
                        verdicts.add(kill.text("receipt.verdict"));
                        return kill;
                    },
                    kill -> kill.whole("receipt.applied") == SIZE);
            assertThat(verdicts).doesNotContain("proven");
            assertThat(partial.items("receipt.instances").stream()
                            .filter(instance -> !Set.of("applied", "returned").contains(Answer.text(instance, "state")))
                            .map(instance -> Answer.text(instance, "instance"))
                            .collect(Collectors.toSet()))
                    .isEqualTo(frozen.names());

            frozen.process().thaw();
            Answer proven = Until.accepted(
                    "the frozen instances are back and have applied",
                    BACK,
                    () -> admin.receipt(second),
                    kill -> kill.text("receipt.verdict").equals("proven"));
            assertThat(proven.whole("receipt.applied")).isEqualTo(2 * SIZE);
            assertThat(frozen.report().count("on")).isZero();
            Figures.print(
                    "restart",
                    "back in %.1f s; the receipt from before still names %d; a kill after it stays %s while %d earlier instances are frozen, then is proven by %d"
                            .formatted(
                                    start.toMillis() / 1_000.0,
                                    remembered.whole("receipt.applied"),
                                    String.join("/", verdicts),
                                    SIZE,
                                    proven.whole("receipt.applied")));
        }
    }
}
