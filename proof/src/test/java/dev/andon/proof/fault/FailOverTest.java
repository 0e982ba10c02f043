package dev.andon.proof.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Fleet;
import dev.andon.proof.harness.Fleets;
import dev.andon.proof.harness.Nodes;
import dev.andon.proof.harness.PostgresPair;
import dev.andon.proof.harness.Until;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DURABLE and STOP-ANYWHERE with three nodes on a replicated PostgreSQL, of which any one machine may die. */
@Tag("nightly")
final class FailOverTest {
    private static final int NODES = 3;
    private static final int OPERATORS = 6;
    private static final int SIZE = 10;
    private static final int ORDERS = 60;
    private static final String FLAG = "new-checkout";
    private static final long PROMISE_MS = 1_000;
    private static final long MOVED_MS = 5_000;
    private static final Duration PROVEN = Duration.ofSeconds(60);
    private static final Duration HEALED = Duration.ofSeconds(60);

    private final long seed = Long.getLong("andon.proof.seed", new Random().nextLong());
    private final String when = "andon.proof.seed " + seed;
    private final Operators operators = new Operators(OPERATORS, new Random(seed));
    private final List<Fleet> fleets = new ArrayList<>();

    /** A kill, and how long it took until its node's instances, and all that could be reached, had it. */
    private record Reached(
            int node, int instances, String id, String reason, long answeredMs, long appliedMs, long everywhereMs) {}

    @Test
    void nothingIsLostWhenThePrimaryDiesAndItsSynchronousStandbyTakesOver(@TempDir Path directory) {
        try (PostgresPair store = PostgresPair.start(directory, true);
                Nodes nodes = nodes(directory, store.createDatabase("andon"));
                Fleets closing = new Fleets()) {
            begin(nodes, closing);
            assertThat(replication(nodes.api(0))).isEqualTo("synchronous");
            long epoch = epoch(nodes.api(0));
            Operators.Shift shift = operators.begin(i -> nodes.api(i % NODES));
            awaitOrders(ORDERS);
            store.killPrimary();
            List<Reached> kills = List.of(kill(nodes, 0, List.of(0, 1, 2)));
            long promotedMs = store.promote().toMillis();
            long promotedNanos = System.nanoTime();
            List<Long> writableMs = awaitWritable(nodes, promotedNanos);
            awaitOnDuty(nodes, List.of(0, 1, 2));
            long dutyMs = sinceMs(promotedNanos);
            assertThat(dutyMs).as("until a node was on duty").isLessThan(MOVED_MS + writableMs.getLast());
            long settledMs = awaitSettledEverywhere(nodes, kills, promotedNanos);
            awaitOrders(2 * ORDERS);
            shift.end(when);
            verify(nodes, kills);
            assertThat(epoch(nodes.api(0))).as("no fork").isEqualTo(epoch);
            nodes.apis().forEach(api -> assertThat(replication(api)).isEqualTo("not-synchronous"));
            restoreAll(nodes);
            Figures.print(
                    "primary of PostgreSQL killed -9, synchronous standby promoted",
                    table(
                            kills,
                            "promoted in %d ms; nodes write again %s ms after that, one is on duty %d ms and all kills are in the ledger %d ms after that"
                                    .formatted(promotedMs, writableMs, dutyMs, settledMs)));
        }
    }

    /** The one that dies is the one that does what one alone does. */
    @Test
    void nothingIsLostWhenOneOfThreeNodesDies(@TempDir Path directory) {
        try (PostgresPair store = PostgresPair.start(directory, true);
                Nodes nodes = nodes(directory, store.createDatabase("andon"));
                Fleets closing = new Fleets()) {
            begin(nodes, closing);
            Operators.Shift shift = operators.begin(i -> nodes.api(i % NODES));
            awaitOrders(ORDERS);
            int victim = awaitOnDuty(nodes, List.of(0, 1, 2));
            List<Integer> others = IntStream.range(0, NODES)
                    .filter(node -> node != victim)
                    .boxed()
                    .toList();
            nodes.server(victim).kill();
            long diedNanos = System.nanoTime();
            List<Reached> kills = List.of(kill(nodes, others.getFirst(), others));
            awaitOnDuty(nodes, others);
            long movedMs = sinceMs(diedNanos);
            assertThat(movedMs).as("until another node was on duty").isLessThan(MOVED_MS);
            long startMs = nodes.server(victim).start().toMillis();
            long backNanos = System.nanoTime();
            Until.holds(
                    "the instances of the node that died have the kill",
                    HEALED,
                    () -> fleets.get(victim).report().count("on") == 0);
            long backMs = sinceMs(backNanos);
            long settledMs = awaitSettledEverywhere(nodes, kills, backNanos);
            shift.end(when);
            verify(nodes, kills);
            restoreAll(nodes);
            Figures.print(
                    "one of three nodes killed -9",
                    table(
                            kills,
                            "another on duty after %d ms; started again in %d ms; its instances have the kill %d ms after that, all kills are in the ledger %d ms after that"
                                    .formatted(movedMs, startMs, backMs, settledMs)));
        }
    }

