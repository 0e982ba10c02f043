package dev.andon.server;

import static dev.andon.server.FlagdFixture.SYNC;
import static dev.andon.server.FlagdFixture.V2;
import static dev.andon.server.FlagdFixture.asked;
import static dev.andon.server.FlagdFixture.names;
import static dev.andon.server.FlagdFixture.served;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.andon.flagd.sync.v1.FetchAllFlagsRequest;
import dev.andon.flagd.sync.v1.FetchAllFlagsResponse;
import dev.andon.flagd.sync.v1.SyncFlagsResponse;
import dev.andon.server.flagd.FlagdConfig;
import dev.andon.server.http.GrpcLimits;
import dev.andon.server.node.FaultyStore;
import dev.andon.server.node.StartProblem;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may read what by flagd's protocols, and what clients can't take from others. */
@Timeout(300)
class FlagdAccessTest {
    private static final int STALLED = 20;

    @TempDir
    private Path folder;

    private static Status.Code refused(ThrowingCallable call) {
        return Status.fromThrowable(catchThrowable(call)).getCode();
    }

    private static String[] bearer(String secret) {
        return new String[] {"authorization", "Bearer " + secret};
    }

    @Test
    void aKeyShowsItsOwnEnvironmentAndNoOther() throws Exception {
        try (FlagdFixture flagd = new FlagdFixture(folder)) {
            String staging = flagd.issued("page", "client", "staging").text("secret");
            assertThat(names(all(flagd, bearer(staging)))).containsExactly("staged");
            assertThat(flagd.bool("staged", bearer(staging)).getValue()).isTrue();
            assertThat(refused(() -> flagd.bool("bool", bearer(staging)))).isEqualTo(Status.Code.NOT_FOUND);
            assertThat(refused(() -> flagd.bool(
                            "bool", "authorization", "Bearer " + staging, "flagd-selector", "flagSetId=production")))
                    .isEqualTo(Status.Code.NOT_FOUND);
        }
    }

    @Test
    void anEnvironmentThatAClientSyncsIsDeclaredAndServedWhateverItSays() throws Exception {
        try (FlagdFixture flagd = new FlagdFixture(folder)) {
            String key = flagd.issued("shop", "sdk", "development").text("secret");
            GrpcClient.Stream documents = flagd.documents(100, bearer(key));
            documents.next(SyncFlagsResponse.parser());
            await().until(() -> declared(flagd, "development"));
            serve(flagd, "development", "");
            flagd.flag("late", "boolean", "{'on':true,'off':false}", "{'variant':'on'}", "", "development");
            await().until(() -> names(documents.next(SyncFlagsResponse.parser()).getFlagConfiguration())
                    .contains("late"));
            assertThat(declared(flagd, "development")).isFalse();
            assertThat(names(all(flagd, bearer(key)))).containsExactly("late");
            await().until(() -> declared(flagd, "development"));
        }
    }

    private static boolean declared(FlagdFixture flagd, String environment) {
        return flagd.api.get("/api/v1/environments/" + environment).body().contains("\"protocols\":[\"flagd-sync\"]");
    }

    private static ApiClient.Answer nested(FlagdFixture flagd, String environment) {
        return flagd.api.post(
                "/api/v1/flags",
                "{'flag':{'key':'nested','type':'boolean','owner':'o'},'configuration':{'on':true,'variants':"
                        + "{'on':true,'off':false},'safeVariant':'off','rules':[{'when':{'attribute':'user.plan',"
                        + "'in':['vip']},'serve':{'variant':'on'}}],'fallThrough':{'variant':'off'}},"
                        + "'environments':['" + environment + "'],'reason':'r'}");
    }

    @Test
    void aFlagThatCantBeSaidKeepsNobodyFromTheOthers() throws Exception {
        try (FlagdFixture flagd = new FlagdFixture(folder)) {
            assertThat(nested(flagd, "development").status()).isEqualTo(201);
            flagd.flag("plain", "boolean", "{'on':true,'off':false}", "{'variant':'on'}", "", "development");
            String key = flagd.issued("shop", "sdk", "development").text("secret");
            assertThat(names(all(flagd, bearer(key)))).containsExactly("plain");
            await().until(() -> flagd.api.get("/metrics").body().contains("andon_flagd_flags_left 1"));
            assertThat(declared(flagd, "development")).isFalse();
            ApiClient.Answer changed = flagd.api.put(
                    "/api/v1/environments/development/flags/nested",
                    "{'configuration':{'on':true,'variants':{'on':true,'off':false},'safeVariant':'off','fallThrough':"
                            + "{'variant':'off'}},'reason':'r'}",
                    "If-Match",
                    "*");
            assertThat(changed.status()).as(changed.body()).isEqualTo(200);
            await().until(() -> declared(flagd, "development"));
        }
    }

