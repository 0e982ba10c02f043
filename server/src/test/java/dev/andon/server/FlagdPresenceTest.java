package dev.andon.server;

import static dev.andon.server.FlagdFixture.SYNC;
import static dev.andon.server.FlagdFixture.V2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.json.Fields;
import dev.andon.flagd.evaluation.v2.ResolveStringRequest;
import dev.andon.flagd.evaluation.v2.ResolveStringResponse;
import dev.andon.flagd.sync.v1.FetchAllFlagsRequest;
import dev.andon.flagd.sync.v1.FetchAllFlagsResponse;
import dev.andon.flagd.sync.v1.SyncFlagsResponse;
import dev.andon.server.http.GrpcLimits;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** flagd's clients among the instances, and in receipts: how they come, part and are lost, and what is known of them. */
@Timeout(300)
class FlagdPresenceTest {
    private static final ResolveStringRequest LARGE = ResolveStringRequest.newBuilder()
            .setFlagKey("large")
            .setContext(FlagdFixture.context("ann"))
            .build();

    @TempDir
    private Path folder;

    private @Nullable FlagdFixture opened;

    private FlagdFixture flagd() throws IOException {
        if (opened == null) {
            opened = new FlagdFixture(folder);
        }
        return opened;
    }

    @AfterEach
    void close() {
        if (opened != null) {
            opened.close();
        }
    }

    private void awaitStates(String... states) {
        await().untilAsserted(() ->
                assertThat(instances().stream().map(one -> one.text("state"))).containsExactlyInAnyOrder(states));
    }

    private List<Fields> instances() throws IOException {
        return Fields.lenient(flagd().api
                        .get("/api/v1/environments/production/instances")
                        .json())
                .objects("items", one -> one);
    }

    private Fields receipt(String kill) throws IOException {
        return Fields.lenient(flagd().api.get("/api/v1/kills/" + kill).json()).object("receipt");
    }

    private GrpcClient.Stream listen(GrpcClient client) throws Exception {
        GrpcClient.Stream documents = flagd().documents(client, 1_000, "service", "basket");
        documents.next(SyncFlagsResponse.parser());
        return documents;
    }

    private GrpcClient another() throws IOException {
        return flagd().keep(GrpcClient.of(flagd().syncPort()));
    }

    /** gRPC's own client ends its calls and its connection at once when it is shut down. */
    @Test
    void oneThatShutsDownIsGone() throws Exception {
        GrpcClient client = another();
        listen(client);
        awaitStates("sent");
        client.close();
        awaitStates();
    }

    /** As of a proxy: its own connection stays, whatever became of the one behind it. */
    @Test
    void aCallThatIsCancelledAloneIsNoGoodbye() throws Exception {
        GrpcClient proxy = another();
        GrpcClient.Stream one = listen(proxy);
        awaitStates("sent");
        one.close();
        awaitStates("unreachable");
        String kill = flagd().kill("bool");
        assertThat(receipt(kill).text("verdict")).isEqualTo("requested");
        listen(proxy);
        await().until(() -> receipt(kill).text("verdict").equals("sent"));
        proxy.close();
        awaitStates();
    }

    @Test
    void oneOfTwoThatCanNotBeToldApartIsMissedWhenItIsLost() throws Exception {
        GrpcClient.Stream lost = listen(another());
        GrpcClient.Stream stays = listen(another());
        awaitStates("sent");
        lost.close();
        awaitStates("unreachable");
        assertThat(instances().getFirst().whole("missing", 0, 9)).isEqualTo(1);
        String kill = flagd().kill("bool");
        while (!FlagdFixture.served(stays.next(SyncFlagsResponse.parser()), "bool")
                .equals("off")) {
            // What came before the kill.
        }
        assertThat(receipt(kill).text("verdict")).isEqualTo("requested");
        assertThat(receipt(kill).objects("instances", one -> one.whole("missing", 0, 9)))
                .containsExactly(1L);
        listen(another());
        await().until(() -> receipt(kill).text("verdict").equals("sent"));
    }

