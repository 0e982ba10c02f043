package dev.andon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.Json;
import dev.andon.core.model.Node;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.PeerProof;
import dev.andon.flagd.evaluation.v2.ResolveBooleanResponse;
import dev.andon.flagd.sync.v1.SyncFlagsRequest;
import dev.andon.flagd.sync.v1.SyncFlagsResponse;
import dev.andon.server.flagd.FlagdConfig;
import dev.andon.server.node.FaultyStore;
import dev.andon.server.node.NodeLimits;
import dev.andon.server.node.SavedImage;
import dev.andon.server.node.StoreHealth;
import dev.andon.server.peer.Peers;
import dev.andon.server.relay.RelayConfig;
import dev.andon.server.relay.UpstreamStore;
import dev.andon.store.LedgerHead;
import dev.andon.store.LocalFile;
import dev.andon.store.StoreException;
import dev.andon.store.StoreOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A relay alone, with an upstream that refuses, is gone or lies. */
final class RelayTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private FlagdFixture above;

    @BeforeEach
    void start() throws Exception {
        above = keep(new FlagdFixture(folder.resolve("above")));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private <T extends AutoCloseable> T keep(T one) {
        open.add(one);
        return one;
    }

    /** @return the id and the secret */
    private ApiClient.Answer token() {
        return above.api.post("/api/v1/tokens", "{'name':'eu','role':'relay','reason':'r'}");
    }

    private AndonServer relay(String address, String token) {
        return relay(address, token, config -> config);
    }

    private AndonServer relay(String address, String token, UnaryOperator<ServerConfig> change) {
        return relay("relay", address, token, change);
    }

    private AndonServer relay(String name, String address, String token, UnaryOperator<ServerConfig> change) {
        ServerConfig config = ServerConfig.in(folder.resolve(name))
                .withAddress("127.0.0.1", 0)
                .withStoreOptions(StoreOptions.DEFAULTS
                        .withPollInterval(Duration.ofMillis(50))
                        .withCallTimeout(Duration.ofSeconds(10)))
                .withNode(new NodeLimits(20_000, 2_000, 20, 60_000, 100, 1_000))
                .withRelay(new RelayConfig(address, token, "eu-west"))
                .withFlagd(FlagdConfig.OFF.withEvaluation(0).withSync(0).withEnvironments(List.of("production")));
        return keep(AndonServer.start(change.apply(config)));
    }

    private void awaitImageSaved(AndonServer relay) {
        await().atMost(PATIENCE).until(SavedImage.isNewest(folder.resolve("relay"), relay.controlPlane()));
    }

    private String address() {
        return above.server.uri().toString();
    }

    private static boolean linked(AndonServer one) {
        return one.peers().stream().anyMatch(peer -> peer.connected());
    }

    private static String kill(ApiClient api, String flag) {
        ApiClient.Answer killed =
                api.post("/api/v1/environments/production/kills", "{'target':{'flag':'" + flag + "'},'reason':'r'}");
        assertThat(killed.status()).as(killed.body()).isLessThan(300);
        return killed.text("id");
    }

    @Test
    void restartedWithTheUpstreamGoneItServesEveryProtocolAndTakesKills() throws Exception {
        String token = token().text("secret");
        String key = above.server.key();
        AndonServer first = relay(address(), token);
        await().atMost(PATIENCE).until(() -> linked(first));
        above.kill("text");
        await().atMost(PATIENCE)
                .until(() -> first.controlPlane().image().provenance().version()
                        == above.server
                                .server()
                                .controlPlane()
                                .image()
                                .provenance()
                                .version());
        String upstream = address();
        awaitImageSaved(first);
        above.server.server().close();
        first.close();

        AndonServer relay = relay(upstream, token);
        ApiClient api = keep(new ApiClient(relay.uri(), adminToken()));
        await().atMost(PATIENCE)
                .until(() -> api.get("/health/ready").text("message").contains("cut off from the upstream for"));
        StreamClient stream = keep(StreamClient.connect(relay.uri(), key, "shop", "shop-1"));
        GrpcClient evaluation = keep(GrpcClient.of(relay.flagdEvaluationPort().orElseThrow()));
        GrpcClient sync = keep(GrpcClient.of(relay.flagdSyncPort().orElseThrow()));
        GrpcClient.Stream documents =
                keep(sync.stream(FlagdFixture.SYNC + "SyncFlags", SyncFlagsRequest.getDefaultInstance(), 1_000));
        await().atMost(PATIENCE).until(() -> stream.state().hasImage());
        assertThat(ofrep(api, key, "bool")).isEqualTo("on");
        assertThat(flagd(evaluation, "bool")).isEqualTo("on");
        assertThat(FlagdFixture.served(documents.next(SyncFlagsResponse.parser()), "bool"))
                .isEqualTo("on");
        assertThat(ofrep(api, key, "text")).as("a kill of before").isEqualTo("off");

        kill(api, "bool");
        await().atMost(PATIENCE).until(() -> ofrep(api, key, "bool").equals("off"));
        assertThat(flagd(evaluation, "bool")).isEqualTo("off");
        await().atMost(PATIENCE)
                .until(() -> FlagdFixture.served(documents.next(SyncFlagsResponse.parser()), "bool")
                        .equals("off"));
        ApiClient.Answer restore = api.post("/api/v1/environments/production/restores", "{'flag':'bool','reason':'r'}");
        assertThat(restore.status()).isEqualTo(409);
        assertThat(restore.text("code")).isEqualTo("upstream");
        assertThat(restore.text("detail")).contains("a relay (expected: " + upstream + ")");
        assertThat(api.get("/health/ready").text("store.kind")).isEqualTo("upstream");
    }

    private String adminToken() throws IOException {
        return Files.readString(folder.resolve("above/data/admin.token")).strip();
    }

    private static String ofrep(ApiClient api, String key, String flag) {
        return api.post(
                        "/ofrep/v1/evaluate/flags/" + flag,
                        "{'context':{'targetingKey':'u'}}",
                        "Authorization",
                        "Bearer " + key)
                .text("variant");
    }

    private static String flagd(GrpcClient evaluation, String flag) throws IOException {
        return evaluation
                .call(FlagdFixture.V2 + "ResolveBoolean", FlagdFixture.asked(flag), ResolveBooleanResponse.parser())
                .getVariant();
    }

    @Test
    void aRevokedTokenEndsTheLinkIsSaidAndTheRelayGoesOn() throws Exception {
        ApiClient.Answer issued = token();
        AndonServer relay = relay(address(), issued.text("secret"));
        await().atMost(PATIENCE).until(() -> linked(relay) && linked(above.server.server()));
        above.api.delete("/api/v1/tokens/" + issued.text("token.id") + "?reason=r");
        await().atMost(PATIENCE).until(() -> !linked(relay) && !linked(above.server.server()));
        await().atMost(PATIENCE)
                .until(() -> relay.controlPlane().store().state() == StoreHealth.State.CUT_OFF
                        && relay.controlPlane().store().detail().contains("The token was revoked"));
        await().atMost(PATIENCE)
                .until(() -> relay.peers().stream()
                        .anyMatch(peer -> peer.detail().contains("HTTP 401 (expected: a token of role relay")));
        ApiClient api = keep(new ApiClient(relay.uri(), adminToken()));
        kill(api, "bool");
        assertThat(relay.controlPlane().kills().pending()).hasSize(1);
    }

    @Test
    void relaysThatFeedEachOtherSayItAndTakeNothingFromEachOther() throws Exception {
        String token = token().text("secret");
        AndonServer first = relay("a", address(), token, config -> config);
        AndonServer second = relay("b", address(), token, config -> config);
        await().atMost(PATIENCE).until(() -> linked(first) && linked(second));
        String upstream = address();
        int port = second.port();
        first.close();
        second.close();
        AndonServer a = relay("a", "http://127.0.0.1:" + port, token, config -> config);
        AndonServer b = relay("b", a.uri().toString(), token, config -> config.withAddress("127.0.0.1", port));
        ApiClient atA = keep(new ApiClient(a.uri(), adminToken()));
        for (AndonServer one : List.of(a, b)) {
            ApiClient api = keep(new ApiClient(one.uri(), adminToken()));
            await().atMost(PATIENCE)
                    .until(() -> api.get("/health/ready")
                            .text("message")
                            .contains("; the upstream is fed by this relay itself"));
            assertThat(api.get("/health/ready").text("upstream.loops")).isEqualTo("true");
            await().atMost(PATIENCE)
                    .until(() -> api.get("/health/ready").text("store.state").equals("cut-off"));
            assertThat(one.controlPlane().store().detail())
                    .contains("(expected: a way on which this relay, "
                            + one.controlPlane().node() + ", isn't)");
            await().atMost(PATIENCE).until(() -> !linked(one));
        }
        kill(atA, "bool");

        b.close();
        AndonServer right = relay("b", upstream, token, config -> config.withAddress("127.0.0.1", port));
        await().atMost(PATIENCE).until(() -> linked(right) && linked(a));
        assertThat(atA.get("/health/ready").text("upstream.loops")).isEqualTo("false");
        await().atMost(PATIENCE)
                .until(() -> above.api
                        .get("/api/v1/environments/production/kills")
                        .body()
                        .contains("\"bool\""));
        String node = right.controlPlane().node();
        await("a is known below b")
                .atMost(PATIENCE)
                .until(() -> joining(a).flatMap(Node.Joining::parent).equals(Optional.of(node)));
    }

    @Test
    void aRelayThatTheLedgerDoesntTakeSaysSo() throws Exception {
        HandMadeRelay.Token token = HandMadeRelay.Token.issued(above.api, "eu");
        HandMadeRelay first = keep(new HandMadeRelay("r1"));
        assertThat(first.joins(above.api, token).status()).isEqualTo(200);
        Files.createDirectories(folder.resolve("relay"));
        // another one with the same id, as of a folder that was made from a copy
        new LocalFile(folder.resolve("relay/node.key"))
                .save(keep(new HandMadeRelay("r1")).keyFile().getBytes(StandardCharsets.UTF_8));
        AndonServer relay = relay(address(), token.secret());
        ApiClient api = keep(new ApiClient(relay.uri(), adminToken()));
        await().atMost(PATIENCE)
                .until(() -> api.get("/health/ready").text("message").contains("; the ledger hasn't known this relay"));
        assertThat(api.get("/health/ready").body())
                .contains("\"unjoinedSeconds\":")
                .doesNotContain(address());
        assertThat(api.get("/api/v1/nodes").body())
                .contains("a relay with the key that the ledger knows; a data folder is one node's alone");
        assertThat(linked(relay)).isFalse();
    }

    @Test
    void aRelayThatWasGivenItsNewSecretWhileTheStoreIsGoneLinksAllTheSame() throws Exception {
        HandMadeRelay.Token token = HandMadeRelay.Token.issued(above.api, "eu");
        AndonServer first = relay(address(), token.secret());
        await().atMost(PATIENCE).until(() -> linked(first));
        first.close();
        String next = above.api
                .post("/api/v1/tokens/" + token.id() + "/rotations", "{'overlapSeconds':600,'reason':'r'}")
                .text("secret");
        above.server.store().mode(FaultyStore.Mode.REFUSING);
        String kill = above.kill("text");
        AndonServer second = relay(address(), next);
        await().atMost(PATIENCE).until(() -> linked(second));
        await().atMost(PATIENCE)
                .until(() -> second.controlPlane().kills().standing("production").stream()
                        .anyMatch(standing -> standing.id().toString().equals(kill)));
        assertThat(joining(second).orElseThrow().number()).isEqualTo(1);
        above.server.store().mode(FaultyStore.Mode.WORKING);
        await().atMost(PATIENCE).until(() -> joining(second).orElseThrow().number() == 2);
    }

    @Test
    void aRelayWithAnOlderCopyOfItsDiskJoinsAnewAllTheSame() throws Exception {
        HandMadeRelay.Token eu = HandMadeRelay.Token.issued(above.api, "eu");
        HandMadeRelay.Token us = HandMadeRelay.Token.issued(above.api, "us");
        AndonServer first = relay(address(), eu.secret());
        await().atMost(PATIENCE).until(() -> linked(first));
        first.close();
        Path image = folder.resolve("relay/image");
        byte[] older = Files.readAllBytes(image);
        AndonServer second = relay(address(), us.secret());
        await().atMost(PATIENCE)
                .until(() -> linked(second) && joining(second).orElseThrow().number() == 2);
        second.close();
        Files.write(image, older);
        // its copy says that it has joined with this token, and the ledger that it has with another one since
        AndonServer third = relay(address(), eu.secret());
        await().atMost(PATIENCE)
                .until(() -> linked(third) && joining(third).orElseThrow().number() == 3);
        assertThat(joining(third)).map(Node.Joining::token).contains(eu.id());
    }

    @Test
    void aRelayBelowANodeThatIsCutOffSaysSo() throws Exception {
        String token = token().text("secret");
        AndonServer relay = relay("a", address(), token, config -> config);
        await().atMost(PATIENCE).until(() -> linked(relay));
        AndonServer below = relay("b", relay.uri().toString(), token, config -> config);
        await().atMost(PATIENCE).until(() -> linked(below));
        List<ApiClient> both = new ArrayList<>();
        for (AndonServer one : List.of(relay, below)) {
            both.add(keep(new ApiClient(one.uri(), adminToken())));
        }
        above.server.store().mode(FaultyStore.Mode.REFUSING);
        above.kill("text");
        for (ApiClient api : both) {
            await().atMost(PATIENCE)
                    .until(() -> api.get("/health/ready")
                            .text("message")
                            .contains("; the upstream is cut off from the ledger for "));
            assertThat(api.get("/health/ready").text("store.state")).isEqualTo("connected");
            ApiClient.Answer rehearsed = api.post(
                    "/api/v1/environments/production/kills?dryRun=true", "{'target':{'flag':'bool'},'reason':'r'}");
            assertThat(rehearsed.text("result.restorable")).isEqualTo("false");
            assertThat(rehearsed.text("result.cutOffSince")).isNotEmpty();
        }
        assertThat(linked(relay)).isTrue();
        above.server.store().mode(FaultyStore.Mode.WORKING);
        for (ApiClient api : both) {
            await().atMost(PATIENCE)
                    .until(() -> !api.get("/health/ready").text("message").contains("cut off"));
        }
    }

    private Optional<Node.Joining> joining(AndonServer relay) {
        return above.server
                .server()
                .controlPlane()
                .image()
                .nodes()
                .get(relay.controlPlane().node())
                .value()
                .joining();
    }

    @Test
    void anUpstreamThatIsBehindIsWaitedForAndAnotherHistoryIsDamage() throws Exception {
        AndonServer first = relay(address(), token().text("secret"));
        await().atMost(PATIENCE).until(() -> linked(first));
        awaitImageSaved(first);
        Provenance at = first.controlPlane().image().provenance();
        first.close();
        AndonServer waiting = relay(lying(head(at.ledger(), at.epoch(), at.version() - 1), 1), "t");
        awaitStore(
                waiting,
                StoreHealth.State.CUT_OFF,
                "the upstream is at version " + (at.version() - 1) + ", and this relay has folded version "
                        + at.version());
        waiting.close();
        AndonServer forked = relay(lying(head(at.ledger(), at.epoch(), at.version()), 1), "t");
        awaitStore(forked, StoreHealth.State.DAMAGED, "isn't the one that this relay has folded");
        forked.close();
        AndonServer lost = relay(lying(head("0".repeat(32), 1, 1), 1), "t");
        awaitStore(lost, StoreHealth.State.DAMAGED, "but this node's data are of ledger");
        assertThat(lost.controlPlane().image().provenance()).isEqualTo(at);
    }

    private static void awaitStore(AndonServer server, StoreHealth.State state, String detail) {
        await().atMost(PATIENCE)
                .until(
                        () -> server.controlPlane().store(),
                        store -> store.state() == state && store.detail().contains(detail));
    }

    @Test
    void aRelayThatNeverLinkedIsMissingUntilSomebodyTakesItOffTheList() throws Exception {
        HandMadeRelay relay = keep(new HandMadeRelay("r1"));
        HandMadeRelay.Token token = HandMadeRelay.Token.issued(above.api, "eu");
        assertThat(relay.joins(above.api, token).status()).isEqualTo(200);
        assertThat(above.api.get("/api/v1/nodes").body()).contains("\"region\":\"eu\"");
        String kill = above.kill("bool");
        await().atMost(PATIENCE)
                .until(() -> above.api
                        .get("/api/v1/kills/" + kill)
                        .text("receipt.missingNodes")
                        .equals("[\"r1\"]"));
        above.api.delete("/api/v1/nodes/r1/address?reason=gone");
        await().atMost(PATIENCE)
                .until(() -> above.api
                        .get("/api/v1/kills/" + kill)
                        .text("receipt.missingNodes")
                        .equals("[]"));
        Node retired =
                above.server.server().controlPlane().image().nodes().get("r1").value();
        assertThat(retired.relay())
                .contains(new Node.Relay("eu", true, Optional.of(token.joining(Optional.empty(), 1))));
    }

    @Test
    void strangersAtTheRelaysDoorAreRefusedInBoundedFrames() throws Exception {
        String bearer = "Authorization: Bearer " + token().text("secret") + "\r\n";
        String ledger =
                above.server.server().controlPlane().image().provenance().ledger();
        try (RawSocket raw = greeting(bearer)) {
            raw.text("x".repeat(100_000));
            assertThat(refusal(raw).detail()).contains("100000 bytes (expected: at most 4096)");
        }
        try (RawSocket raw = greeting(bearer)) {
            String self = above.server.server().controlPlane().node();
            raw.text(new String(
                    FrameCodec.encode(new Frame.PeerHello(
                            Frame.PROTOCOL, ledger, "mallory", Optional.of(self), "0".repeat(PeerProof.NONCE_DIGITS))),
                    StandardCharsets.UTF_8));
            assertThat(refusal(raw).code()).isEqualTo(Frame.Refused.UNAUTHORIZED);
        }
        try (RawSocket raw = new RawSocket(above.server.server().port())) {
            assertThat(raw.upgrade(Peers.RELAYS, "")).startsWith("HTTP/1.1 401 ");
        }
    }

    private RawSocket greeting(String bearer) throws IOException {
        RawSocket raw = new RawSocket(above.server.server().port());
        assertThat(raw.upgrade(Peers.RELAYS, bearer)).startsWith("HTTP/1.1 101 ");
        return raw;
    }

    private static Frame.Refused refusal(RawSocket raw) throws Exception {
        return (Frame.Refused)
                FrameCodec.decode(raw.messages().getFirst().getBytes(StandardCharsets.UTF_8), FrameCodec.FROM_PEER);
    }

    /** An upstream that answers every question with the same. */
    private String lying(byte[] answer, int times) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream body = exchange.getResponseBody()) {
                for (int i = 0; i < times; i++) {
                    body.write(answer);
                }
            }
        });
        server.start();
        keep(() -> server.stop(0));
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private static byte[] head(String ledger, long epoch, long version) {
        return Json.object()
                .put("ledger", ledger)
                .put("epoch", epoch)
                .put("version", version)
                .put("hash", "1".repeat(64))
                .put("replication", "none")
                .put("warnings", Json.array(List.of()))
                .build()
                .utf8();
    }

    @Test
    void whatAnUpstreamAnswersIsBoundedAndChecked() throws Exception {
        try (UpstreamStore endless = store(lying(new byte[64 << 10], 1_000_000))) {
            assertThatThrownBy(endless::head)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("an answer of more than 65536 bytes");
        }
        try (UpstreamStore rubbish = store(lying("{\"ledger\":7}".getBytes(StandardCharsets.UTF_8), 1))) {
            assertThatThrownBy(rubbish::head)
                    .hasMessageContaining("answers what can't be read: ledger: 7 (expected: a string)");
            assertThatThrownBy(() -> rubbish.snapshotAtOrBefore(1)).hasMessageContaining("without a line break");
        }
        String skipping = "{'entries':[{'epoch':1,'version':7,'hash':'" + "1".repeat(64) + "','bytes':'e30='}]}";
        try (UpstreamStore gap = store(lying(skipping.replace('\'', '"').getBytes(StandardCharsets.UTF_8), 1))) {
            assertThatThrownBy(() -> gap.read(1, 10)).hasMessageContaining("version: 7 (expected: 2)");
            assertThat(gap.read(6, 10)).hasSize(1);
        }
    }

    private static UpstreamStore store(String address) {
        return new UpstreamStore(
                new RelayConfig(address, "t", "eu"),
                StoreOptions.DEFAULTS.withPollInterval(Duration.ofMinutes(1)).withCallTimeout(Duration.ofSeconds(30)),
                InstantSource.system());
    }

    @Test
    void anAnswerMayTakeLongAsLongAsItComes() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        AtomicBoolean stalls = new AtomicBoolean();
        byte[] answer = head("0".repeat(32), 1, 5);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream body = exchange.getResponseBody()) {
                int pieces = 3;
                for (int i = 0; i < pieces; i++) {
                    int from = answer.length * i / pieces;
                    body.write(answer, from, answer.length * (i + 1) / pieces - from);
                    body.flush();
                    java.util.concurrent.locks.LockSupport.parkNanos((stalls.get() ? 7_500 : 1_200) * 1_000_000L);
                }
            }
        });
        server.start();
        keep(() -> server.stop(0));
        try (UpstreamStore slow = new UpstreamStore(
                new RelayConfig("http://127.0.0.1:" + server.getAddress().getPort(), "t", "eu"),
                StoreOptions.DEFAULTS.withPollInterval(Duration.ofMinutes(1)).withCallTimeout(Duration.ofSeconds(3)),
                InstantSource.system())) {
            CompletableFuture<LedgerHead> coming = CompletableFuture.supplyAsync(slow::head);
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).until(slow::receives);
            assertThat(coming.get().version()).as("in 3.6 seconds").isEqualTo(5);
            assertThat(slow.receives()).isFalse();
            stalls.set(true);
            assertThatThrownBy(slow::head).hasMessageContaining("GET /api/v1/relay/head: nothing came for 3000 ms");
        }
    }

    @Test
    void oneOfSeveralNodesThatIsBehindIsAskedAgain() throws Exception {
        byte[] entry = ("{\"entries\":[{\"epoch\":1,\"version\":5,\"hash\":\"" + "1".repeat(64)
                        + "\",\"bytes\":\"e30=\"}]}")
                .getBytes(StandardCharsets.UTF_8);
        AtomicBoolean lagging = new AtomicBoolean(true);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            boolean head = exchange.getRequestURI().getPath().endsWith("/head");
            byte[] answer = head
                    ? head("0".repeat(32), 1, 5)
                    : lagging.get() ? "{\"entries\":[]}".getBytes(StandardCharsets.UTF_8) : entry;
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        keep(() -> server.stop(0));
        String address = "http://127.0.0.1:" + server.getAddress().getPort();
        AtomicInteger news = new AtomicInteger();
        try (UpstreamStore store = new UpstreamStore(
                new RelayConfig(address, "t", "eu"),
                StoreOptions.DEFAULTS.withPollInterval(Duration.ofMillis(20)),
                InstantSource.system())) {
            store.tail(news::incrementAndGet);
            await().atMost(PATIENCE).until(() -> news.get() >= 2);
            assertThat(store.read(4, 10)).as("asked of the node that is behind").isEmpty();
            int before = news.get();
            await().atMost(PATIENCE).until(() -> news.get() > before + 1);
            lagging.set(false);
            assertThat(store.read(4, 10)).hasSize(1);
        }
    }

    @Test
    void anUpstreamBehindTlsIsTrustedByItsCertificate() throws Exception {
        SelfSigned certificate = SelfSigned.in(folder);
        FlagdFixture secure = keep(new FlagdFixture(
                folder.resolve("secure"),
                flagd -> FlagdConfig.OFF.withEvaluation(0).withSync(0),
                config -> config));
        String token = secure.api
                .post("/api/v1/tokens", "{'name':'eu','role':'relay','reason':'r'}")
                .text("secret");
        secure.server.with(config -> config.withTls(certificate.certificate(), certificate.key()));
        secure.server.restart(FaultyStore.Mode.WORKING);
        String address = "https://127.0.0.1:" + secure.server.server().port();
        AndonServer relay = relay(
                address,
                token,
                config -> config.withRelay(
                        new RelayConfig(address, token, "eu", Optional.of(certificate.certificate()))));
        await().atMost(PATIENCE).until(() -> linked(relay));
    }
}
