package dev.andon.proof.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.FaultProxy;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Pace;
import dev.andon.proof.harness.Until;
import dev.andon.proof.relay.Tree.Place;
import dev.andon.sdk.Andon;
import dev.andon.sdk.BoolFlag;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** STOP-ANYWHERE and PROOF where relays stand between the ledger and the clients. */
final class RelaysTest {
    private static final long PROMISE_MS = 1_000;

    @TempDir
    Path directory;

    private Tree tree;

    @BeforeEach
    void plant() {
        tree = new Tree(directory);
    }

    @AfterEach
    void close() throws Exception {
        tree.close();
    }

    /** How long after the request the client stopped. */
    private static long killed(Api at, String flag, String reason, BoolFlag seen) {
        assertThat(seen.isOn(Tree.USER)).isTrue();
        long startNanos = System.nanoTime();
        at.kill(flag, reason).expect(200, 201, 202);
        return stopped(flag, seen, startNanos);
    }

    private static long stopped(String flag, BoolFlag seen, long startNanos) {
        Until.holds(flag + " is stopped", Tree.SOON, () -> !seen.isOn(Tree.USER));
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    }

    /** Of a kill at a server whose own client stops. */
    private static Pace pace(Api at, Andon client) {
        return new Pace(killed(at, "plain", "plain", client.bool("plain")));
    }

    private static Answer proven(Api at, String kill) {
        return Until.accepted(
                "the kill is proven",
                Tree.SOON,
                () -> at.receipt(kill, Duration.ofSeconds(2)),
                receipt -> receipt.text("receipt.verdict").equals("proven"));
    }

    private static List<String> instances(Answer receipt) {
        return receipt.items("receipt.instances").stream()
                .map(instance -> Answer.text(instance, "instance") + " in "
                        + Answer.at(instance, "region").text())
                .sorted()
                .toList();
    }

    @Test
    void killsGoBothWaysThroughRelaysOfRelaysAndEveryReceiptIsComplete() throws Exception {
        Place server = tree.server("server").start();
        Api atServer = tree.operator(server, server);
        String token = Tree.relayToken(atServer, "eu");
        Place relay =
                tree.relay("relay", Tree.fedBy(server.port, token, "eu-west")).start();
        Place below =
                tree.relay("below", Tree.fedBy(relay.port, token, "eu-west-1")).start();
        Api atRelay = tree.operator(relay, server);
        Api atBelow = tree.operator(below, server);
        List.of("plain", "warm", "from-the-top", "from-below")
                .forEach(flag -> atServer.createFlag(flag).expect(201));
        String key = atServer.sdkKey("shop");
        Until.holds(
                "the key is known below",
                Tree.SOON,
                () -> atBelow.get("/api/v1/tokens").items("items").size() == 3);
        Andon byServer = tree.client(key, "at-server", server);
        Andon byRelay = tree.client(key, "at-relay", relay);
        Andon byBelow = tree.client(key, "at-below", below);
        for (Api at : List.of(atServer, atRelay, atBelow)) {
            Tree.awaitClients(at, 3, 0);
        }

        killed(atServer, "warm", "warm", byBelow.bool("warm"));
        Pace pace = pace(atServer, byServer);
        long downMs = killed(atServer, "from-the-top", "top", byBelow.bool("from-the-top"));
        long upMs = killed(atBelow, "from-below", "bottom", byServer.bool("from-below"));
        Until.holds(
                "the relay between obeys",
                Tree.SOON,
                () -> !byRelay.bool("from-below").isOn(Tree.USER));
        Tree.awaitOneEntry(atServer, "top");
        Tree.awaitOneEntry(atServer, "bottom");
        Tree.awaitOneEntry(atBelow, "bottom");

        Json kill = atBelow.get("/api/v1/environments/production/kills")
                .items("items")
                .getFirst();
        for (Api at : List.of(atServer, atRelay, atBelow)) {
            assertThat(instances(proven(at, Answer.text(kill, "id"))))
                    .containsExactly("at-below in \"eu-west-1\"", "at-relay in \"eu-west\"", "at-server in null");
        }
        Figures.print(
                "kills through two relays", "down %d ms, up %d ms; one ledger entry each".formatted(downMs, upMs));
        assertThat(List.of(downMs, upMs)).allMatch(tookMs -> tookMs < pace.most(PROMISE_MS));
    }

