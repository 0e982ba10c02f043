package dev.andon.proof.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Fleets;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** What must hold of a kill while the store is out, and after it is back. For one thread. */
final class Outage {
    static final String FLAG = "new-checkout";

    private static final String KILLS = "/api/v1/environments/" + Api.PRODUCTION + "/kills";
    private static final String OTHER_FLAG = "other";
    private static final long PROMISE_MS = 1_000;
    private static final long SETTLED_MS = 5_000;
    private static final long CLEAR_REFUSAL_MS = 5_000;
    private static final Duration PROVEN = Duration.ofSeconds(60);
    private static final Duration BACK = Duration.ofSeconds(60);

    private final Server server;
    private final Fleets fleets;
    private final int instances;
    private final String key;
    private int runs;
    private String other = "on";

    /** What kills are aimed at: each matches {@link #FLAG}. */
    enum Aim {
        FLAG,
        TAG,
        OWNER,
        KIND,
        EVERYTHING;

        private Json target() {
            Json.Builder target = Json.object();
            return switch (this) {
                case FLAG -> target.put("flag", Outage.FLAG).build();
                case TAG -> target.put("tag", "vendor:stripe").build();
                case OWNER -> target.put("owner", "checkout-team").build();
                case KIND -> target.put("kind", "release").build();
                case EVERYTHING -> target.put("everything", true).build();
            };
        }

        private Json.Builder order(String reason) {
            return Json.object().put("target", target()).put("reason", reason);
        }
    }

    /** A kill that every instance has applied, and how long that took as its operator saw it. */
    private record Reached(Answer ordered, Answer applied, long tookMs) {}

    /** Creates the flags and starts the fleets on a server whose store works. */
    Outage(Server server, Fleets fleets, int processes, int size) {
        this.server = server;
        this.fleets = fleets;
        this.instances = processes * size;
        Api admin = server.admin();
        admin.createFlag(FLAG, "vendor:stripe").expect(200, 201);
        admin.createFlag(OTHER_FLAG).expect(200, 201);
        this.key = admin.sdkKey("fleets");
        for (int i = 0; i < processes; i++) {
            fleets.add(server.port(), key, "service-" + i, size, FLAG);
        }
        fleets.awaitReady();
    }

    /** Of the fleets. */
    String key() {
        return key;
    }

    void awaitInstances() {
        Until.accepted(
                "all instances are connected",
                BACK,
                () -> server.admin().instances().stream()
                        .filter(instance -> Answer.text(instance, "state").equals("live"))
                        .count(),
                live -> live == instances);
    }

    /** Kills of every target, each in an outage of its own. */
    void runEach(String scenario, Runnable begin, Runnable end) {
        for (Aim aim : Aim.values()) {
            run(scenario, aim, begin, end);
        }
    }

    /** Kills during an outage, and looks at what becomes of the kill when the outage ends. */
    void run(String scenario, Aim aim, Runnable begin, Runnable end) {
        String reason = "outage-" + ++runs;
        awaitOnEverywhere();
        Json.Builder order = aim.order(reason);
        if (aim != Aim.FLAG) {
            order.put("confirm", rehearse(order));
        }
        begin.run();
        Reached kill;
        Answer refused;
        try {
            kill = killEverywhere(order);
            refused = refuseWrite(reason + "-write");
        } finally {
            end.run();
        }
        long settledMs = awaitSettled(kill.ordered.text("id"), reason);
        restore(kill.ordered.text("id"), reason + "-over");
        awaitOnEverywhere();
        assertThat(server.admin().inLog(reason)).as("kill entries in the log").isEqualTo(1);
        Figures.print(
                scenario + ", kill of " + aim.target().text(),
                "kill answered in %d ms, applied by all %d in %d ms (receipt: max %.1f ms), pending; a write is refused in %d ms; settled once %d ms after the store was back"
                        .formatted(
                                kill.ordered.tookMs(),
                                instances,
                                kill.tookMs,
                                kill.applied.number("receipt.maxMs"),
                                refused.tookMs(),
                                settledMs));
    }

    private void awaitOnEverywhere() {
        Until.accepted("the flag is on everywhere", BACK, () -> fleets.report().count("on"), on -> on == instances);
    }

    private String rehearse(Json.Builder order) {
        return server.admin().post(KILLS + "?dryRun=true", order).expect(200).text("result.confirmation.token");
    }

    private Reached killEverywhere(Json.Builder order) {
        Api admin = server.admin();
        long startNanos = System.nanoTime();
        Answer kill = admin.post(KILLS, order).expect(201);
        String id = kill.text("id");
        // One request that waits: asking again and again would measure the asking.
        Answer applied = admin.receipt(id, PROVEN);
        long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        assertThat(kill.text("ledger")).isEqualTo("pending");
        assertThat(kill.at("version").text()).isEqualTo("null");
        assertThat(kill.bool("durable")).isTrue();
        assertThat(applied.text("ledger")).isEqualTo("pending");
        assertThat(applied.text("receipt.verdict")).isEqualTo("proven");
        assertThat(applied.whole("receipt.applied")).isEqualTo(instances);
        assertThat(fleets.report().count("on")).isZero();
        assertThat(tookMs)
                .as(
                        "until every instance had it; answered in %d ms, receipt %s",
                        kill.tookMs(), applied.at("receipt").text())
                .isLessThan(PROMISE_MS);
        return new Reached(kill, applied, tookMs);
    }

    private Answer refuseWrite(String reason) {
        Answer refused = server.admin().configure(OTHER_FLAG, opposite(), reason);
        assertThat(refused.status()).as(refused.body().text()).isEqualTo(503);
        assertThat(refused.text("detail")).contains("store");
        assertThat(refused.tookMs()).as(refused.body().text()).isLessThan(CLEAR_REFUSAL_MS);
        return refused;
    }

    /** How long the ledger took to have the kill, once; everything else works again, and nothing refused came true. */
    private long awaitSettled(String id, String reason) {
        Api admin = server.admin();
        long backNanos = System.nanoTime();
        Until.accepted(
                "the kill is in the ledger",
                BACK,
                () -> admin.receipt(id),
                receipt -> receipt.text("ledger").equals("settled"));
        long settledMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - backNanos);
        assertThat(settledMs)
                .as("from the store's return to the kill in the ledger")
                .isLessThan(SETTLED_MS);
        Until.accepted(
                "writes are taken again",
                BACK,
                () -> admin.configure(OTHER_FLAG, opposite(), reason + "-after"),
                answer -> answer.status() == 200);
        other = opposite();
        assertThat(admin.inLog(reason)).as("kill entries in the log").isEqualTo(1);
        assertThat(admin.inLog(reason + "-write")).as("what was refused").isZero();
        assertThat(fleets.report().count("on")).isZero();
        return settledMs;
    }

    private void restore(String kill, String reason) {
        server.admin()
                .post(
                        "/api/v1/environments/" + Api.PRODUCTION + "/restores",
                        Json.object().put("kill", kill).put("reason", reason))
                .expect(201);
    }

    private String opposite() {
        return other.equals("on") ? "off" : "on";
    }
}
