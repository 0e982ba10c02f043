package dev.andon.proof.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Until;
import dev.andon.proof.relay.Tree.Place;
import dev.andon.sdk.Andon;
import dev.andon.sdk.BoolFlag;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
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
        Until.holds(flag + " is stopped", Tree.SOON, () -> !seen.isOn(Tree.USER));
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
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
        List.of("from-the-top", "from-below")
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
            Tree.awaitTold(at, 2);
        }

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
        assertThat(List.of(downMs, upMs)).allMatch(tookMs -> tookMs < PROMISE_MS);
    }
}
