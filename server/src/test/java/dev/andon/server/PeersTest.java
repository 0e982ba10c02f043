package dev.andon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Target;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.PeerProof;
import dev.andon.server.node.CommandContext;
import dev.andon.server.node.FaultyStore;
import dev.andon.server.node.GivenFlag;
import dev.andon.server.node.KillAnswer;
import dev.andon.server.node.KillRequest;
import dev.andon.server.peer.PeerConfig;
import dev.andon.server.peer.Peers;
import dev.andon.store.LedgerStores;
import dev.andon.store.StoreOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers on one ledger, linked, and what strangers can do at that door. */
final class PeersTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final StoreOptions STORE = StoreOptions.DEFAULTS.withPollInterval(Duration.ofMillis(20));

    private static final CommandContext CONTEXT =
            new CommandContext("guard", "it misbehaves", "c", Optional.empty(), false);

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    /** A server on the ledger that all have in common, with a port that others may know before it starts. */
    private Running server(String name) throws Exception {
        return new Running(name, "ledger.db");
    }

    private final class Running {
        final String name;
        final int port;
        final String ledger;
        FaultyStore store;
        AndonServer server;

        Running(String name, String ledger) {
            this.name = name;
            this.ledger = ledger;
            this.port = Ports.free();
        }

        Running start() {
            return start(config -> config.withPeers(PeerConfig.DEFAULT.withAdvertise("http://127.0.0.1:" + port)));
        }

        Running start(UnaryOperator<ServerConfig> change) {
            ServerConfig config = ServerConfig.in(folder.resolve(name))
                    .withAddress("127.0.0.1", port)
                    .withStoreOptions(STORE);
            config = config.withStreams(config.streams().withHeartbeatMs(1_000));
            server = AndonServer.start(change.apply(config), own -> {
                own.close();
                store = new FaultyStore(LedgerStores.openFile(folder.resolve(ledger), STORE, new Random()));
                return store;
            });
            open.add(server);
            return this;
        }

        String node() {
            return server.controlPlane().node();
        }

        Optional<String> addressInLedger() {
            Node node = server.controlPlane().image().nodes().get(node()).value();
            return node.address();
        }

        long version() {
            return server.controlPlane().image().provenance().version();
        }

        boolean linkedTo(Running other) {
            return server.peers().stream().anyMatch(peer -> peer.node().equals(other.node()) && peer.connected());
        }

        void createFlag() {
            createFlag("checkout");
        }

        void createFlag(String key) {
            GivenFlag.create(server.controlPlane(), key);
        }

        /** Stops everything. */
        KillId kill() {
            return kill(new Target.Everything());
        }

        KillId kill(Target target) {
            KillRequest request =
                    new KillRequest("production", target, Optional.empty(), List.of(), List.of(), Origin.GUARD);
            KillAnswer answer = server.controlPlane().kill(request, CONTEXT);
            return ((KillAnswer.Standing) answer).kill().id();
        }

        boolean obeys(KillId kill) {
            return server.controlPlane().kills().standing(kill).isPresent();
        }
    }

    private static void awaitLinked(Running one, Running other) {
        await().atMost(PATIENCE).until(() -> one.linkedTo(other) && other.linkedTo(one));
    }

    @Test
    void aServersAddressIsInTheLedgerAndChangesWhenItDoes() throws Exception {
        Running a = server("a").start();
        await().atMost(PATIENCE).until(() -> a.addressInLedger().equals(Optional.of("http://127.0.0.1:" + a.port)));
        a.createFlag();
        long version = a.version();

        a.server.close();
        a.start();
        a.kill();
        await().atMost(PATIENCE).until(() -> a.version() > version);
        assertThat(a.version()).as("the kill alone was written").isEqualTo(version + 1);

        a.server.close();
        a.start(config -> config.withPeers(PeerConfig.DEFAULT.withAdvertise("https://andon-1.example")));
        await().atMost(PATIENCE).until(() -> a.addressInLedger().equals(Optional.of("https://andon-1.example")));

        a.server.close();
        a.start(config -> config);
        await().atMost(PATIENCE).until(() -> a.addressInLedger().isEmpty());
    }

    @Test
    void aServerWithAnAddressSignsTheLedger() throws Exception {
        Running a = server("a").start();
        await().atMost(PATIENCE).until(() -> a.addressInLedger().isPresent());
        a.server.close();
        a.start();
        await().atMost(PATIENCE)
                .until(() -> a.store.newestCheckpoint().isPresent()
                        && a.store.newestCheckpoint().get().version() == a.version());
    }

    @Test
    void anAddressIsSavedWhenTheStoreTakesIt() throws Exception {
        Running a = server("a").start();
        Running b = server("b").start();
        awaitLinked(a, b);
        b.store.mode(FaultyStore.Mode.REFUSING);
        b.server.close();
        b.start(config -> config.withPeers(PeerConfig.DEFAULT.withAdvertise("https://andon-2.example")));
        await().atMost(PATIENCE).until(() -> b.addressInLedger().equals(Optional.of("https://andon-2.example")));
    }

    @Test
    void aServerWithoutAnAddressIsLinkedByItsOwnCall() throws Exception {
        Running a = server("a").start();
        a.createFlag();
        Running b = server("b").start(config -> config);
        awaitLinked(a, b);
        a.store.mode(FaultyStore.Mode.HANGING);
        b.store.mode(FaultyStore.Mode.HANGING);
        KillId atA = a.kill();
        await().atMost(PATIENCE).until(() -> b.obeys(atA));
    }

    @Test
    void aKillThatSettledWhileAServerWasCutOffGetsToItByALink() throws Exception {
        Running a = server("a").start();
        a.createFlag();
        Running b = server("b").start(config -> config);
        awaitLinked(a, b);
        b.store.mode(FaultyStore.Mode.REFUSING);
        b.server.close();
        KillId kill = a.kill();
        await().atMost(PATIENCE)
                .until(() -> a.server.controlPlane().image().marks().covers(kill));
        b.start(config -> config);
        b.store.mode(FaultyStore.Mode.REFUSING);
        await().atMost(PATIENCE).until(() -> b.obeys(kill));
    }

    @Test
    void aServerThatLostItsFolderIsDialledUnderItsNewName() throws Exception {
        Running a = server("a").start();
        Running b = server("b").start();
        awaitLinked(a, b);
        String before = b.node();
        b.server.close();
        Running again = server("b-anew");
        assertThat(again.start(config -> config.withAddress("127.0.0.1", b.port)
                                .withPeers(PeerConfig.DEFAULT.withAdvertise("http://127.0.0.1:" + b.port)))
                        .node())
                .isNotEqualTo(before);
        await().atMost(PATIENCE).until(() -> a.linkedTo(again));
        await().atMost(PATIENCE).until(() -> a.server.peers().size() == 1);
    }

    @Test
    void aServerThatIsGoneIsTakenOffTheList() throws Exception {
        Running a = server("a").start();
        Running b = server("b").start();
        awaitLinked(a, b);
        String gone = b.node();
        try (HttpClient http = HttpClient.newHttpClient()) {
            assertThat(retired(http, a, gone).statusCode())
                    .as("it is connected")
                    .isEqualTo(409);
            b.server.close();
            await().atMost(PATIENCE).until(() -> a.server.peers().stream().noneMatch(peer -> peer.connected()));
            assertThat(retired(http, a, gone).statusCode()).isEqualTo(200);
            assertThat(retired(http, a, "nobody").statusCode()).isEqualTo(404);
            await().atMost(PATIENCE).until(() -> a.server.peers().isEmpty());
            b.start();
            awaitLinked(a, b);
            await().atMost(PATIENCE)
                    .until(() -> a.server
                            .controlPlane()
                            .image()
                            .nodes()
                            .get(gone)
                            .value()
                            .address()
                            .isPresent());
            String list = http.send(api(a, "/nodes").GET().build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            assertThat(list)
                    .contains("\"node\":\"" + gone + "\",\"self\":false,\"address\":\"http://127.0.0.1:" + b.port);
            assertThat(list).contains("\"connected\":true");
        }
    }

    private HttpResponse<String> retired(HttpClient http, Running at, String node) throws Exception {
        return http.send(
                api(at, "/nodes/" + node + "/address?reason=gone").DELETE().build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** With the token that the ledger's first server wrote. */
    private HttpRequest.Builder api(Running at, String path) throws Exception {
        String token = Files.readString(folder.resolve("a/admin.token")).strip();
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at.port + "/api/v1" + path))
                .header("Authorization", "Bearer " + token);
    }

    @Test
    void aReceiptNamesTheClientsOfAllServers() throws Exception {
        Running a = server("a").start();
        a.createFlag();
        Running b = server("b").start();
        awaitLinked(a, b);
        try (HttpClient http = HttpClient.newHttpClient()) {
            String token = "{\"name\":\"shop\",\"role\":\"sdk\",\"environment\":\"production\",\"reason\":\"r\"}";
            String key = Fields.lenient(send(
                            http,
                            api(a, "/tokens")
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(token))))
                    .text("secret");
            long issued = a.version();
            await().atMost(PATIENCE).until(() -> b.version() >= issued);
            StreamClient client = StreamClient.connect(b.server.uri(), key, "shop", "shop-1");
            open.add(client);
            await().atMost(PATIENCE).until(() -> client.state().hasImage());

            KillId first = a.kill(new Target.OneFlag("checkout"));
            await().atMost(PATIENCE).until(() -> verdict(http, a, first).equals("proven"));
            Fields proven = receipt(http, a, first);
            assertThat(proven.whole("applied", 0, 9)).isEqualTo(1);
            assertThat(Fields.lenient(proven.items("instances").getFirst()).text("instance"))
                    .isEqualTo("shop-1");
            await().atMost(PATIENCE).until(() -> verdict(http, b, first).equals("proven"));

            String gone = b.node();
            b.server.close();
            await().atMost(PATIENCE).until(() -> a.server.peers().stream().noneMatch(peer -> peer.connected()));
            KillId second = a.kill();
            Fields requested = receipt(http, a, second);
            assertThat(requested.text("verdict")).isEqualTo("requested");
            assertThat(requested.texts("missingNodes")).containsExactly(gone);
            assertThat(requested.whole("unreachable", 0, 9)).isEqualTo(1);
            assertThat(verdict(http, a, first))
                    .as("it was proven, and stays so")
                    .isEqualTo("proven");

            b.start();
            awaitLinked(a, b);
            await().atMost(PATIENCE)
                    .until(() -> receipt(http, a, second).texts("missingNodes").isEmpty());
            assertThat(verdict(http, a, second)).isEqualTo("requested");
            open.add(StreamClient.connect(b.server.uri(), key, "shop", "shop-1"));
            await().atMost(PATIENCE).until(() -> verdict(http, a, second).equals("proven"));
            await().atMost(PATIENCE).until(() -> verdict(http, b, second).equals("proven"));

            b.createFlag("search");
            a.server.close();
            KillId third = b.kill(new Target.OneFlag("search"));
            await().atMost(PATIENCE)
                    .until(() -> b.server.controlPlane().image().marks().covers(third));
            a.start();
            await().atMost(PATIENCE).until(() -> verdict(http, a, third).equals("proven"));
            assertThat(receipt(http, a, third).whole("applied", 0, 9))
                    .as("at a server that wasn't there")
                    .isEqualTo(1);
        }
    }

    private Fields receipt(HttpClient http, Running at, KillId kill) throws Exception {
        return Fields.lenient(send(http, api(at, "/kills/" + kill).GET())).object("receipt");
    }

    private String verdict(HttpClient http, Running at, KillId kill) throws Exception {
        return receipt(http, at, kill).text("verdict");
    }

    private static Json send(HttpClient http, HttpRequest.Builder request) throws Exception {
        return Json.parse(http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray())
                .body());
    }

    @Test
    void serversOfTwoLedgersStayApart() throws Exception {
        Running a = server("a").start();
        Running other = new Running("other", "another.db");
        other.start();
        try (RawSocket stranger = greeting(a)) {
            stranger.text(text(new Frame.PeerHello(
                    Frame.PROTOCOL,
                    other.server.controlPlane().image().provenance().ledger(),
                    other.node(),
                    Optional.of(a.node()),
                    "0".repeat(PeerProof.NONCE_DIGITS))));
            Frame.Refused refused = (Frame.Refused) answer(stranger);
            assertThat(refused.code()).isEqualTo(Frame.Refused.WRONG_PEER);
            assertThat(refused.detail()).startsWith("ledger: ");
        }
    }

    @Test
    void strangersAreRefusedByNameAndKeepNobodyOut() throws Exception {
        Running a = server("a").start();
        a.createFlag();
        String ledger = a.server.controlPlane().image().provenance().ledger();
        try (RawSocket stranger = greeting(a)) {
            stranger.text(text(new Frame.PeerHello(
                    Frame.PROTOCOL, ledger, "mallory", Optional.of(a.node()), "0".repeat(PeerProof.NONCE_DIGITS))));
            Frame.Refused refused = (Frame.Refused) answer(stranger);
            assertThat(refused.code()).isEqualTo(Frame.Refused.UNAUTHORIZED);
            assertThat(refused.detail()).startsWith("node: mallory (expected: a node of the ledger");
        }
        try (RawSocket stranger = greeting(a)) {
            stranger.text("{\"type\":\"carry\",\"kills\":[]}");
            assertThat(((Frame.Refused) answer(stranger)).detail()).contains("peer-hello first");
        }
        try (RawSocket stranger = greeting(a)) {
            stranger.text("x".repeat(100_000));
            assertThat(((Frame.Refused) answer(stranger)).detail()).contains("100000 bytes (expected: at most 4096)");
        }
        // a place is taken for five seconds at most; whoever can be dialled needs none
        for (int i = 0; i < 40; i++) {
            open.add(greeting(a));
        }
        Running b = server("b").start();
        awaitLinked(a, b);
        a.store.mode(FaultyStore.Mode.HANGING);
        KillId kill = b.kill();
        await().atMost(PATIENCE).until(() -> a.obeys(kill));
    }

    @Test
    void linksSpeakTlsWithTheCertificatesThatAreTrusted() throws Exception {
        SelfSigned certificate = SelfSigned.in(folder);
        Running a = server("a");
        Running b = server("b");
        for (Running one : List.of(a, b)) {
            one.start(config -> config.withTls(certificate.certificate(), certificate.key())
                    .withPeers(PeerConfig.DEFAULT
                            .withAdvertise("https://127.0.0.1:" + one.port)
                            .withTrusted(certificate.certificate())));
        }
        awaitLinked(a, b);
        // who trusts nobody isn't called by anybody either, as it names no address
        Running c = server("c").start(config -> config);
        await().atMost(PATIENCE)
                .until(() -> c.server.peers().stream()
                        .anyMatch(peer -> peer.node().equals(a.node())
                                && !peer.connected()
                                && peer.detail().contains("certification path")));
    }

    private RawSocket greeting(Running at) throws Exception {
        RawSocket raw = new RawSocket(at.port);
        String head = raw.upgrade(Peers.PATH, "");
        assertThat(head).startsWith("HTTP/1.1 101 ");
        return raw;
    }

    private static String text(Frame frame) {
        return new String(FrameCodec.encode(frame), StandardCharsets.UTF_8);
    }

    private static Frame answer(RawSocket raw) throws Exception {
        return FrameCodec.decode(raw.messages().getFirst().getBytes(StandardCharsets.UTF_8), FrameCodec.FROM_PEER);
    }
}
