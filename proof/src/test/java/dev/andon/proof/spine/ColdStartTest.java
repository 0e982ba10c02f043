package dev.andon.proof.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Reason;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Pace;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import dev.andon.sdk.Andon;
import dev.andon.sdk.AndonOptions;
import dev.andon.sdk.Details;
import dev.andon.sdk.Status;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Applications that start while there is no server. */
final class ColdStartTest {
    private static final String FLAG = "new-checkout";
    private static final Context CONTEXT = Context.of("user-4711");
    private static final long PROMISE_MS = 2_000;
    private static final int EACH = 5;
    private static final Duration SOON = Duration.ofSeconds(60);

    /** So long without a server that the pauses between attempts to connect have become as long as they get. */
    private static final Duration BLIND_AFTER = Duration.ofSeconds(4);

    @TempDir
    Path directory;

    private final List<Andon> open = new ArrayList<>();

    @AfterEach
    void close() {
        open.forEach(Andon::close);
    }

    @Test
    void evaluatesFromItsFileOrTheCallersDefaultAndRecoversWhenTheServerAppears() {
        try (Server server = new Server(directory.resolve("server"))) {
            server.start();
            Api admin = server.admin();
            admin.createFlag(FLAG).expect(201);
            String key = admin.sdkKey("cold");
            for (Andon warm : connect(server, key, "seen")) {
                Until.holds("a state arrived", SOON, () -> warm.bool(FLAG).isOn(CONTEXT));
            }
            close();
            open.clear();
            server.stop();

            List<Andon> seen = connect(server, key, "seen");
            List<Andon> unseen = connect(server, key, "unseen");
            for (Andon one : seen) {
                Until.holds(
                        "the last known state is in force",
                        SOON,
                        () -> one.version().version() > 0);
                Details<Boolean> known = one.bool(FLAG).evaluate(CONTEXT, false);
                assertThat(known.value()).as("from the last-known-good file").isTrue();
                assertThat(known.reason()).isEqualTo(Reason.STATIC);
            }
            unseen.forEach(ColdStartTest::givesTheCallersDefault);
            for (Andon one : open) {
                Until.holds(
                        "it knows that it is blind", SOON, () -> one.status().state() == Status.State.BLIND);
            }
            assertThat(seen).allMatch(one -> one.bool(FLAG).isOn(CONTEXT));
            unseen.forEach(ColdStartTest::givesTheCallersDefault);

            server.start();
            long upNanos = System.nanoTime();
            Until.holds(
                    "all are live",
                    SOON,
                    () -> open.stream().allMatch(one -> one.status().live()));
            Until.holds(
                    "all serve the feature",
                    SOON,
                    () -> open.stream().allMatch(one -> one.bool(FLAG).isOn(CONTEXT)));
            long recoveredMs = Duration.ofNanos(System.nanoTime() - upNanos).toMillis();
            long plainNanos = System.nanoTime();
            List<Andon> late = connect(server, key, "late");
            Until.holds(
                    "those that find a server serve the feature",
                    SOON,
                    () -> late.stream().allMatch(one -> one.bool(FLAG).isOn(CONTEXT)));
            Pace pace =
                    new Pace(Duration.ofNanos(System.nanoTime() - plainNanos).toMillis());
            assertThat(recoveredMs).isLessThan(pace.most(PROMISE_MS));
            Figures.print(
                    "cold start",
                    "%d instances without a server, from the last-known-good file or with the caller's default; all recovered %d ms after the server said ready"
                            .formatted(seen.size() + unseen.size(), recoveredMs));
        }
    }

    private static void givesTheCallersDefault(Andon unseen) {
        for (boolean otherwise : new boolean[] {true, false}) {
            Details<Boolean> details = unseen.bool(FLAG).evaluate(CONTEXT, otherwise);
            assertThat(details.value()).isEqualTo(otherwise);
            assertThat(details.variant()).isEmpty();
            assertThat(details.reason()).isEqualTo(Reason.DEFAULT);
        }
    }

    private List<Andon> connect(Server server, String key, String name) {
        List<Andon> connected = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            connected.add(Andon.connect(AndonOptions.builder()
                    .server(URI.create("http://127.0.0.1:" + server.port()))
                    .key(key)
                    .service("cold")
                    .instance(name + "-" + i)
                    .stateDirectory(directory.resolve(name + "-" + i))
                    .blindAfter(BLIND_AFTER)
                    .build()));
        }
        open.addAll(connected);
        return connected;
    }
}
