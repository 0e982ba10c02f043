package dev.andon.proof.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Fleets;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.SmallDisk;
import dev.andon.proof.harness.Until;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A full disk stops writes, never a kill, and leaves nothing half-applied. */
final class DiskFullTest {
    private static final String FLAG = "new-checkout";
    private static final String OTHER_FLAG = "other";
    private static final int MEGABYTES = 32;
    private static final int SIZE = 10;
    private static final String KILLS = "/api/v1/environments/" + Api.PRODUCTION + "/kills";
    private static final int LONG_SERVICES = 900;
    private static final String LONG_SERVICE = "x".repeat(100);
    private static final int MAX_KILLS = 40;
    private static final long CLEAR_REFUSAL_MS = 2_000;
    private static final int MAX_WRITES = 2_000;
    private static final int REFUSALS_IN_A_ROW = 5;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration BACK = Duration.ofSeconds(60);

    @Test
    void aKillGoesOutWritesAreRefusedAndAllIsWellWhenThereIsSpaceAgain(@TempDir Path directory) {
        try (SmallDisk disk = SmallDisk.mount(directory.resolve("disk"), MEGABYTES)
                        .orElseGet(() -> abort("no right to mount a small disk here"));
                Server server = new Server(disk.directory().resolve("server"));
                Fleets fleets = new Fleets(directory.resolve("fleets"))) {
            server.start();
            Api admin = server.admin();
            admin.createFlag(FLAG).expect(200, 201);
            admin.createFlag(OTHER_FLAG).expect(200, 201);
            fleets.add(server.port(), admin.sdkKey("fleet"), "service", SIZE, FLAG);
            fleets.awaitReady();

            Answer refused = fillUntilRefused(disk, admin);
            assertThat(refused.text("detail")).contains("no room left on its disk");
            assertThat(refused.tookMs()).isLessThan(CLEAR_REFUSAL_MS);
            Answer before = admin.flag(OTHER_FLAG);
            Answer kill = admin.kill(FLAG, "while the disk is full").expect(201);
            String id = kill.text("id");
            Until.accepted(
                    "every instance has applied the kill",
                    SOON,
                    () -> admin.receipt(id),
                    receipt -> receipt.whole("receipt.applied") == SIZE);
            assertThat(fleets.report().count("on")).isZero();
            assertThat(kill.text("ledger")).isEqualTo("pending");
            assertThat(admin.receipt(id).text("ledger")).isEqualTo("pending");
            assertThat(admin.flag(OTHER_FLAG).body()).isEqualTo(before.body());

            disk.free();
            Until.accepted(
                    "the kill is in the ledger",
                    BACK,
                    () -> admin.receipt(id),
                    receipt -> receipt.text("ledger").equals("settled"));
            admin.configure(OTHER_FLAG, Api.configuration("on").put("on", false), "there is space again", "*")
                    .expect(200);
            assertThat(admin.inLog("while the disk is full")).isEqualTo(1);
            assertThat(admin.inLog("fill-refused")).as("what was refused").isZero();
            server.kill();
            server.start();
            assertThat(admin.inLog("while the disk is full")).isEqualTo(1);
            Until.accepted(
                    "the receipt is there, and still proven",
                    BACK,
                    () -> admin.receipt(id),
                    receipt -> receipt.text("receipt.verdict").equals("proven")
                            && receipt.whole("receipt.applied") == SIZE);
            assertThat(fleets.report().count("on")).isZero();
            Figures.print(
                    "full disk",
                    "writes refused with %d, named as a full disk, in %d ms; a kill answered in %d ms with durable:%s, applied by all %d; settled once when there was space"
                            .formatted(refused.status(), refused.tookMs(), kill.tookMs(), kill.bool("durable"), SIZE));
        }
    }

