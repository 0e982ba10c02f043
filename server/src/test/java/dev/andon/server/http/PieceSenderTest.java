package dev.andon.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PieceSenderTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final HttpLimits LIMITS = limits(60_000);
    private static final int PIECE_BYTES = 100_000;

    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private Edge edge;

    @BeforeEach
    void open() throws Exception {
        edge = new Edge(LIMITS, route("/whole", 30, 30), route("/broken", 30, 20), route("/impossible", 30, 0));
    }

    @AfterEach
    void close() {
        edge.close();
    }

    private static HttpLimits limits(int answerMs) {
        return new HttpLimits(100_000, 150_000, 4, 50, 4_096, 2_048, 60_000, 60_000, 60_000, answerMs);
    }

    /** So many pieces, of which the first so many can be made. */
    private Route route(String path, int pieces, int possible) {
        return Route.get(path)
                .operation("things", path.substring(1), "Sends pieces")
                .needs(Access.OPEN)
                .answers(200, "Pieces", "text/plain", Schema.text("Pieces"))
                .does(call -> Reply.pieces("text/plain", source(pieces, possible), ended::incrementAndGet));
    }

    private Iterator<byte[]> source(int pieces, int possible) {
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < pieces;
            }

            @Override
            public byte[] next() {
                if (next == possible) {
                    throw Problems.invalid("piece", "" + next, "one before " + possible);
                }
                made.incrementAndGet();
                byte[] piece = new byte[PIECE_BYTES];
                java.util.Arrays.fill(piece, (byte) ('a' + next++ % 26));
                return piece;
            }
        };
    }

    @Test
    void piecesArriveInOrderAndWhole() throws Exception {
        HttpResponse<String> answer = edge.get("/whole");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).hasSize(30 * PIECE_BYTES);
        for (int i = 0; i < 30; i++) {
            assertThat(answer.body().charAt(i * PIECE_BYTES)).isEqualTo((char) ('a' + i % 26));
        }
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/plain");
        assertThat(answer.headers().firstValue("X-Request-Id")).isPresent();
        await().atMost(PATIENCE).until(() -> ended.get() == 1);
        assertThat(edge.get("/whole").statusCode()).as("on the same connection").isEqualTo(200);
    }

    @Test
    void whatFailsBeforeItsFirstPieceIsAProblem() throws Exception {
        HttpResponse<String> answer = edge.get("/impossible");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("piece: 0 (expected: one before 0)");
        await().atMost(PATIENCE).until(() -> ended.get() == 1);
    }

    @Test
    void whatFailsLaterIsCutOffAndNotTakenForWhole() {
        assertThatThrownBy(() -> edge.get("/broken")).isInstanceOf(IOException.class);
        await().atMost(PATIENCE).until(() -> ended.get() == 1 && edge.dispatcher.underWay() == 0);
        assertThat(made).hasValue(20);
    }

    @Test
    void whoReadsSlowlyIsWaitedForAndWhoStopsIsCutOff() throws Exception {
        try (Edge impatient = new Edge(limits(500), route("/whole", 30, 30));
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), impatient.port())) {
            socket.setReceiveBufferSize(4_096);
            socket.getOutputStream()
                    .write("GET /whole HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            assertThat(in.read()).isEqualTo('H');
            await().atMost(PATIENCE).until(() -> ended.get() == 1 && impatient.dispatcher.underWay() == 0);
            assertThat(made.get()).as("pieces made for whom nobody reads").isLessThan(30);
        }
    }

    @Test
    void whoLeavesIsNotServedOn() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), edge.port())) {
            socket.setReceiveBufferSize(4_096);
            socket.getOutputStream()
                    .write("GET /whole HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo('H');
        }
        await().atMost(PATIENCE).until(() -> ended.get() == 1 && edge.dispatcher.underWay() == 0);
    }

    @Test
    void aHeadHasNoBody() throws Exception {
        HttpResponse<String> answer = edge.send("HEAD", "/whole", null);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        await().atMost(PATIENCE).until(() -> ended.get() == 1);
    }
}
