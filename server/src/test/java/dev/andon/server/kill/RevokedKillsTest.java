package dev.andon.server.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.json.Json;
import dev.andon.server.ApiClient;
import dev.andon.server.ApiClient.Answer;
import dev.andon.server.ServerFixture;
import dev.andon.server.node.FaultyStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kill whose token was revoked holds, is marked, and raises one alarm in the ledger. */
class RevokedKillsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String KILLS = "/api/v1/environments/production/kills";

    @TempDir
    Path folder;

    @Test
    void itStandsMarkedWithOneAlarmAlsoAfterARestart() throws Exception {
        try (ServerFixture fixture = new ServerFixture(folder).start()) {
            fixture.createFlag("checkout");
            fixture.createFlag("search");
            String kill;
            try (ApiClient api = admin(fixture)) {
                Answer token = api.post("/api/v1/tokens", "{'name':'night (x)','role':'operator','reason':'r'}");
                kill = api.post(
                                KILLS,
                                "{'target':{'flag':'checkout'},'reason':'bad'}",
                                "Authorization",
                                "Bearer " + token.text("secret"))
                        .text("id");
                String other = api.post(KILLS, "{'target':{'flag':'search'},'reason':'bad'}")
                        .text("id");
                assertThat(api.get("/api/v1/kills/" + kill).body()).doesNotContain("tokenRevokedAt");
                assertThat(alarms(api, kill)).isZero();
                api.delete("/api/v1/tokens/" + token.text("token.id") + "?reason=left");
                await().atMost(PATIENCE).until(() -> alarms(api, kill) == 1);
                Answer shown = api.get("/api/v1/kills/" + kill);
                assertThat(shown.text("standing")).isEqualTo("true");
                assertThat(shown.text("tokenRevokedAt")).startsWith("20");
                assertThat(api.get("/api/v1/kills/" + other).body()).doesNotContain("tokenRevokedAt");
            }
            fixture.restart(FaultyStore.Mode.WORKING);
            try (ApiClient api = admin(fixture)) {
                // The recorder writes in order: what a later revocation raises comes after what the restart might
                // repeat.
                Answer token = api.post("/api/v1/tokens", "{'name':'day','role':'operator','reason':'r'}");
                fixture.createFlag("cart");
                String later = api.post(
                                KILLS,
                                "{'target':{'flag':'cart'},'reason':'bad'}",
                                "Authorization",
                                "Bearer " + token.text("secret"))
                        .text("id");
                api.delete("/api/v1/tokens/" + token.text("token.id") + "?reason=left");
                await().atMost(PATIENCE).until(() -> alarms(api, later) == 1);
                assertThat(alarms(api, kill)).isEqualTo(1);
            }
        }
    }

    private static long alarms(ApiClient api, String kill) {
        return ((Json.Array) api.get("/api/v1/log?kill=" + kill).at("items"))
                .items().stream()
                        .filter(item -> item.text().contains("kill.token-revoked"))
                        .count();
    }

    private static ApiClient admin(ServerFixture fixture) throws Exception {
        return new ApiClient(
                fixture.uri(),
                Files.readString(fixture.server().adminTokenFile()).strip());
    }
}
