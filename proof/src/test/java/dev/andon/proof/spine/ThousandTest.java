package dev.andon.proof.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Fleet;
import dev.andon.proof.harness.Fleets;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PROOF at the size that the project promises. */
final class ThousandTest {
    private static final int INSTANCES = 1_000;
    private static final String FLAG = "new-checkout";
    private static final Duration PROVEN = Duration.ofSeconds(60);
    private static final Duration SOON = Duration.ofSeconds(60);

    /** An instance that couldn't get a WebSocket through comes back to it after a minute and a half at most. */
    private static final Duration ON_THE_WIRE = Duration.ofMinutes(2);

    private static final int EVALUATIONS = 10;

    @Test
    void aKillIsProvenByAThousandInstancesAndNoneServesTheFeatureAfterItsAck(@TempDir Path directory) {
        prove(directory, 4, 2);
    }

    @Test
    @Tag("nightly")
    void aKillIsProvenInTwentyProcessesEveryTime(@TempDir Path directory) {
        prove(directory, 20, 20);
    }

    private static void prove(Path directory, int processes, int kills) {
        try (Server server = new Server(directory.resolve("server"));
                Fleets fleets = new Fleets()) {
            server.start();
            Api admin = server.admin();
            admin.createFlag(FLAG).expect(200, 201);
            for (int i = 0; i < processes; i++) {
                fleets.add(server.port(), admin.sdkKey("fleet-" + i), "service-" + i, INSTANCES / processes, FLAG);
            }
            fleets.awaitReady();
            List<Double> slowest = new ArrayList<>();
            long version = admin.flag(FLAG).whole("version");
            for (int i = 1; i <= kills; i++) {
                slowest.add(proveOne(admin, fleets, processes, version, "declines payments, " + i));
                version = admin.restore(FLAG, "repaired, " + i).expect(201).whole("version");
            }
            slowest.sort(null);
            Figures.print(
                    "a thousand instances, %d times in a row".formatted(kills),
                    "slowest instance applied after %.1f ms at best, %.1f ms in the middle, %.1f ms at worst"
                            .formatted(slowest.getFirst(), slowest.get(kills / 2), slowest.getLast()));
        }
    }

    /** @param version the newest that there is for the fleet: an ack of anything after it is the kill's */
    private static double proveOne(Api admin, Fleets fleets, int processes, long version, String reason) {
        Until.accepted(
                "all have acknowledged version " + version + " and serve the feature",
                ON_THE_WIRE,
                fleets::report,
                report -> report.min("version") >= version && report.count("on") == INSTANCES);
        fleets.arm();
        Until.accepted(
                "every instance evaluates", SOON, fleets::report, report -> report.min("evaluations") >= EVALUATIONS);

        Answer kill = admin.kill(FLAG, reason).expect(201);
        Answer proven = admin.receipt(kill.text("id"), PROVEN);

        assertThat(proven.text("receipt.verdict")).as(proven.body().text()).isEqualTo("proven");
        assertThat(proven.whole("receipt.applied")).isEqualTo(INSTANCES);
        assertThat(names(proven.items("receipt.instances"))).isEqualTo(fleets.names());
        assertThat(proven.items("receipt.instances"))
                .allMatch(instance -> Answer.text(instance, "state").equals("applied"));

        assertThat(fleets.report().count("acked")).isEqualTo(INSTANCES);
        Fleet.Report after = Until.accepted(
                "every instance has gone on evaluating after its ack",
                SOON,
                fleets::report,
                report -> report.min("afterAck") >= EVALUATIONS);
        assertThat(after.count("on")).isZero();
        assertThat(after.min("unsafe")).as("evaluations before the ack").isPositive();
        assertThat(after.sum("unsafeAfterAck")).isZero();
        Figures.print(
                "a thousand instances",
                "%d in %d processes, all evaluating: kill answered in %d ms, applied p50 %.1f ms, p99 %.1f ms, max %.1f ms; of %,d evaluations %,d began after the instance's ack, none of which served the feature"
                        .formatted(
                                INSTANCES,
                                processes,
                                kill.tookMs(),
                                proven.number("receipt.p50Ms"),
                                proven.number("receipt.p99Ms"),
                                proven.number("receipt.maxMs"),
                                after.sum("evaluations"),
                                after.sum("afterAck")));
        return proven.number("receipt.maxMs");
    }

    private static Set<String> names(List<Json> instances) {
        Set<String> names = new HashSet<>();
        instances.forEach(instance -> assertThat(names.add(Answer.text(instance, "instance")))
                .as("one line for each instance")
                .isTrue());
        return names;
    }
}
