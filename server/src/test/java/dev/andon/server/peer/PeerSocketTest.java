package dev.andon.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PeerSocketTest {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int MESSAGE_BYTES = 10_000;
    private static final PeerSocket.Room ROOM = new PeerSocket.Room(3 * MESSAGE_BYTES, 8 * MESSAGE_BYTES);

    private final Vertx vertx = Vertx.vertx();
    /** As they came, until they are dealt with. */
    private final List<byte[]> messages = new CopyOnWriteArrayList<>();

    private final List<Runnable> told = new CopyOnWriteArrayList<>();
    private final List<PeerSocket> opened = new CopyOnWriteArrayList<>();
    private WebSocket other;

    @BeforeEach
    void connect() throws Exception {
        HttpServer server = vertx.createHttpServer().webSocketHandler(socket -> {
            PeerSocket here = new PeerSocket(vertx, socket, ROOM);
            opened.add(here);
            here.open(this::received);
        });
        int port = server.listen(0, "127.0.0.1").await().actualPort();
        WebSocketClient client = vertx.createWebSocketClient();
        other = client.connect(port, "127.0.0.1", "/").await();
        await().atMost(PATIENCE).until(() -> !opened.isEmpty());
    }

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private void received(byte[] message) {
        messages.add(message);
        if (message[0] == 't') {
            told.add(opened.getFirst().told(message));
        }
    }

    private void sends(String kind, int count) {
        for (int i = 0; i < count; i++) {
            other.writeTextMessage(kind.repeat(MESSAGE_BYTES));
        }
    }

    private long come(String kind) {
        return messages.stream()
                .filter(message -> message[0] == kind.getBytes(StandardCharsets.US_ASCII)[0])
                .count();
    }

    @Test
    void aKillIsReadWhileWhatWasToldBeforeIsNotInTheBooks() {
        sends("t", 7);
        sends("k", 1);
        await().atMost(PATIENCE).until(() -> come("k") == 1);
        assertThat(told).hasSize(7);
    }

    @Test
    void noMoreIsReadThanThereIsRoomForUntilItIsDealtWith() {
        sends("k", 20);
        await().atMost(PATIENCE).until(() -> come("k") == 4);
        for (int i = 0; i < 20; i++) {
            int next = i;
            await().atMost(PATIENCE).until(() -> messages.size() > next);
            assertThat(messages).hasSizeLessThanOrEqualTo(next + 4);
            opened.getFirst().taken(messages.get(next));
        }
        assertThat(come("k")).isEqualTo(20);
    }

    @Test
    void noMoreIsReadOfWhatIsToldThanThereIsRoomFor() {
        int all = 1_000;
        sends("t", all);
        await().atMost(PATIENCE).until(() -> told.size() >= 9);
        for (int i = 0; i < all; i++) {
            int next = i;
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> told.size() > next);
            assertThat(told.size() - next).as("told and not in the books").isLessThan(all / 2);
            told.get(next).run();
        }
    }
}