    private static void serve(FlagdFixture flagd, String environment, String protocols) {
        ApiClient.Answer edited = flagd.api.put(
                "/api/v1/environments/" + environment,
                "{'environment':{'key':'" + environment + "','protocols':[" + protocols + "]},'reason':'r'}",
                "If-Match",
                "*");
        assertThat(edited.status()).as(edited.body()).isEqualTo(200);
    }

    @Test
    void theEnvironmentsOfAStartAreServedFromThenOnAndRefuseWhatCantBeSaid() throws Exception {
        try (FlagdFixture flagd = new FlagdFixture(
                folder, config -> config.withEnvironments(List.of("production", "later")), config -> config)) {
            flagd.api.post("/api/v1/environments", "{'key':'later','reason':'r'}");
            for (String environment : List.of("production", "later")) {
                await().until(() -> declared(flagd, environment));
                ApiClient.Answer refused = nested(flagd, environment);
                assertThat(refused.status()).as(refused.body()).isEqualTo(400);
                assertThat(refused.body()).contains("environment " + environment + " is served to flagd's clients");
            }
        }
    }

    private static String all(FlagdFixture flagd, String... headers) throws IOException {
        return flagd.sync
                .call(
                        SYNC + "FetchAllFlags",
                        FetchAllFlagsRequest.getDefaultInstance(),
                        FetchAllFlagsResponse.parser(),
                        headers)
                .getFlagConfiguration();
    }

    @Test
    void aKeyThatIsNoneIsRefusedAndOneThatCantBeCheckedMayComeBack() throws Exception {
        try (FlagdFixture flagd = new FlagdFixture(folder)) {
            String admin =
                    Files.readString(flagd.server.server().adminTokenFile()).strip();
            assertThat(refused(() -> flagd.bool("bool", bearer("andon_client_none"))))
                    .isEqualTo(Status.Code.UNAUTHENTICATED);
            assertThat(refused(() -> all(flagd, bearer("andon_client_none")))).isEqualTo(Status.Code.UNAUTHENTICATED);
            assertThat(refused(() -> flagd.bool("bool", bearer(admin)))).isEqualTo(Status.Code.PERMISSION_DENIED);
            String key = flagd.issued("page", "client", "production").text("secret");
            flagd.server.store().mode(FaultyStore.Mode.REFUSING);
            flagd.kill("bool");
            await().until(() ->
                    refused(() -> flagd.bool("bool", bearer("andon_client_new"))) == Status.Code.UNAVAILABLE);
            assertThat(flagd.bool("bool", bearer(key)).getValue()).isFalse();
        }
    }

    @Test
    void withoutAnOpenEnvironmentAKeyIsNeeded() throws Exception {
        try (FlagdFixture flagd =
                new FlagdFixture(folder, config -> config.withEnvironments(List.of()), config -> config)) {
            assertThatThrownBy(() -> flagd.bool("bool"))
                    .hasMessageContaining("UNAUTHENTICATED")
                    .hasMessageContaining("--flagd-environment");
            String key = flagd.issued("page", "client", "production").text("secret");
            assertThat(flagd.bool("bool", bearer(key)).getValue()).isTrue();
        }
    }

    @Test
    void anEnvironmentThatIsntThereYetMayCome() throws Exception {
        try (FlagdFixture flagd =
                new FlagdFixture(folder, config -> config.withEnvironments(List.of("later")), config -> config)) {
            assertThat(refused(() -> flagd.bool("bool"))).isEqualTo(Status.Code.UNAVAILABLE);
        }
    }

    @Test
    void aStreamEndsWithItsKey() throws Exception {
        try (FlagdFixture flagd = new FlagdFixture(folder)) {
            ApiClient.Answer issued = flagd.issued("page", "sdk", "production");
            GrpcClient.Stream documents = flagd.documents(100, bearer(issued.text("secret")));
            documents.next(SyncFlagsResponse.parser());
            flagd.api.delete("/api/v1/tokens/" + issued.text("token.id") + "?reason=r");
            await().until(() -> documents.status() != null);
            assertThat(documents.status().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
        }
    }

    @Test
    void whatIsRefusedIsntToBeAskedForAgain() throws Exception {
        try (FlagdFixture flagd = new FlagdFixture(folder)) {
            Metadata trailers = Status.trailersFromThrowable(catchThrowable(() -> flagd.bool("nothing")));
            assertThat(trailers.get(Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER)))
                    .isEqualTo("-1");
        }
    }

    @Test
    void withACertificateItSpeaksTls() throws Exception {
        SelfSigned identity = SelfSigned.in(folder);
        FlagdConfig flagd = FlagdConfig.OFF.withEvaluation(0).withEnvironments(List.of("production"));
        try (ServerFixture server = new ServerFixture(folder)
                        .with(config -> config.withTls(identity.certificate(), identity.key())
                                .withFlagd(flagd))
                        .start();
                GrpcClient secure = GrpcClient.secure(port(server), identity.certificate());
                GrpcClient plain = GrpcClient.of(port(server))) {
            byte[] request = asked("bool").toByteArray();
            assertThat(refused(() -> secure.call(V2 + "ResolveBoolean", request)))
                    .as("there is no flag yet")
                    .isEqualTo(Status.Code.NOT_FOUND);
            assertThat(refused(() -> plain.call(V2 + "ResolveBoolean", request)))
                    .isEqualTo(Status.Code.UNAVAILABLE);
        }
    }