    /** Without synchronous replication the store loses what it acknowledged. Nothing that was stopped starts by that. */
    @Test
    void aFailOverThatLosesEntriesIsAnAlarmAndLosesNoKill(@TempDir Path directory) {
        try (PostgresPair store = PostgresPair.start(directory, false);
                Nodes nodes = nodes(directory, store.createDatabase("andon"));
                Fleets closing = new Fleets()) {
            begin(nodes, closing);
            Api admin = nodes.api(0);
            assertThat(replication(admin)).isEqualTo("not-synchronous");
            assertThat(nodes.server(0).process().log()).contains("The store has no synchronous standby");
            admin.createFlag("restored-late").expect(201);
            String restoredLate =
                    admin.kill("restored-late", "before").expect(201).text("id");
            nodes.awaitAgreement();
            store.awaitStandby();
            store.cutReplication();
            long epoch = epoch(admin);

            List<Reached> kills = List.of(kill(nodes, 1, List.of(0, 1, 2)));
            Answer settled = Until.accepted(
                    "the primary has the kill",
                    HEALED,
                    () -> admin.get("/api/v1/kills/" + kills.getFirst().id()),
                    found -> found.status() == 200 && found.text("ledger").equals("settled"));
            assertThat(settled.text("replication")).isEqualTo("not-synchronous");
            admin.restore("restored-late", "lost-restore").expect(200, 201);
            admin.configure("restored-late", "off", "lost-change").expect(200);
            long folded = nodes.awaitAgreement();
            store.killPrimary();
            long promotedMs = store.promote().toMillis();
            long promotedNanos = System.nanoTime();
            for (Api api : nodes.apis()) {
                Until.holds("the node is in a new epoch", HEALED, () -> epoch(api) > epoch);
            }
            long noticedMs = sinceMs(promotedNanos);
            long settledMs = awaitSettledEverywhere(nodes, kills, promotedNanos);
            nodes.awaitAgreement();
            awaitOn(0);
            for (int i = 0; i < NODES; i++) {
                Api api = nodes.api(i);
                assertThat(nodes.server(i).process().log()).contains("ALARM: the store's history isn't the one");
                assertThat(api.inLog("lost-change") + api.inLog("lost-restore")).isZero();
                assertThat(api.inLog(kills.getFirst().reason())).isEqualTo(1);
                assertThat(api.receipt(restoredLate).bool("standing"))
                        .as("only the ledger restores, and it doesn't say so any more")
                        .isTrue();
            }
            Until.holds("each node has said in the ledger what was lost", HEALED, () -> forks(admin) == NODES);
            restoreAll(nodes);
            Figures.print(
                    "primary of PostgreSQL killed -9, asynchronous standby that lagged promoted",
                    table(
                            kills,
                            "promoted in %d ms; entries up to version %d were lost; every node is in a new epoch after %d ms, the kill is in the ledger again after %d ms"
                                    .formatted(promotedMs, folded, noticedMs, settledMs)));
        }
    }

    private static long forks(Api api) {
        return api.log().stream()
                .filter(entry -> Answer.text(entry, "type").equals("ledger.fork"))
                .count();
    }

    private void awaitOrders(int more) {
        int before = operators.acknowledged().size();
        Until.holds(
                "operators are at work", HEALED, () -> operators.acknowledged().size() >= before + more);
    }

    /** The one node of these that may do what one alone does, once there is one. */
    private static int awaitOnDuty(Nodes nodes, List<Integer> among) {
        List<Integer> mine = Until.accepted(
                "one node is on duty",
                HEALED,
                () -> among.stream()
                        .filter(node ->
                                nodes.api(node).get("/health/ready").expect(200).bool("duties.mine"))
                        .toList(),
                found -> !found.isEmpty());
        assertThat(mine).as("on duty at once").hasSize(1);
        return mine.getFirst();
    }

    private static Nodes nodes(Path directory, String url) {
        return new Nodes(directory, NODES, number -> url);
    }

    /** Starts everything, with a fleet at each node that serves the flag. */
    private void begin(Nodes nodes, Fleets closing) {
        nodes.start();
        Api admin = nodes.api(0);
        admin.createFlag(FLAG).expect(201);
        operators.createFlags(admin);
        String key = admin.sdkKey("fleets");
        nodes.awaitAgreement();
        nodes.awaitLinks();
        for (int i = 0; i < NODES; i++) {
            fleets.add(closing.add(nodes.server(i).port(), key, "service-" + i, SIZE, FLAG));
        }
        closing.awaitReady();
        awaitOn(NODES * SIZE);
        Until.holds(
                "every node counts its instances",
                HEALED,
                () -> nodes.apis().stream().allMatch(api -> live(api) == SIZE));
    }

    private static long live(Api api) {
        return api.instances().stream()
                .filter(instance -> Answer.text(instance, "state").equals("live"))
                .count();
    }

    private void awaitOn(long expected) {
        Until.accepted("so many serve the unsafe variant", HEALED, this::on, on -> on == expected);
    }

    private long on() {
        return fleets.stream().mapToLong(fleet -> fleet.report().count("on")).sum();
    }