    @Test
    @Tag("nightly")
    void aFullDiskDelaysNoKillOfAnyTarget(@TempDir Path directory) {
        try (SmallDisk disk = SmallDisk.mount(directory.resolve("disk"), MEGABYTES)
                        .orElseGet(() -> abort("no right to mount a small disk here"));
                Server server = new Server(disk.directory().resolve("server"));
                Fleets fleets = new Fleets(directory.resolve("fleets"))) {
            server.start();
            Outage outage = new Outage(server, fleets, 1, SIZE);
            outage.runEach("full disk", () -> fillUntilRefused(disk, server.admin()), disk::free);
        }
    }

    /** Kills on their way that fill the journal, which can't grow on a full disk: the next ones go out all the same. */
    @Test
    @Tag("nightly")
    void aKillThatTheJournalHasNoRoomForGoesOutAllTheSame(@TempDir Path directory) {
        try (SmallDisk disk = SmallDisk.mount(directory.resolve("disk"), MEGABYTES)
                        .orElseGet(() -> abort("no right to mount a small disk here"));
                Server server = new Server(disk.directory().resolve("server"));
                Fleets fleets = new Fleets(directory.resolve("fleets"))) {
            server.start();
            Api admin = server.admin();
            admin.createFlag(FLAG).expect(200, 201);
            admin.createFlag(OTHER_FLAG).expect(200, 201);
            fleets.add(server.port(), admin.sdkKey("fleet"), "service", SIZE, FLAG);
            fleets.awaitReady();
            fillUntilRefused(disk, admin);

            List<Answer> kills = new ArrayList<>();
            do {
                kills.add(admin.post(KILLS, longKill("kill-" + kills.size())).expect(201));
            } while (kills.getLast().bool("durable") && kills.size() < MAX_KILLS);
            assertThat(kills.getLast().bool("durable")).isFalse();
            for (Answer kill : kills) {
                Until.accepted(
                        "every instance has applied the kill",
                        SOON,
                        () -> admin.receipt(kill.text("id")),
                        receipt -> receipt.whole("receipt.applied") == SIZE);
            }
            assertThat(fleets.report().count("on")).isZero();

            disk.free();
            for (int i = 0; i < kills.size(); i++) {
                String id = kills.get(i).text("id");
                Until.accepted(
                        "the kill is in the ledger",
                        BACK,
                        () -> admin.receipt(id),
                        receipt -> receipt.text("ledger").equals("settled"));
                assertThat(admin.inLog("kill-" + i)).isEqualTo(1);
            }
            Figures.print(
                    "full disk and full journal",
                    "%d kills of %d characters each went out; the last was answered in %d ms with durable:false; all settled once when there was space"
                            .formatted(
                                    kills.size(),
                                    LONG_SERVICES * LONG_SERVICE.length(),
                                    kills.getLast().tookMs()));
        }
    }

    private static Json.Builder longKill(String reason) {
        List<String> services = new ArrayList<>(List.of("service"));
        for (int i = 0; i < LONG_SERVICES; i++) {
            services.add(LONG_SERVICE + reason + i);
        }
        return Api.killBody(FLAG, reason).put("services", Json.texts(services));
    }

    /** Files that already exist have room left inside. */
    private static Answer fillUntilRefused(SmallDisk disk, Api admin) {
        int refusals = 0;
        disk.fill();
        for (int i = 0; i < MAX_WRITES; i++) {
            Answer answer = admin.configure(OTHER_FLAG, withVariant("fill-" + i), "fill-" + i, "*");
            refusals = answer.status() == 200 ? 0 : refusals + 1;
            if (refusals == REFUSALS_IN_A_ROW) {
                return admin.configure(OTHER_FLAG, withVariant("fill-refused"), "fill-refused", "*")
                        .expect(503);
            }
        }
        throw new AssertionError("the disk is full, and writes are taken after " + MAX_WRITES);
    }

    private static Json.Builder withVariant(String name) {
        return Api.configuration("on")
                .put("variants", Json.object().put("on", true).put("off", false).put(name, true));
    }
}
