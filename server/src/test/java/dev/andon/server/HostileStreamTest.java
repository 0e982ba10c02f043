package dev.andon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Holders of an SDK key who mean no good: what they send is refused with a word or borne within bounds, and neither a
 * well-behaved process beside them nor a kill is held up.
 */
@Isolated("it measures the memory of the whole process")
class HostileStreamTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** How long a kill may take here, on a machine that has much else to do. */
    private static final Duration BEARABLE = Duration.ofSeconds(10);

    @TempDir
    private static Path folder;

    private static ServerFixture server;
    private static StreamClient bystander;
    private long version;

    @BeforeAll
    static void start() {
        server = new ServerFixture(folder).start();
        server.createFlag("checkout");
        server.key();
        bystander = server.client("shop", "bystander");
        await().atMost(PATIENCE).until(() -> states("shop").equals(List.of("live")));
    }

    @AfterAll
    static void close() {
        server.close();
    }

    /** Nothing stands, and nothing is on its way. */
    @BeforeEach
    void settle() {
        server.kill("checkout");
        await().atMost(PATIENCE)
                .until(() -> server.server().controlPlane().kills().pending().isEmpty());
        server.restore("checkout");
        await().atMost(PATIENCE).until(() -> bystander.state().standing().isEmpty());
        version = version();
    }

    private static long version() {
        return server.server()
                .controlPlane()
                .image()
                .environments()
                .get("production")
                .version();
    }

    private static List<String> states(String service) {
        return server.get("/environments/production/instances").fields().objects("items", fields -> fields).stream()
                .filter(fields -> fields.text("service").equals(service))
                .map(fields -> fields.text("state"))
                .toList();
    }

    /** The bystander was never bothered, nothing has changed, and a kill gets through and is proven. */
    private void assertAllIsWell() {
        assertThat(bystander.closed()).isFalse();
        assertThat(version()).isEqualTo(version);
        KillId kill = KillId.parse("id", server.kill("checkout").fields().text("id"));
        await().atMost(BEARABLE).until(() -> bystander.obeys(kill));
    }

    private static String hello(String instance) {
        return "{\"type\":\"hello\",\"protocol\":1,\"sdk\":\"x\",\"service\":\"bad\",\"instance\":\"" + instance
                + "\"}";
    }

    @Test
    void framesThatAreNoneAreRefusedWithFieldValueAndWhatWasExpected() throws IOException {
        record Sent(String message, String code, String field) {}
        List<Sent> all = List.of(
                new Sent("not json", Frame.Refused.MALFORMED_FRAME, ""),
                new Sent("", Frame.Refused.MALFORMED_FRAME, ""),
                new Sent("[]", Frame.Refused.MALFORMED_FRAME, ""),
                new Sent("null", Frame.Refused.MALFORMED_FRAME, ""),
                new Sent("{}", Frame.Refused.MALFORMED_FRAME, "type"),
                new Sent("{\"type\":7}", Frame.Refused.MALFORMED_FRAME, "type"),
                new Sent("{\"type\":\"surprise\"}", Frame.Refused.MALFORMED_FRAME, "type"),
                new Sent("{\"type\":\"hello\"}", Frame.Refused.MALFORMED_FRAME, "protocol"),
                new Sent(hello("").replace("1", "\"1\""), Frame.Refused.MALFORMED_FRAME, "protocol"),
                new Sent(hello("").replace("1", "0"), Frame.Refused.MALFORMED_FRAME, "protocol"),
                new Sent(hello("i").replace("1", "2"), Frame.Refused.UNSUPPORTED_PROTOCOL, "protocol"),
                new Sent(hello("i").replace("1", "2147483647"), Frame.Refused.UNSUPPORTED_PROTOCOL, "protocol"),
                new Sent(hello("i".repeat(129)), Frame.Refused.MALFORMED_FRAME, "instance"),
                new Sent(hello(""), Frame.Refused.MALFORMED_FRAME, "instance"),
                new Sent(hello("\\u0000"), Frame.Refused.MALFORMED_FRAME, "instance"),
                new Sent(hello("i").replace("}", ",\"region\":\"\"}"), Frame.Refused.MALFORMED_FRAME, "region"),
                new Sent(hello("i").replace("}", ",\"carried\":{}}"), Frame.Refused.MALFORMED_FRAME, "carried"),
                new Sent(
                        hello("i").replace("}", ",\"carried\":[{\"body\":\"{}\",\"signature\":\"\"}]}"),
                        Frame.Refused.MALFORMED_FRAME,
                        ""),
                new Sent(hello("i").replace("}", ",\"has\":{\"at\":{}}}"), Frame.Refused.MALFORMED_FRAME, "has.at"),
                new Sent("{\"type\":\"ack\"}", Frame.Refused.MALFORMED_FRAME, "state"),
                new Sent("{\"type\":\"ping\"}", Frame.Refused.HELLO_EXPECTED, "type"),
                new Sent("{\"type\":\"pong\"}", Frame.Refused.HELLO_EXPECTED, "type"),
                new Sent("{\"type\":\"bye\"}", Frame.Refused.HELLO_EXPECTED, "type"),
                new Sent("{\"type\":\"kill\",\"kills\":[]}", Frame.Refused.HELLO_EXPECTED, "type"),
                new Sent("{\"type\":\"report\",\"exposures\":[]}", Frame.Refused.HELLO_EXPECTED, "type"),
                new Sent("[" + "1,".repeat(1_200_000) + "1]", Frame.Refused.MALFORMED_FRAME, ""),
                new Sent("[".repeat(5_000), Frame.Refused.MALFORMED_FRAME, ""),
                new Sent("{\"type\":\"" + "x".repeat(1 << 20) + "x\"}", Frame.Refused.MALFORMED_FRAME, ""));
        for (Sent sent : all) {
            String label = sent.message.substring(0, Math.min(100, sent.message.length()));
            try (RawSocket raw = RawSocket.stream(server)) {
                raw.text(sent.message);
                Frame.Refused refused = onlyRefusal(label, raw.messages());
                assertThat(refused.code()).as(label).isEqualTo(sent.code);
                assertThat(refused.detail()).as(label).contains(sent.field, ": ", "(expected: ");
                assertThat(refused.detail().length()).as(label).isLessThan(1_000);
            }
        }
        assertThat(states("bad")).isEmpty();
        assertAllIsWell();
    }

    private static Frame.Refused onlyRefusal(String label, List<String> messages) {
        assertThat(messages).as(label).isNotEmpty();
        byte[] first = messages.getFirst().getBytes(StandardCharsets.UTF_8);
        assertThat(FrameCodec.decode(first, FrameCodec.FROM_SERVER)).as(label).isInstanceOf(Frame.Refused.class);
        return (Frame.Refused) FrameCodec.decode(first, FrameCodec.FROM_SERVER);
    }

    @Test
    void framesThatNoClientSendsEndAStreamThatWasGreeted() throws IOException {
        String state = "{\"at\":{\"ledger\":\"l\",\"epoch\":1,\"version\":1},\"digest\":\"\"}";
        List<String> all = List.of(
                "{\"type\":\"ping\"}",
                "{\"type\":\"welcome\",\"protocol\":1,\"node\":\"n\",\"environment\":\"e\",\"heartbeatMs\":1}",
                "{\"type\":\"kill\",\"kills\":[]}",
                "{\"type\":\"snapshot\",\"state\":" + state + ",\"events\":[],\"pending\":[]}",
                "{\"type\":\"patch\",\"from\":1,\"state\":" + state + ",\"events\":[]}",
                "{\"type\":\"error\",\"code\":\"x\"}",
                hello("another"),
                hello("one").replace("1", "2"),
                "{\"type\":\"ack\",\"state\":" + state + ",\"pending\":[\"x\"]}",
                "{\"type\":\"report\",\"exposures\":[{\"version\":-1}]}",
                "{\"type\":\"report\",\"exposures\":[{\"version\":1,\"counts\":{\"f\":{\"on\":-1}}}]}");
        for (String message : all) {
            try (RawSocket raw = RawSocket.stream(server)) {
                raw.text(hello("one"));
                raw.text(message);
                List<String> answers = raw.messages();
                assertThat(answers).as(message).anyMatch(answer -> answer.contains("\"type\":\"error\""));
                assertThat(answers).as(message).anyMatch(answer -> answer.contains("(expected: "));
            }
        }
        assertAllIsWell();
    }

    /** RFC 6455, 5.4: fragments may be empty. */
    @Test
    void aMessageMayBeginWithAnEmptyFragment() throws IOException {
        byte[] hello = hello("one").replace("bad", "fragments").getBytes(StandardCharsets.UTF_8);
        try (RawSocket raw = RawSocket.stream(server)) {
            raw.send(RawSocket.frame(RawSocket.TEXT, 0x80, new byte[0]));
            raw.send(RawSocket.frame(0, 0x80, Arrays.copyOf(hello, 10)));
            raw.send(RawSocket.frame(0, 0x80, new byte[0]));
            raw.send(RawSocket.frame(0x80, 0x80, Arrays.copyOfRange(hello, 10, hello.length)));
            await().atMost(PATIENCE).until(() -> !states("fragments").isEmpty());
            raw.text("{\"type\":\"bye\"}");
            await().atMost(PATIENCE).until(() -> states("fragments").isEmpty());
        }
        assertAllIsWell();
    }

    @Test
    void whatIsNoWebSocketMessageOfTextEndsTheConnection() throws IOException {
        byte[] hello = hello("one").getBytes(StandardCharsets.UTF_8);
        byte[] notUtf8 = {'"', (byte) 0xc3, (byte) 0x28, '"'};
        List<byte[]> all = List.of(
                RawSocket.frame(0x81, 0, hello),
                RawSocket.frame(0xc1, 0x80, hello),
                RawSocket.frame(0xf1, 0x80, hello),
                RawSocket.frame(0x83, 0x80, hello),
                RawSocket.frame(0x8f, 0x80, hello),
                RawSocket.frame(0x80, 0x80, hello),
                RawSocket.frame(0x09, 0x80, new byte[1]),
                RawSocket.frame(0x89, 0x80, new byte[126]),
                RawSocket.frame(RawSocket.TEXT, notUtf8),
                RawSocket.frame(RawSocket.BINARY, notUtf8),
                new byte[] {(byte) 0x81, (byte) 0xff, 0x7f, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0},
                RawSocket.frame(RawSocket.TEXT, new byte[5 << 20]),
                RawSocket.frame(0x88, 0x80, new byte[] {1}));
        for (byte[] frame : all) {
            try (RawSocket raw = RawSocket.stream(server)) {
                raw.send(frame);
                assertThat(raw.ends()).isTrue();
            } catch (IOException reset) {
                assertThat(reset).as("frame of %d bytes", frame.length).isInstanceOf(java.net.SocketException.class);
            }
        }
        assertAllIsWell();
    }

    @Test
    void compressionIsNotAgreedSoThatNothingCanBlowUp() throws IOException {
        for (String extension : List.of(
                "permessage-deflate",
                "permessage-deflate; client_max_window_bits",
                "x-webkit-deflate-frame",
                "deflate-frame")) {
            try (RawSocket raw = new RawSocket(server.server().port())) {
                String head = raw.upgrade("Authorization: Bearer " + server.key() + "\r\nSec-WebSocket-Extensions: "
                        + extension + "\r\n");
                assertThat(head).startsWith("HTTP/1.1 101 ").doesNotContainIgnoringCase("Sec-WebSocket-Extensions");
            }
        }
    }

    @Test
    void whoNeverReadsAndNeverStopsSendingCostsBoundedMemoryAndIsCutOff() throws Exception {
        assertFloodsAreBorne(4, 24L << 20);
    }

    @Test
    @Tag("nightly")
    void manyWhoNeverReadCostBoundedMemoryAndAreCutOff() throws Exception {
        assertFloodsAreBorne(100, 96L << 20);
    }

    /** Half of them send WebSocket pings, which are answered, half ask for the whole state again and again. */
    private void assertFloodsAreBorne(int clients, long mostBytes) throws Exception {
        for (int i = 0; i < 40; i++) {
            server.createFlag("flag-" + clients + "-" + i);
        }
        version = version();
        long before = usedBytes();
        List<RawSocket> sockets = new ArrayList<>();
        List<Thread> floods = new ArrayList<>();
        AtomicLong sentBytes = new AtomicLong();
        byte[] ping = RawSocket.frame(RawSocket.PING, new byte[125]);
        for (int i = 0; i < clients; i++) {
            RawSocket raw = RawSocket.stream(server);
            sockets.add(raw);
            byte[] greeting =
                    RawSocket.frame(RawSocket.TEXT, hello("flood-" + i).getBytes(StandardCharsets.UTF_8));
            raw.send(greeting);
            byte[] one = i % 2 == 0 ? ping : greeting;
            floods.add(Thread.ofVirtual().start(() -> flood(raw, one, sentBytes)));
        }
        long most = 0;
        for (Thread flood : floods) {
            while (!flood.join(Duration.ofMillis(50))) {
                most = Math.max(most, usedBytes() - before);
            }
        }
        assertThat(most).as("bytes after " + sentBytes + " were sent").isLessThan(mostBytes);
        assertAllIsWell();
        await().atMost(PATIENCE).until(() -> openStreams() == 1);
        for (RawSocket raw : sockets) {
            raw.close();
        }
    }

    private int openStreams() throws IOException, InterruptedException {
        String metrics = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server.uri() + "/metrics"))
                                .header(
                                        "Authorization",
                                        "Bearer "
                                                + Files.readString(
                                                                server.server().adminTokenFile())
                                                        .strip())
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        return metrics.lines()
                .filter(line -> line.startsWith("andon_streams_open"))
                .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }

    /** Until the server doesn't take any more, or ends it, or it was a lot. */
    private static void flood(RawSocket raw, byte[] one, AtomicLong sentBytes) {
        byte[] many = new byte[one.length * 200];
        for (int i = 0; i < 200; i++) {
            System.arraycopy(one, 0, many, i * one.length, one.length);
        }
        try {
            for (long sent = 0; sent < 24L << 20; sent += many.length) {
                raw.send(many);
                sentBytes.addAndGet(many.length);
            }
        } catch (IOException cutOff) {
            // As it should be.
        }
    }

    private static long usedBytes() {
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return heap + Math.max(0, PlatformDependent.usedDirectMemory());
    }

    @Test
    void forgedKillsAreNotTakenOverAndHoldUpNoTrueOne() throws Exception {
        List<SignedKill> forged = forgedKills(1_000);
        Frame.Hello hello = new Frame.Hello(1, "x", "bad", "forger", Optional.empty(), Optional.empty(), forged);
        byte[] frame = RawSocket.frame(RawSocket.TEXT, FrameCodec.encode(hello));
        List<RawSocket> sockets = new ArrayList<>();
        List<Thread> forgers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            RawSocket raw = RawSocket.stream(server);
            sockets.add(raw);
            forgers.add(Thread.ofVirtual().start(() -> {
                try {
                    for (int round = 0; round < 4; round++) {
                        raw.send(frame);
                    }
                } catch (IOException cutOff) {
                    // As it may be.
                }
            }));
        }
        for (Thread forger : forgers) {
            forger.join();
        }
        assertAllIsWell();
        Fields kills = server.get("/environments/production/kills").fields();
        assertThat(kills.items("items")).hasSize(1);
        for (RawSocket raw : sockets) {
            raw.close();
        }
    }

    /** In the name of the server's own node, whose key the forger hasn't. */
    private List<SignedKill> forgedKills(int count) {
        String node = server.server().controlPlane().node();
        List<SignedKill> forged = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String body = "{\"id\":\"0123456789ab-" + (i + 1)
                    + "\",\"environment\":\"production\",\"target\":{\"flag\":\"checkout\"},\"flags\":[\"checkout\"],"
                    + "\"reason\":\"r\",\"actor\":\"a\",\"origin\":\"human\",\"at\":\"2026-01-01T00:00:00Z\",\"node\":\""
                    + node + "\"}";
            Json signed = Json.object()
                    .put("body", body)
                    .put("signature", "A".repeat(86) + "==")
                    .build();
            forged.add(SignedKill.read(Fields.lenient(signed)));
        }
        return forged;
    }
}