    /**
     * Kills at one node; the links take it to the instances of the others, whatever the store does. Those of a node that is dead can't
     * be reached: the receipt names them and the node, and isn't proven.
     */
    private Reached kill(Nodes nodes, int at, List<Integer> alive) {
        String reason = "stop-at-" + at;
        long startNanos = System.nanoTime();
        Answer kill = nodes.api(at).kill(FLAG, reason).expect(201);
        String id = kill.text("id");
        Until.accepted(
                "the receipt has all that can be reached",
                PROVEN,
                () -> nodes.api(at).receipt(id),
                shown -> shown.whole("receipt.applied") == (long) alive.size() * SIZE);
        long appliedMs = sinceMs(startNanos);
        Until.holds(
                "every reachable instance has it",
                HEALED,
                () -> alive.stream().allMatch(node -> fleets.get(node).report().count("on") == 0));
        long everywhereMs = sinceMs(startNanos);
        assertThat(everywhereMs)
                .as("answered in %d ms, acknowledged in %d ms", kill.tookMs(), appliedMs)
                .isLessThan(PROMISE_MS);
        int dead = NODES - alive.size();
        Until.accepted(
                "the verdict names what can't be reached",
                PROVEN,
                () -> nodes.api(at).receipt(id),
                shown -> shown.text("receipt.verdict").equals(dead == 0 ? "proven" : "partial")
                        && shown.whole("receipt.unreachable") == (long) dead * SIZE
                        && shown.items("receipt.missingNodes").size() == dead);
        return new Reached(at, alive.size() * SIZE, id, reason, kill.tookMs(), appliedMs, everywhereMs);
    }

    private static List<Long> awaitWritable(Nodes nodes, long sinceNanos) {
        List<Long> tookMs = new ArrayList<>();
        for (Api api : nodes.apis()) {
            Until.holds(
                    "the node writes again",
                    HEALED,
                    () -> api.get("/health/ready")
                            .expect(200)
                            .text("store.state")
                            .equals("connected"));
            tookMs.add(sinceMs(sinceNanos));
        }
        return tookMs;
    }

    private static long awaitSettledEverywhere(Nodes nodes, List<Reached> kills, long sinceNanos) {
        for (Api api : nodes.apis()) {
            for (Reached kill : kills) {
                Until.holds("the kill is in the ledger at every node", HEALED, () -> {
                    Answer found = api.get("/api/v1/kills/" + kill.id());
                    return found.status() == 200 && found.text("ledger").equals("settled");
                });
            }
        }
        return sinceMs(sinceNanos);
    }

    /** One ledger, with all that was acknowledged; what was stopped is, at every node and instance; receipts name all. */
    private void verify(Nodes nodes, List<Reached> kills) {
        nodes.awaitAgreement();
        operators.catchUp(nodes.api(0));
        nodes.awaitAgreement();
        awaitOn(0);
        for (int i = 0; i < NODES; i++) {
            Api api = nodes.api(i);
            String where = when + ", node " + i;
            operators.verifyLog(api, where);
            operators.verifyState(api, where);
            for (Reached kill : kills) {
                Answer receipt = Until.accepted(
                        where + ": the receipt is complete",
                        HEALED,
                        () -> api.receipt(kill.id()),
                        shown -> shown.text("receipt.verdict").equals("proven"));
                assertThat(receipt.whole("receipt.applied") + receipt.whole("receipt.returned"))
                        .as("%s: %s", where, receipt.body().text())
                        .isGreaterThanOrEqualTo(SIZE);
                assertThat(receipt.bool("standing")).isTrue();
                assertThat(api.inLog(kill.reason())).as("%s: %s", where, kill).isEqualTo(1);
            }
        }
    }

    /** What stopped it is released by the ledger alone, once, and nothing brings it back. */
    private void restoreAll(Nodes nodes) {
        nodes.api(2)
                .post(
                        "/api/v1/environments/" + Api.PRODUCTION + "/restores",
                        Json.object().put("flag", FLAG).put("reason", "over"))
                .expect(201);
        awaitOn(NODES * SIZE);
    }

    private static String replication(Api api) {
        return api.get("/health/ready").expect(200).text("store.replication");
    }

    private static long epoch(Api api) {
        return api.get("/health/ready").expect(200).whole("image.epoch");
    }

    private static long sinceMs(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    private String table(List<Reached> kills, String times) {
        StringBuilder text = new StringBuilder(times);
        for (Reached kill : kills) {
            text.append(
                    "%n  kill at node %d: answered in %d ms, acknowledged by all %d instances that could be reached in %d ms, seen by their code in %d ms"
                            .formatted(
                                    kill.node(),
                                    kill.answeredMs(),
                                    kill.instances(),
                                    kill.appliedMs(),
                                    kill.everywhereMs()));
        }
        return text.append(
                        "%n  %d changes, kills and restores acknowledged, %d lost; %d kills, 0 lost, 0 resurrected; %d asked for again"
                                .formatted(operators.acknowledged().size(), 0, kills.size(), operators.repeated()))
                .toString();
    }
}