    @Test
    void aCutAtARelayHealsWithKillsOnBothSides() throws Exception {
        Figures.print("relay cut off, kills on both sides", cut(Duration.ofSeconds(2)));
    }

    @Test
    @Tag("nightly")
    void aCutOfAMinuteAtARelayHealsWithKillsOnBothSides() throws Exception {
        Figures.print("relay cut off for 60 s, kills on both sides", cut(Duration.ofSeconds(60)));
    }

    /** @return the figures */
    private String cut(Duration length) throws Exception {
        Place server = tree.server("server").start();
        Api atServer = tree.operator(server, server);
        FaultProxy network = tree.network(server);
        String token = Tree.relayToken(atServer, "eu");
        Place relay = tree.relay("relay", Tree.fedBy(network.port(), token, "eu-west"))
                .start();
        Api atRelay = tree.operator(relay, server);
        List<String> flags = List.of("plain", "warm", "warm-up", "above", "below", "restored", "again");
        flags.forEach(flag -> atServer.createFlag(flag).expect(201));
        String key = atServer.sdkKey("shop");
        Until.holds(
                "the key is known at the relay",
                Tree.SOON,
                () -> atRelay.get("/api/v1/tokens").items("items").size() == 3);
        Andon above = tree.client(key, "above", server);
        Andon below = tree.client(key, "below", relay);
        Tree.awaitClients(atServer, 2, 0);
        Tree.awaitClients(atRelay, 2, 0);
        Pace pace = pace(atServer, above);
        List<Long> times = new ArrayList<>();
        times.add(killed(atServer, "warm", "warm", below.bool("warm")));
        times.add(killed(atRelay, "warm-up", "warm-up", above.bool("warm-up")));
        killed(atServer, "restored", "to be restored", below.bool("restored"));
        killed(atServer, "again", "first", below.bool("again"));
        Tree.awaitOneEntry(atRelay, "first");

        network.stall();
        long cutNanos = System.nanoTime();
        Until.accepted(
                "the relay says that it is cut off, and serves",
                Tree.SOON,
                () -> atRelay.get("/health/ready").expect(200).text("message"),
                said -> said.contains("serving, but cut off from the upstream for "));
        Tree.awaitClients(atServer, 1, 1);
        long aboveNanos = System.nanoTime();
        Answer named = atServer.kill("above", "above the cut").expect(200, 201, 202);
        long aboveMs = stopped("above", above.bool("above"), aboveNanos);
        long belowMs = killed(atRelay, "below", "below the cut", below.bool("below"));
        atServer.restore("restored", "repaired meanwhile").expect(201);
        atServer.restore("again", "repaired, too").expect(201);
        atServer.kill("again", "second").expect(200, 201, 202);
        assertThat(atRelay.restore("below", "not here").expect(409).text("detail"))
                .contains("http://127.0.0.1:" + network.port());
        assertThat(atServer.receipt(named.text("id"), Duration.ZERO).items("receipt.missingNodes"))
                .containsExactly(Json.of(relay.node()));
        assertThat(atServer.receipt(named.text("id"), Duration.ZERO).items("receipt.missingRelays"))
                .extracting(missing -> Answer.text(missing, "region"))
                .containsExactly("eu-west");
        assertThat(below.bool("above").isOn(Tree.USER)).isTrue();
        assertThat(below.bool("restored").isOn(Tree.USER))
                .as("a cut-off node restores nothing")
                .isFalse();
        Until.holds("the cut lasts", length.plus(Tree.SOON), () -> System.nanoTime() - cutNanos >= length.toNanos());

        long healedNanos = System.nanoTime();
        network.forward();
        long downMs = stopped("above", below.bool("above"), healedNanos);
        long upMs = stopped("below", above.bool("below"), healedNanos);
        for (Api at : List.of(atServer, atRelay)) {
            for (String reason : List.of("above the cut", "below the cut", "repaired meanwhile", "second")) {
                Tree.awaitOneEntry(at, reason);
            }
        }
        Until.holds(
                "what was restored is on",
                Tree.SOON,
                () -> below.bool("restored").isOn(Tree.USER));
        for (String flag : List.of("warm", "warm-up", "above", "below", "again")) {
            assertThat(above.bool(flag).isOn(Tree.USER)).as(flag).isFalse();
            assertThat(below.bool(flag).isOn(Tree.USER)).as(flag).isFalse();
        }
        assertThat(atServer.get("/api/v1/relay/head").status()).isEqualTo(403);
        List<Json> standing =
                atServer.get("/api/v1/environments/production/kills").items("items");
        assertThat(standing).hasSize(6);
        for (Json kill : standing) {
            for (Api at : List.of(atServer, atRelay)) {
                assertThat(instances(proven(at, Answer.text(kill, "id"))))
                        .contains("above in null", "below in \"eu-west\"");
            }
        }
        times.add(aboveMs);
        times.add(belowMs);
        assertThat(times).allMatch(tookMs -> tookMs < pace.most(PROMISE_MS));
        return "before %d and %d ms, during it %d ms above and %d ms below; after it: down %d ms, up %d ms; one ledger,"
                        .formatted(times.get(0), times.get(1), aboveMs, belowMs, downMs, upMs)
                + " 0 kills lost, 0 features resurrected, receipts complete";
    }