    private static int port(ServerFixture server) {
        return server.server().flagdEvaluationPort().orElseThrow();
    }

    @Test
    void aClientThatNeverReadsDelaysNobodyAndGetsTheNewestWhenItDoes() throws Exception {
        try (FlagdFixture flagd = new FlagdFixture(folder)) {
            // More than their flow control takes unread.
            flagd.flag("large", "string", "{'on':'" + "x".repeat(200_000) + "','off':''}", "{'variant':'on'}");
            List<GrpcClient.Stream> stalled = new ArrayList<>();
            for (int i = 0; i < STALLED; i++) {
                GrpcClient client = flagd.keep(GrpcClient.reluctant(flagd.syncPort()));
                stalled.add(flagd.documents(client, 0));
            }
            GrpcClient.Stream reading = flagd.documents(1_000_000);
            reading.next(SyncFlagsResponse.parser());
            await().until(() -> flagd.server.metrics().contains("andon_flagd_streams_open " + (STALLED + 1)));
            for (int i = 0; i < 20; i++) {
                flagd.serve("bool", i % 2 == 0 ? "off" : "on");
            }
            flagd.kill("tagged");
            SyncFlagsResponse last = reading.next(SyncFlagsResponse.parser());
            while (!served(last, "tagged").equals("off")) {
                last = reading.next(SyncFlagsResponse.parser());
            }
            GrpcClient.Stream late = stalled.getFirst();
            late.take(1_000);
            int got = 1;
            SyncFlagsResponse document = late.next(SyncFlagsResponse.parser());
            while (!served(document, "tagged").equals("off")) {
                document = late.next(SyncFlagsResponse.parser());
                got++;
            }
            assertThat(got).as("what it was being sent, and the newest").isLessThanOrEqualTo(3);
        }
    }

    @Test
    void thereAreNoMoreStreamsThanMayBe() throws Exception {
        try (FlagdFixture flagd = new FlagdFixture(folder, config -> config.withStreams(2), config -> config)) {
            flagd.documents(10).next(SyncFlagsResponse.parser());
            flagd.documents(10).next(SyncFlagsResponse.parser());
            GrpcClient.Stream third = flagd.documents(10);
            await().until(() -> third.status() != null);
            assertThat(third.status().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        }
    }

    @Test
    void whoSaysNothingIsCutOffAndWhoLivesIsNot() throws Exception {
        GrpcLimits impatient = GrpcLimits.DEFAULT.withPatience(3_000, 1_000, 5_000);
        try (FlagdFixture flagd = new FlagdFixture(folder, config -> config.withGrpc(impatient), config -> config);
                Socket silent = new Socket(InetAddress.getLoopbackAddress(), flagd.syncPort());
                Socket speaksHttp1 = new Socket(InetAddress.getLoopbackAddress(), flagd.syncPort())) {
            GrpcClient.Stream documents = flagd.documents(100);
            documents.next(SyncFlagsResponse.parser());
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
            speaksHttp1
                    .getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(catchThrowable(() ->
                            assertThat(speaksHttp1.getInputStream().read()).isEqualTo(-1)))
                    .satisfiesAnyOf(
                            none -> assertThat(none).isNull(),
                            reset -> assertThat(reset).isInstanceOf(IOException.class));
            assertThat(documents.status()).isNull();
            flagd.kill("bool");
            assertThat(served(documents.next(SyncFlagsResponse.parser()), "bool"))
                    .isEqualTo("off");
        }
    }

    @Test
    void aPortInUseIsNamedAtTheStart() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerFixture server = new ServerFixture(folder)
                        .with(config -> config.withFlagd(FlagdConfig.OFF.withSync(taken.getLocalPort())))) {
            assertThatThrownBy(server::start)
                    .isInstanceOf(StartProblem.class)
                    .hasMessageContaining("listening at 127.0.0.1:" + taken.getLocalPort() + " for flagd sync")
                    .hasMessageContaining("a port that nobody uses");
        }
    }

    @Test
    void clientsAreAmongTheInstancesWithWhatTheyWereSent() throws Exception {
        try (FlagdFixture flagd = new FlagdFixture(folder)) {
            flagd.documents(100, "service", "basket").next(SyncFlagsResponse.parser());
            flagd.bool("bool", "service", "till");
            await().untilAsserted(() -> assertThat(flagd.api
                            .get("/api/v1/environments/production/instances")
                            .body())
                    .contains("basket", "flagd-sync", "till", "flagd-evaluation", "grpc-java"));
        }
    }
}
