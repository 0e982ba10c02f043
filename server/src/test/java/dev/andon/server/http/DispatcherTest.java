package dev.andon.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.json.Json;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.WebSocketConnectOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DispatcherTest {
    private static final String ADMIN = "Bearer admin";
    private static final HttpLimits LIMITS =
            new HttpLimits(100_000, 150_000, 4, 50, 4_096, 2_048, 60_000, 60_000, 60_000, 60_000);
    private static final HttpLimits IMPATIENT =
            new HttpLimits(100_000, 150_000, 4, 50, 4_096, 2_048, 2_000, 2_000, 2_000, 2_000);

    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private Edge edge;

    @BeforeEach
    void open() throws Exception {
        edge = edge(LIMITS);
    }

    private Edge edge(HttpLimits limits) throws Exception {
        Schema anything = Schema.anything("Anything");
        return new Edge(
                limits,
                Route.get("/api/v1/things/{flag}")
                        .operation("things", "readThing", "Reads")
                        .needs(Access.VIEWER)
                        .pages()
                        .answers(200, "A thing", anything)
                        .does(call -> Reply.ok(Json.object()
                                        .put("flag", call.path("flag"))
                                        .put("limit", call.page().limit())
                                        .build())
                                .version(7)),
                Route.post("/api/v1/things")
                        .operation("things", "makeThing", "Makes")
                        .needs(Access.ADMIN)
                        .write()
                        .takes(Schema.object().required("name", Schema.text("Name")))
                        .answers(201, "Made", anything)
                        .does(call -> {
                            String name = call.read(fields -> fields.text("name"));
                            return Reply.json(
                                    201,
                                    Json.object()
                                            .put("name", name)
                                            .put("reason", call.context().reason())
                                            .put("dryRun", call.context().dryRun())
                                            .put("actor", call.context().actor())
                                            .build());
                        }),
                Route.get("/slow")
                        .operation("things", "slow", "Waits")
                        .needs(Access.OPEN)
                        .answers(200, "Done", anything)
                        .does(call -> {
                            release.await();
                            return Reply.empty(200);
                        }),
                Route.get("/prompt/{flag}")
                        .operation("things", "prompt", "Says where it runs")
                        .needs(Access.OPEN)
                        .answers(200, "Done", anything)
                        .prompt(call -> switch (call.path("flag")) {
                            case "known" -> Optional.of(known -> thread("at once"));
                            case "broken" -> throw new IllegalStateException("not for clients");
                            default -> Optional.empty();
                        })
                        .does(call -> thread("in its turn")),
                Route.get("/fast")
                        .operation("things", "fast", "Doesn't wait")
                        .needs(Access.OPEN)
                        .urgent()
                        .answers(200, "Done", anything)
                        .does(call -> Reply.empty(200)),
                Route.get("/broken")
                        .operation("things", "broken", "Fails")
                        .needs(Access.OPEN)
                        .answers(200, "Done", anything)
                        .does(call -> {
                            throw new IllegalStateException("not for clients");
                        }),
                Route.get("/socket")
                        .operation("things", "socket", "Echoes")
                        .needs(Access.SDK)
                        .upgrades((call, socket) -> {
                            socket.textMessageHandler(text ->
                                    socket.writeTextMessage(call.caller().role().word() + " " + text));
                            return closed::countDown;
                        }),
                Route.get("/broken-socket")
                        .operation("things", "brokenSocket", "Fails")
                        .needs(Access.SDK)
                        .upgrades((call, socket) -> {
                            throw new IllegalStateException("not for clients");
                        }));
    }

    /** Clients that are waited for a moment are cut off, and idle connections are closed. */
    private void becomeImpatient() throws Exception {
        edge.close();
        edge = edge(IMPATIENT);
    }

    private static Reply thread(String how) {
        return Reply.ok(Json.of(how + (Thread.currentThread().isVirtual() ? ", virtual thread" : ", event loop")));
    }

    @AfterEach
    void close() throws Exception {
        release.countDown();
        edge.close();
    }

    @Test
    void answersWithVersionAndCorrelation() throws Exception {
        HttpResponse<String> answer =
                edge.get("/api/v1/things/a%2Fb?limit=3", "Authorization", ADMIN, "X-Request-Id", "req-1");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"flag\":\"a/b\",\"limit\":3}");
        assertThat(answer.headers().firstValue("ETag")).contains("\"7\"");
        assertThat(answer.headers().firstValue("X-Request-Id")).contains("req-1");
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    }

    @Test
    void anIllFormedCorrelationIdIsReplaced() throws Exception {
        HttpResponse<String> answer = edge.get("/fast", "X-Request-Id", "bad id; drop");
        assertThat(answer.headers().firstValue("X-Request-Id").orElseThrow()).matches("[0-9a-f]{16}");
    }

    @Test
    void aReadThatTheClientHasIsNotModified() throws Exception {
        HttpResponse<String> answer =
                edge.get("/api/v1/things/a", "Authorization", ADMIN, "If-None-Match", "\"6\", \"7\"");
        assertThat(answer.statusCode()).isEqualTo(304);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void headIsAGetWithoutBody() throws Exception {
        HttpResponse<String> answer = edge.send("HEAD", "/api/v1/things/a", null, "Authorization", ADMIN);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Length")).contains("24");
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void optionsSayWhatIsAllowed() throws Exception {
        HttpResponse<String> answer = edge.send("OPTIONS", "/api/v1/things/a", null);
        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD, OPTIONS");
    }

    @Test
    void anotherMethodIsRefusedWithWhatIsAllowed() throws Exception {
        for (String method : new String[] {"PUT", "PATCH", "DELETE", "TRACE"}) {
            HttpResponse<String> answer = edge.send(method, "/api/v1/things/a", null, "Authorization", ADMIN);
            assertThat(answer.statusCode()).as(method).isEqualTo(405);
            assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD, OPTIONS");
        }
    }

    @Test
    void unknownPathsAreProblems() throws Exception {
        HttpResponse<String> answer = edge.get("/api/v1/thing/a");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(answer.body()).contains("\"code\":\"not-found\"", "/api/v1/openapi.json", "\"correlation\":");
    }

    @Test
    void misspeltParametersAreRefused() throws Exception {
        HttpResponse<String> answer =
                edge.post("/api/v1/things?dryrun=true", "{\"name\":\"a\",\"reason\":\"r\"}", "Authorization", ADMIN);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"field\":\"query.dryrun\"", "dryRun");
    }

    @Test
    void aWriteReadsItsReason() throws Exception {
        HttpResponse<String> answer = edge.post(
                "/api/v1/things?dryRun=true", "{\"name\":\"a\",\"reason\":\"because\"}", "Authorization", ADMIN);
        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.body()).contains("because", "\"dryRun\":true", "token:someone (t1)");
        assertThat(edge.post("/api/v1/things", "{\"name\":\"a\"}", "Authorization", ADMIN)
                        .body())
                .contains("\"field\":\"reason\"");
        assertThat(edge.post("/api/v1/things", "{\"name\":\"a\",\"reason\":\"  \"}", "Authorization", ADMIN)
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void bodiesThatAreNotWhatWasAskedForAreRefused() throws Exception {
        String[] bodies = {
            "",
            "{",
            "[]",
            "null",
            "1",
            "\"x\"",
            "{\"name\":1,\"reason\":\"r\"}",
            "{\"name\":\"a\",\"reason\":7}",
            "{\"name\":\"a\",\"reason\":\"r\",\"extra\":1}",
            "{\"name\":\"a\",\"name\":\"b\",\"reason\":\"r\"}",
            "{\"name\":\"a\",\"reason\":\"r\"} x",
            "[".repeat(5_000),
            "{\"name\":" + "[".repeat(65) + "]".repeat(65) + "}",
            "{\"name\":1e999,\"reason\":\"r\"}",
            "{\"name\":123456789012345678901234567890,\"reason\":\"r\"}"
        };
        for (String body : bodies) {
            HttpResponse<String> answer = edge.post("/api/v1/things", body, "Authorization", ADMIN);
            assertThat(answer.statusCode()).as(body).isEqualTo(400);
            assertThat(answer.body()).as(body).contains("\"field\":", "\"value\":", "\"expected\":", "\"next\":");
        }
    }

    @Test
    void rolesAreAskedForBeforeTheBodyIsRead() throws Exception {
        String huge = "x".repeat(90_000);
        assertThat(edge.post("/api/v1/things", huge).statusCode()).isEqualTo(401);
        assertThat(edge.post("/api/v1/things", huge).headers().firstValue("WWW-Authenticate"))
                .isPresent();
        assertThat(edge.post("/api/v1/things", huge, "Authorization", "Bearer viewer")
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void otherContentTypesAreRefused() throws Exception {
        for (String type : new String[] {"text/plain", "application/json; charset=latin1", "application/xml"}) {
            HttpResponse<String> answer =
                    edge.post("/api/v1/things", "{}", "Authorization", ADMIN, "Content-Type", type);
            assertThat(answer.statusCode()).as(type).isEqualTo(415);
        }
        assertThat(edge.post(
                                "/api/v1/things",
                                "{\"name\":\"a\",\"reason\":\"r\"}",
                                "Authorization",
                                ADMIN,
                                "Content-Type",
                                "application/json;charset=UTF-8")
                        .statusCode())
                .isEqualTo(201);
    }

    @Test
    void bodiesAboveTheLimitAreRefused() throws Exception {
        HttpResponse<String> answer = edge.post("/api/v1/things", "x".repeat(100_001), "Authorization", ADMIN);
        assertThat(answer.statusCode()).isEqualTo(413);
        String chunked = raw("POST /api/v1/things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin\r\n"
                + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1ffff\r\n" + "x".repeat(0x1ffff)
                + "\r\n");
        assertThat(chunked).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void malformedRequestsAreRefused() throws Exception {
        assertThat(raw("GET /api/v1/things/%zz HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(raw("GET /api/v1/things/%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(raw("GET /api/v1/things/%c HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(raw("GET /fast?a=%e2%28%a1 HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(raw("GET http://other/fast HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(raw("NONSENSE\r\n\r\n")).contains(" 400 ");
        assertThat(raw("GET /" + "a".repeat(3_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
                .startsWith("HTTP/1.0 414 ");
        assertThat(raw("GET /fast HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(5_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ")
                .contains("application/problem+json");
        assertThat(raw("GET /fast HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void clientsThatKeepTheServerWaitingAreCutOff() throws Exception {
        becomeImpatient();
        assertThat(drip("GET /fast HTTP/1.1\r\nHost: ")).isEmpty();
        String head = String.join(
                "\r\n",
                "POST /api/v1/things HTTP/1.1",
                "Host: x",
                "Authorization: Bearer admin",
                "Content-Type: application/json",
                "Content-Length: 9000",
                "",
                "");
        assertThat(drip(head)).startsWith("HTTP/1.1 408 ");
        await().until(() -> edge.dispatcher.openConnections() == 0);
    }

    /** Vert.x alone would read, answer and pile up for as long as the client likes, and close when all is written: never. */
    @Test
    void whoAsksWithoutReadingIsNotHeardAnyMoreAndCutOff() throws Exception {
        becomeImpatient();
        byte[] asking = "GET /fast HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_000).getBytes(StandardCharsets.US_ASCII);
        AtomicLong sentBytes = new AtomicLong();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), edge.port())) {
            Thread flood = Thread.ofVirtual().start(() -> {
                try {
                    while (sentBytes.get() < 256L << 20) {
                        socket.getOutputStream().write(asking);
                        sentBytes.addAndGet(asking.length);
                    }
                } catch (IOException cutOff) {
                    // As it should be.
                }
            });
            assertThat(flood.join(Duration.ofSeconds(60))).as("cut off").isTrue();
            assertThat(sentBytes.get()).as("what kernels hold").isLessThan(32L << 20);
            await().until(() -> edge.dispatcher.openConnections() == 0);
        }
    }

    @Test
    void onlyUrgentRequestsAreLetInWhenTooManyAreUnderWay() throws Exception {
        var waiting = new java.util.ArrayList<Thread>();
        for (int i = 0; i < 4; i++) {
            waiting.add(Thread.ofVirtual().start(() -> {
                try {
                    edge.get("/slow");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        await().until(() -> edge.dispatcher.underWay() == 4);
        HttpResponse<String> refused = edge.get("/broken");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).contains("1");
        assertThat(edge.get("/fast").statusCode()).isEqualTo(200);
        release.countDown();
        for (Thread thread : waiting) {
            thread.join();
        }
        assertThat(edge.get("/broken").statusCode()).isEqualTo(500);
        assertThat(edge.dispatcher.underWay()).isZero();
    }

    @Test
    void promptCallsAreCarriedOutOnTheEventLoopAndOthersAreNot() throws Exception {
        assertThat(edge.get("/prompt/known").body()).isEqualTo("\"at once, event loop\"");
        assertThat(edge.get("/prompt/unknown").body()).isEqualTo("\"in its turn, virtual thread\"");
        assertThat(edge.dispatcher.underWay()).isZero();
    }

    @Test
    void aCallThatFailsBeforeItIsCarriedOutIsAnsweredAndTakesNoPlaceAway() throws Exception {
        for (int i = 0; i < 10; i++) {
            assertThat(edge.get("/prompt/broken").statusCode()).isEqualTo(500);
        }
        assertThat(edge.dispatcher.underWay()).isZero();
        assertThat(edge.get("/prompt/known").statusCode()).isEqualTo(200);
    }

    @Test
    void requestsThatBringNoNameGetOnesThatDiffer() {
        RequestNames names = new RequestNames(7);
        Set<String> given = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            given.add(names.next());
        }
        assertThat(given).hasSize(10_000).allMatch(name -> name.matches("[0-9a-f]{16}"));
    }

    @Test
    void whatFailedIsLoggedAndNotTold() throws Exception {
        HttpResponse<String> answer = edge.get("/broken", "X-Request-Id", "req-9");
        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).contains("req-9").doesNotContain("not for clients");
    }

    @Test
    void webSocketsAreAuthorisedAndOpened() throws Exception {
        assertThat(edge.get("/socket").statusCode()).isEqualTo(401);
        assertThat(edge.get("/socket", "Authorization", "Bearer sdk").statusCode())
                .isEqualTo(426);
        becomeImpatient();
        Vertx vertx = Vertx.vertx();
        try {
            BlockingQueue<String> heard = new LinkedBlockingQueue<>();
            var client = vertx.createWebSocketClient();
            var socket = client.connect(new WebSocketConnectOptions()
                            .setHost("127.0.0.1")
                            .setPort(edge.port())
                            .setURI("/socket")
                            .addHeader("Authorization", "Bearer sdk"))
                    .onSuccess(open -> open.textMessageHandler(heard::add))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS);
            await().pollDelay(Duration.ofMillis(2L * IMPATIENT.betweenRequestsMs()))
                    .until(() -> socket != null);
            socket.writeTextMessage("hello");
            assertThat(heard.poll(60, TimeUnit.SECONDS)).isEqualTo("sdk hello");
            assertThat(edge.dispatcher.openConnections()).isPositive();
            socket.close();
            assertThat(closed.await(60, TimeUnit.SECONDS)).isTrue();
            await().until(() -> edge.dispatcher.openConnections() == 0);
            assertThat(client.connect(new WebSocketConnectOptions()
                                    .setHost("127.0.0.1")
                                    .setPort(edge.port())
                                    .setURI("/socket")
                                    .addHeader("Authorization", "Bearer viewer"))
                            .toCompletionStage()
                            .toCompletableFuture())
                    .failsWithin(Duration.ofSeconds(60));
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get();
        }
    }

    @Test
    void itsDocumentIsServed() throws Exception {
        HttpResponse<String> answer = edge.get("/api/v1/openapi.json");
        assertThat(answer.statusCode()).isEqualTo(200);
        Json document = Json.parse(answer.body().getBytes(StandardCharsets.UTF_8));
        assertThat(document.text())
                .contains("\"openapi\":\"3.1.0\"", "/api/v1/things/{flag}", "\"operationId\":\"makeThing\"");
    }

    private String raw(String request) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), edge.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            byte[] buffer = new byte[2_000];
            int length = socket.getInputStream().read(buffer);
            return length < 0 ? "" : new String(buffer, 0, length, StandardCharsets.UTF_8);
        }
    }

    /** Sends the beginning, then a byte every 200 ms, until the server has had enough; what it said. */
    private String drip(String beginning) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), edge.port())) {
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            out.write(beginning.getBytes(StandardCharsets.US_ASCII));
            socket.setSoTimeout(200);
            StringBuilder heard = new StringBuilder();
            for (int i = 0; i < 300; i++) {
                try {
                    byte[] buffer = new byte[2_000];
                    int length = in.read(buffer);
                    if (length < 0) {
                        return heard.toString();
                    }
                    heard.append(new String(buffer, 0, length, StandardCharsets.UTF_8));
                } catch (java.net.SocketTimeoutException quiet) {
                    out.write('a');
                } catch (java.io.IOException reset) {
                    return heard.toString();
                }
            }
            throw new AssertionError("still open after a minute: " + heard);
        }
    }

    @Test
    void aWebSocketThatCanNotBeServedIsClosedAndNotCounted() throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            BlockingQueue<Short> codes = new LinkedBlockingQueue<>();
            ClientWebSocket socket = vertx.createWebSocketClient().webSocket();
            socket.closeHandler(end -> codes.add(socket.closeStatusCode()));
            socket.connect(new WebSocketConnectOptions()
                            .setHost("127.0.0.1")
                            .setPort(edge.port())
                            .setURI("/broken-socket")
                            .addHeader("Authorization", "Bearer sdk"))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
            assertThat(codes.poll(30, TimeUnit.SECONDS)).isEqualTo((short) 1011);
            await().atMost(Duration.ofSeconds(30)).until(() -> edge.dispatcher.openConnections() == 0);
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().get();
        }
    }
}