    private static void fetch(GrpcClient client) throws IOException {
        client.call(
                SYNC + "FetchAllFlags",
                FetchAllFlagsRequest.getDefaultInstance(),
                FetchAllFlagsResponse.parser(),
                "service",
                "basket");
    }

    @Test
    void oneThatFetchesIsSilentUntilItFetchesAgainAndNeverConfirms() throws Exception {
        GrpcClient client = another();
        fetch(client);
        awaitStates("sent");
        assertThat(instances().getFirst().text("instance")).startsWith("flagd-sync-fetch-");
        assertThat(instances().getFirst().text("service")).isEqualTo("basket");
        String kill = flagd().kill("bool");
        awaitStates("silent");
        assertThat(receipt(kill).text("verdict")).isEqualTo("requested");
        fetch(client);
        await().until(() -> receipt(kill).text("verdict").equals("sent"));
        assertThat(receipt(kill).whole("unconfirmable", 0, 9)).isEqualTo(1);
        client.close();
        awaitStates("unreachable");
    }

    /** A fetch by one says nothing of another one. */
    @Test
    void oneThatFetchesDoesNotSpeakForOthersOfItsPlace() throws Exception {
        GrpcClient one = another();
        GrpcClient other = another();
        fetch(one);
        fetch(other);
        awaitStates("sent");
        String kill = flagd().kill("bool");
        fetch(one);
        awaitStates("silent");
        fetch(other);
        await().until(() -> receipt(kill).text("verdict").equals("sent"));
    }

    @Test
    void answersThatAClientNeverReadsAreBounded() throws Exception {
        GrpcLimits limits = GrpcLimits.DEFAULT.withWaitingBytes(2_000_000, Long.MAX_VALUE);
        try (FlagdFixture flagd = large(limits)) {
            List<GrpcClient.Stream> unread = unread(flagd, 20);
            await().until(() -> unread.stream().anyMatch(call -> call.status() != null));
            assertThat(unread.stream().map(GrpcClient.Stream::status).filter(Objects::nonNull))
                    .allSatisfy(status -> {
                        assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                        assertThat(status.getDescription()).contains("wait on this connection to be read");
                    });
            GrpcClient reading = flagd.keep(GrpcClient.of(flagd.evaluationPort()));
            for (int i = 0; i < 20; i++) {
                reading.call(V2 + "ResolveString", LARGE, ResolveStringResponse.parser());
            }
            List<GrpcClient.Stream> waiting =
                    unread.stream().filter(call -> call.status() == null).toList();
            waiting.forEach(call -> call.take(1));
            for (GrpcClient.Stream call : waiting) {
                assertThat(call.next(ResolveStringResponse.parser()).getValue()).startsWith("xxx");
            }
        }
    }

    @Test
    void whoReadsLeastIsCutOffWhenAllTogetherHoldTooMuch() throws Exception {
        GrpcLimits limits = GrpcLimits.DEFAULT.withWaitingBytes(1 << 30, 2_000_000);
        try (FlagdFixture flagd = large(limits)) {
            GrpcClient.Stream events = flagd.events(V2);
            List<GrpcClient.Stream> unread = unread(flagd, 20);
            // Those whose answer is there and isn't taken don't say how they ended.
            await().until(() -> unread.stream().anyMatch(call -> call.status() != null));
            assertThat(unread.stream().map(GrpcClient.Stream::status).filter(Objects::nonNull))
                    .allSatisfy(status -> assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE));
            assertThat(events.status()).isNull();
        }
    }

    private FlagdFixture large(GrpcLimits limits) throws IOException {
        FlagdFixture flagd = new FlagdFixture(folder, config -> config.withGrpc(limits), config -> config);
        flagd.flag("large", "string", "{'on':'" + "x".repeat(600_000) + "','off':''}", "{'variant':'on'}");
        return flagd;
    }

    private static List<GrpcClient.Stream> unread(FlagdFixture flagd, int calls) {
        GrpcClient client = flagd.keep(GrpcClient.reluctant(flagd.evaluationPort()));
        List<GrpcClient.Stream> unread = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            unread.add(client.stream(V2 + "ResolveString", LARGE, 0));
        }
        return unread;
    }
}