    @Test
    void whoMovesBetweenANodeAndARelayThatIsBehindNeverGoesBack() throws Exception {
        Place server = tree.server("server").start();
        Api atServer = tree.operator(server, server);
        FaultProxy network = tree.network(server);
        String token = Tree.relayToken(atServer, "eu");
        Place relay = tree.relay("relay", Tree.fedBy(network.port(), token, "eu-west"))
                .start();
        Api atRelay = tree.operator(relay, server);
        List.of("checkout", "other").forEach(flag -> atServer.createFlag(flag).expect(201));
        String key = atServer.sdkKey("shop");
        Until.holds(
                "the key is known at the relay",
                Tree.SOON,
                () -> atRelay.get("/api/v1/tokens").items("items").size() == 3);
        network.refuse();
        atServer.kill("checkout", "stops").expect(200, 201, 202);
        Tree.awaitOneEntry(atServer, "stops");
        FaultProxy toServer = tree.network(server);
        FaultProxy toRelay = tree.network(relay);
        toRelay.refuse();
        Andon moving = tree.client(key, "moving", List.of(toServer.port(), toRelay.port()));
        Until.holds("it is stopped", Tree.SOON, () -> !moving.bool("checkout").isOn(Tree.USER));
        toServer.refuse();
        toRelay.accept();
        Until.holds("it is at the relay", Tree.SOON, () -> !atRelay.instances().isEmpty());
        long behind = atRelay.get("/health/ready").whole("image.version");
        assertThat(behind).isLessThan(atServer.get("/health/ready").whole("image.version"));
        killed(atRelay, "other", "at the node that is behind", moving.bool("other"));
        assertThat(moving.bool("checkout").isOn(Tree.USER))
                .as("stopped where it came from, and not yet known here")
                .isFalse();
        network.accept();
        Tree.awaitOneEntry(atRelay, "at the node that is behind");
        Tree.awaitOneEntry(atRelay, "stops");
        assertThat(moving.bool("checkout").isOn(Tree.USER)).isFalse();
        assertThat(moving.bool("other").isOn(Tree.USER)).isFalse();
    }
}
