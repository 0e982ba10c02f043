package dev.andon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.json.Json;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that doesn't keep up. */
class SlowStreamTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Far more than the kernel and a stream's queue take. */
    private static final int LARGE_FLAGS = 20;

    private static final int LARGE_CHARS = 60_000;
    private static final int CHANGES = 40;

    @TempDir
    Path folder;

    private static void createLarge(ServerFixture server, int number) {
        ServerFixture.Answer answer = server.post(
                "/flags",
                Json.object()
                        .put(
                                "flag",
                                Json.object()
                                        .put("key", "large-" + number)
                                        .put("type", "string")
                                        .put("owner", "team"))
                        .put(
                                "configuration",
                                Json.object()
                                        .put(
                                                "variants",
                                                Json.object()
                                                        .put("on", "x".repeat(LARGE_CHARS))
                                                        .put("off", ""))
                                        .put("safeVariant", "off")
                                        .put("on", true)
                                        .put("fallThrough", Json.object().put("variant", "on")))
                        .put("environments", Json.texts(List.of("production")))
                        .put("reason", "test"));
        assertThat(answer.status()).as(answer.body().text()).isEqualTo(201);
    }

    @Test
    void what_comes_and_goes_while_it_does_not_read_is_never_sent_and_the_newest_is() throws IOException {
        try (ServerFixture server = new ServerFixture(folder).start();
                RawSocket slow = slow(server)) {
            await().atMost(PATIENCE)
                    .until(() -> server.get("/environments/production/instances")
                                    .fields()
                                    .objects("items", fields -> fields)
                                    .size()
                            == 1);
            for (int i = 0; i < CHANGES; i++) {
                server.createFlag("small-" + i);
            }
            int patches = 0;
            boolean newest = false;
            while (!newest) {
                Optional<String> next = slow.message();
                assertThat(next).isPresent();
                patches += next.get().startsWith("{\"type\":\"patch\"") ? 1 : 0;
                newest = next.get().contains("small-" + (CHANGES - 1));
            }
            // One that was on its way, and one for all that came after.
            assertThat(patches).isBetween(1, 2);
        }
    }

    private static RawSocket slow(ServerFixture server) throws IOException {
        for (int i = 0; i < LARGE_FLAGS; i++) {
            createLarge(server, i);
        }
        RawSocket slow = RawSocket.stream(server);
        Frame hello = new Frame.Hello(
                Frame.PROTOCOL, "test/1", "shop", "slow", Optional.empty(), Optional.empty(), List.of());
        slow.text(new String(FrameCodec.encode(hello), StandardCharsets.UTF_8));
        return slow;
    }
}
