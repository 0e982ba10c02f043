package dev.andon.proof.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import dev.andon.proof.relay.Tree.Place;
import dev.andon.sdk.Andon;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** STOP-ANYWHERE and DURABLE at a relay whose process is killed, with the upstream gone. */
@Tag("nightly")
final class KilledRelayTest {
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

    @Test
    void servesFromItsDiskStopsAndHandsUpLater() throws Exception {
        Place server = tree.server("server").start();
        Api atServer = tree.operator(server, server);
        List.of("before", "between", "warm")
                .forEach(flag -> atServer.createFlag(flag).expect(201));
        String key = atServer.sdkKey("shop");
        try (Server relay =
                new Server(directory.resolve("relay")).relay(server.port, Tree.relayToken(atServer, "eu"), "eu-west")) {
            relay.start();
            Api atRelay = tree.operator(relay.port(), server);
            atServer.kill("before", "before all").expect(200, 201, 202);
            Tree.awaitOneEntry(atRelay, "before all");
            relay.kill();
            server.stop();

            long startedMs = relay.start().toMillis();
            Andon below = tree.client(key, "below", List.of(relay.port()));
            assertThat(below.bool("before").isOn(Tree.USER)).as("from its disk").isFalse();
            assertThat(below.bool("between").isOn(Tree.USER)).isTrue();
            Until.holds(
                    "it says that it is cut off",
                    Tree.SOON,
                    () -> atRelay.get("/health/ready")
                            .expect(200)
                            .text("message")
                            .contains("cut off from the upstream"));
            atRelay.kill("warm", "warm").expect(200, 201, 202);
            Until.holds("warm is stopped", Tree.SOON, () -> !below.bool("warm").isOn(Tree.USER));
            long startNanos = System.nanoTime();
            atRelay.kill("between", "while the upstream is gone").expect(200, 201, 202);
            Until.holds("it is stopped", Tree.SOON, () -> !below.bool("between").isOn(Tree.USER));
            long stoppedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
            relay.kill();

            relay.start();
            Andon later = tree.client(key, "later", List.of(relay.port()));
            assertThat(later.bool("between").isOn(Tree.USER))
                    .as("from its journal")
                    .isFalse();
            server.start();
            Andon above = tree.client(key, "above", server);
            long backNanos = System.nanoTime();
            Until.holds("it gets above", Tree.SOON, () -> !above.bool("between").isOn(Tree.USER));
            long upMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - backNanos);
            for (Api at : List.of(atServer, atRelay)) {
                for (String reason : List.of("before all", "warm", "while the upstream is gone")) {
                    Tree.awaitOneEntry(at, reason);
                }
            }
            Figures.print(
                    "relay killed -9, its upstream gone",
                    "back from its disk in %d ms; a kill there in %d ms, killed again, handed up %d ms after a client of the upstream was there; 3 kills, each one entry"
                            .formatted(startedMs, stoppedMs, upMs));
            assertThat(stoppedMs).isLessThan(PROMISE_MS);
        }
    }
}
