package dev.andon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.HeldState;
import dev.andon.server.node.FaultyStore;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int WAIT_MS = 60_000;

    @TempDir
    Path folder;

    private ServerFixture fixture;

    @BeforeEach
    void start() {
        fixture = new ServerFixture(folder).start();
        fixture.createFlag("checkout");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void snapshotThenPatchesThenKill() {
        StreamClient client = fixture.client("shop", "one");
        await().atMost(PATIENCE).until(() -> client.state().hasImage());
        assertThat(client.received().getFirst()).isInstanceOf(Frame.Welcome.class);
        fixture.createFlag("search");
        await().atMost(PATIENCE).until(() -> client.state().image().flags().containsKey("search"));
        assertThat(client.received()).anyMatch(Frame.Patch.class::isInstance);
        assertThat(client.state().drifted()).isFalse();
        KillId kill = id(fixture.kill("checkout"));
        await().atMost(PATIENCE).until(() -> client.obeys(kill));
        await().atMost(PATIENCE).until(() -> client.state().carried().isEmpty());
        assertThat(client.obeys(kill)).isTrue();
        assertThat(fixture.restore("checkout").status()).isEqualTo(201);
        await().atMost(PATIENCE).until(() -> !client.obeys(kill));
    }

    @Test
    void whatIsOpenIsCounted() {
        assertThat(fixture.metrics()).contains("andon_streams_open 0.0", "andon_http_under_way 1.0");
        fixture.client("shop", "one");
        awaitStates("live");
        assertThat(fixture.metrics()).contains("andon_streams_open 1.0", "andon_instances_live 1.0");
        assertThat(fixture.metrics()).containsPattern("andon_http_connections [2-9]");
    }

    @Test
    void whoConnectsWaitsForThoseOnTheirWayInAndNoKillDoes() throws Exception {
        fixture.close();
        fixture = new ServerFixture(folder)
                .with(config -> config.withStreams(config.streams().withJoining(2)))
                .start();
        StreamClient there = fixture.client("shop", "there");
        awaitStates("live");
        StreamClient silent =
                fixture.keep(StreamClient.silent(fixture.uri(), fixture.key(), "shop", "silent", HeldState.EMPTY));
        try (HttpClient http = HttpClient.newHttpClient()) {
            CompletableFuture<WebSocket> late = http.newWebSocketBuilder()
                    .header("Authorization", "Bearer " + fixture.key())
                    .buildAsync(
                            URI.create(fixture.uri().toString().replace("http", "ws") + "/stream/v1"),
                            new WebSocket.Listener() {});
            assertThatThrownBy(late::join)
                    .hasCauseInstanceOf(WebSocketHandshakeException.class)
                    .cause()
                    .satisfies(thrown -> {
                        var response = ((WebSocketHandshakeException) thrown).getResponse();
                        assertThat(response.statusCode()).isEqualTo(503);
                        assertThat(response.headers().firstValue("Retry-After")).contains("1");
                    });
        }
        KillId kill = id(fixture.kill("checkout"));
        await().atMost(PATIENCE).until(() -> there.obeys(kill));
        assertThat(silent.closed()).isFalse();
        await("who says nothing keeps nobody else out").atMost(PATIENCE).until(() -> comesIn("next"));
    }

    private boolean comesIn(String instance) {
        try {
            fixture.client("shop", instance);
            return true;
        } catch (CompletionException e) {
            return false;
        }
    }

    @Test
    void receiptIsProvenWhenEveryInstanceHasAcknowledged() {
        StreamClient one = fixture.client("shop", "one");
        StreamClient two = fixture.client("shop", "two");
        awaitStates("live", "live");
        two.acknowledge(false);
        ServerFixture.Answer answer = fixture.kill("checkout");
        assertThat(answer.status()).isEqualTo(201);
        String id = answer.fields().text("id");
        await().atMost(PATIENCE).until(() -> fixture.getKill(id, 0).fields().bool("durable"));
        await().atMost(PATIENCE).until(() -> receipt(id).text("verdict").equals("partial"));
        assertThat(receipt(id).whole("silent", 0, 9)).isEqualTo(1);
        two.acknowledge(true);
        ServerFixture.Answer proven = fixture.getKill(id, WAIT_MS);
        Fields receipt = proven.fields().object("receipt");
        assertThat(receipt.text("verdict")).isEqualTo("proven");
        assertThat(receipt.whole("applied", 0, 9)).isEqualTo(2);
        assertThat(receipt.number("maxMs")).isGreaterThan(0);
        await().atMost(PATIENCE)
                .until(() -> fixture.getKill(id, 0).fields().text("ledger").equals("settled"));
        assertThat(one.closed()).isFalse();
    }

    @Test
    void vanishedIsUnreachableAndNeverProvenUntilItComesBack() {
        fixture.client("shop", "one");
        StreamClient two = fixture.client("shop", "two");
        awaitStates("live", "live");
        HeldState held = two.state();
        two.close();
        awaitStates("live", "unreachable");
        String id = fixture.kill("checkout").fields().text("id");
        await().atMost(PATIENCE).until(() -> receipt(id).whole("applied", 0, 9) == 1);
        assertThat(receipt(id).text("verdict")).isEqualTo("partial");
        assertThat(receipt(id).whole("unreachable", 0, 9)).isEqualTo(1);
        fixture.keep(StreamClient.connect(fixture.uri(), fixture.key(), "shop", "two", held));
        assertThat(fixture.getKill(id, WAIT_MS).fields().object("receipt").text("verdict"))
                .isEqualTo("proven");
    }

    @Test
    void frozenProcessIsSilentThenUnreachableThenApplies() {
        fixture.close();
        fixture = new ServerFixture(folder)
                .with(config -> config.withStreams(config.streams().withHeartbeatMs(1_000)))
                .start();
        fixture.client("shop", "one");
        StreamClient two = fixture.client("shop", "two");
        awaitStates("live", "live");
        HeldState held = two.state();
        two.answer(false);
        String id = fixture.kill("checkout").fields().text("id");
        await().atMost(PATIENCE).until(() -> receipt(id).whole("silent", 0, 9) == 1);
        await().atMost(PATIENCE).until(() -> receipt(id).whole("unreachable", 0, 9) == 1);
        assertThat(receipt(id).text("verdict")).isEqualTo("partial");
        await().atMost(PATIENCE).until(two::closed);
        fixture.keep(StreamClient.connect(fixture.uri(), fixture.key(), "shop", "two", held));
        assertThat(fixture.getKill(id, WAIT_MS).fields().object("receipt").text("verdict"))
                .isEqualTo("proven");
    }

    @Test
    void goodbyeIsGone() {
        StreamClient one = fixture.client("shop", "one");
        StreamClient two = fixture.client("shop", "two");
        awaitStates("live", "live");
        one.acknowledge(false);
        String id = fixture.kill("checkout").fields().text("id");
        one.bye();
        Fields receipt = fixture.getKill(id, WAIT_MS).fields().object("receipt");
        assertThat(receipt.text("verdict")).isEqualTo("proven");
        assertThat(receipt.whole("gone", 0, 9)).isEqualTo(1);
        assertThat(two.closed()).isFalse();
        awaitStates("live");
    }

    @Test
    void nobodyLiveSaysSo() {
        Fields receipt = fixture.kill("checkout").fields().object("receipt");
        assertThat(receipt.text("verdict")).isEqualTo("nobody-live");
    }

    @Test
    void killReachesClientsWhileTheStoreHangs() {
        StreamClient client = fixture.client("shop", "one");
        awaitStates("live");
        fixture.store().mode(FaultyStore.Mode.HANGING);
        ServerFixture.Answer answer = fixture.kill("checkout");
        KillId kill = id(answer);
        // The store hangs until this test has it work again.
        await().atMost(PATIENCE).until(() -> client.obeys(kill));
        assertThat(answer.fields().text("ledger")).isEqualTo("pending");
        assertThat(fixture.getKill(kill.toString(), WAIT_MS)
                        .fields()
                        .object("receipt")
                        .text("verdict"))
                .isEqualTo("proven");
        assertThat(fixture.restore("checkout").status()).isEqualTo(503);
        fixture.store().mode(FaultyStore.Mode.WORKING);
        await().atMost(PATIENCE)
                .until(() -> fixture.getKill(kill.toString(), 0)
                        .fields()
                        .text("ledger")
                        .equals("settled"));
        await().atMost(PATIENCE).until(() -> client.state().carried().isEmpty());
        assertThat(client.obeys(kill)).isTrue();
    }

    @Test
    void afterRestartWithoutTheStoreInstancesAreUnreachableUntilTheyReturn() throws Exception {
        StreamClient one = fixture.client("shop", "one");
        awaitStates("live");
        String key = fixture.key();
        HeldState held = one.state();
        Path roll = fixture.data().resolve("instances");
        await().atMost(PATIENCE)
                .until(() -> Files.exists(roll)
                        && Files.readString(roll, StandardCharsets.ISO_8859_1).contains("\"one\""));
        fixture.restart(FaultyStore.Mode.REFUSING);
        awaitStates("unreachable");
        KillId kill = id(fixture.kill("checkout"));
        assertThat(receipt(kill.toString()).text("verdict")).isEqualTo("requested");
        StreamClient back = fixture.keep(StreamClient.connect(fixture.uri(), key, "shop", "one", held));
        await().atMost(PATIENCE).until(() -> back.obeys(kill));
        assertThat(fixture.getKill(kill.toString(), WAIT_MS)
                        .fields()
                        .object("receipt")
                        .text("verdict"))
                .isEqualTo("proven");
    }

    @Test
    void receiptSurvivesARestart() {
        StreamClient one = fixture.client("shop", "one");
        awaitStates("live");
        String id = fixture.kill("checkout").fields().text("id");
        assertThat(fixture.getKill(id, WAIT_MS).fields().object("receipt").text("verdict"))
                .isEqualTo("proven");
        one.close();
        fixture.restart(FaultyStore.Mode.WORKING);
        Fields receipt = receipt(id);
        assertThat(receipt.text("verdict")).isEqualTo("proven");
        assertThat(receipt.objects("instances", fields -> fields.text("instance")))
                .containsExactly("one");
    }

    @Test
    void carriedKillIsAdoptedFromAClient() throws Exception {
        StreamClient one = fixture.client("shop", "one");
        awaitStates("live");
        fixture.store().mode(FaultyStore.Mode.REFUSING);
        KillId kill = id(fixture.kill("checkout"));
        await().atMost(PATIENCE).until(() -> one.obeys(kill));
        HeldState held = one.state();
        assertThat(held.carriedIds()).containsExactly(kill);
        fixture.server().close();
        Files.delete(fixture.data().resolve("journal.0"));
        Files.delete(fixture.data().resolve("journal.1"));
        fixture.restart(FaultyStore.Mode.WORKING);
        assertThat(fixture.get("/environments/production/kills").fields().items("items"))
                .isEmpty();
        fixture.keep(StreamClient.connect(fixture.uri(), fixture.key(), "shop", "one", held));
        await().atMost(PATIENCE)
                .until(() -> fixture.getKill(kill.toString(), 0).status() == 200
                        && fixture.getKill(kill.toString(), 0)
                                .fields()
                                .text("ledger")
                                .equals("settled"));
    }

    @Test
    void newerStreamOfOneInstanceWins() {
        StreamClient older = fixture.client("shop", "one");
        awaitStates("live");
        StreamClient newer = fixture.client("shop", "one");
        await().atMost(PATIENCE).until(older::closed);
        assertThat(older.received())
                .anyMatch(frame ->
                        frame instanceof Frame.Refused refused && refused.code().equals(Frame.Refused.SUPERSEDED));
        awaitStates("live");
        assertThat(newer.closed()).isFalse();
    }

    @Test
    void revokedKeyEndsItsStreams() {
        StreamClient client = fixture.client("shop", "one");
        awaitStates("live");
        String token = fixture.get("/tokens").fields().objects("items", fields -> fields).stream()
                .filter(fields -> fields.text("role").equals("sdk"))
                .map(fields -> fields.text("id"))
                .findFirst()
                .orElseThrow();
        assertThat(fixture.delete("/tokens/" + token + "?reason=leaked").status())
                .isLessThan(300);
        await().atMost(PATIENCE).until(client::closed);
        assertThat(client.received())
                .anyMatch(frame ->
                        frame instanceof Frame.Refused refused && refused.code().equals(Frame.Refused.UNAUTHORIZED));
    }

    @Test
    void malformedFramesAndFutureProtocolsAreRefusedWithAWordAndNobodyElseIsTouched() {
        StreamClient bystander = fixture.client("shop", "bystander");
        awaitStates("live");
        for (String message : List.of(
                "not json",
                "{\"type\":\"surprise\"}",
                "{\"type\":\"ack\"}",
                "{\"type\":\"pong\"}",
                "{\"type\":\"hello\",\"protocol\":2,\"sdk\":\"x\",\"service\":\"s\",\"instance\":\"i\"}",
                "[" + "1,".repeat(1_200_000) + "1]")) {
            StreamClient client =
                    fixture.keep(StreamClient.silent(fixture.uri(), fixture.key(), "shop", "odd", HeldState.EMPTY));
            client.sendText(message);
            await().atMost(PATIENCE).until(client::closed);
            assertThat(client.received()).anyMatch(Frame.Refused.class::isInstance);
        }
        assertThat(bystander.closed()).isFalse();
        awaitStates("live");
    }

    @Test
    void divergentDefaultsAreShown() {
        StreamClient client = fixture.client("shop", "one");
        awaitStates("live");
        client.send(new Frame.Report(List.of(), java.util.Map.of("checkout", Json.of(true))));
        await().atMost(PATIENCE)
                .until(() -> instances().stream().anyMatch(instance -> instance.has("divergentDefaults")));
    }

    @Test
    void streamsBeyondTheLimitAreTurnedAway() {
        fixture.close();
        fixture = new ServerFixture(folder)
                .with(config -> config.withStreams(config.streams().withStreams(1)))
                .start();
        fixture.client("shop", "one");
        awaitStates("live");
        StreamClient second =
                fixture.keep(StreamClient.silent(fixture.uri(), fixture.key(), "shop", "two", HeldState.EMPTY));
        await().atMost(PATIENCE).until(second::closed);
        assertThat(second.received())
                .anyMatch(frame -> frame instanceof Frame.Refused refused
                        && refused.code().equals(Frame.Refused.OVERLOADED)
                        && refused.retryAfterMs() > 0);
    }

    @Test
    void repeatedKillIsTheFirstOne() {
        String first = fixture.kill("checkout").fields().text("id");
        ServerFixture.Answer again = fixture.kill("checkout");
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.fields().text("id")).isEqualTo(first);
        assertThat(again.fields().bool("repeated")).isTrue();
    }

    private static KillId id(ServerFixture.Answer answer) {
        return KillId.parse("id", answer.fields().text("id"));
    }

    private Fields receipt(String id) {
        return fixture.getKill(id, 0).fields().object("receipt");
    }

    private List<Fields> instances() {
        return fixture.get("/environments/production/instances").fields().objects("items", fields -> fields);
    }

    private void awaitStates(String... states) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(instances())
                        .extracting(fields -> fields.text("state"))
                        .containsExactlyInAnyOrder(states));
    }
}
