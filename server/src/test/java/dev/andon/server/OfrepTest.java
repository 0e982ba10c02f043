package dev.andon.server;

import static dev.andon.server.OfrepFixture.ANN;
import static dev.andon.server.OfrepFixture.FLAGS;
import static dev.andon.server.OfrepFixture.etag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.json.Json;
import dev.andon.server.ApiClient.Answer;
import dev.andon.server.node.FaultyStore;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OFREP 0.3: both endpoints, with every status. */
class OfrepTest {
    @TempDir
    private Path folder;

    private OfrepFixture ofrep;

    @BeforeEach
    void start() throws Exception {
        ofrep = new OfrepFixture(folder);
    }

    @AfterEach
    void close() {
        ofrep.close();
    }

    @Test
    void everyTypeIsEvaluatedAndNumbersAreWrittenAsSuch() {
        Map<String, String> values =
                Map.of("bool", "true", "text", "\"new\"", "whole", "7", "number", "1.0", "object", "{\"a\":[1,2.0]}");
        values.forEach((flag, value) -> {
            Answer answer = ofrep.one(flag, ANN);
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body()).contains("\"value\":" + value + ",\"variant\":\"on\",\"reason\":\"STATIC\"");
            assertThat(answer.text("metadata.flagSetId")).isEqualTo("production");
        });
        assertThat(ofrep.all(ANN).body()).contains("\"value\":1.0");
    }

    @Test
    void clientsMayLeaveOutTheBodyAndEndWithASlashAndEncodeTheKey() {
        String key = "Bearer " + ofrep.key;
        assertThat(ofrep.raw("POST", FLAGS + "/bool", new byte[0], "Authorization", key)
                        .statusCode())
                .isEqualTo(200);
        assertThat(ofrep.raw("POST", FLAGS + "/b%6Fol/", new byte[0], "Authorization", key)
                        .statusCode())
                .isEqualTo(200);
        assertThat(ofrep.raw("POST", FLAGS + "/?utm=1", new byte[0], "X-API-Key", ofrep.key)
                        .statusCode())
                .isEqualTo(200);
        assertThat(ofrep.raw("POST", "/api/v1/flags/", new byte[0], "Authorization", key)
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void anAddressThatCantBeReadIsRefusedInTheProtocolsWords() throws Exception {
        try (RawSocket socket = new RawSocket(ofrep.server.server().port())) {
            socket.send(("POST " + FLAGS + "/%zz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            assertThat(socket.head()).startsWith("HTTP/1.1 400 ").doesNotContain("problem+json");
        }
    }

    @Test
    void whatCannotBeEvaluatedGetsTheProtocolsErrorAndABody() {
        assertError(ofrep.one("none", ANN), 404, "FLAG_NOT_FOUND");
        assertError(ofrep.one("split", "{}"), 400, "TARGETING_KEY_MISSING");
        for (String body : List.of("{", "[]", "7", "'x'", "{'context':{}} x")) {
            assertError(ofrep.one("bool", body), 400, "PARSE_ERROR");
            assertError(ofrep.all(body), 400, "PARSE_ERROR");
        }
        for (String context : List.of("7", "[]", "'x'", "{'targetingKey':7}", "{'targetingKey':{}}")) {
            assertError(ofrep.one("bool", "{'context':" + context + "}"), 400, "INVALID_CONTEXT");
            assertError(ofrep.all("{'context':" + context + "}"), 400, "INVALID_CONTEXT");
        }
        assertError(ofrep.one("bool", "{'context':{'x':'" + "y".repeat(70_000) + "'}}"), 413, "GENERAL");
        assertError(ofrep.allOf("wrong", ANN), 401, "GENERAL");
        String viewer = ofrep.api
                .post("/api/v1/tokens", "{'name':'v','role':'viewer','reason':'r'}")
                .text("secret");
        assertError(ofrep.allOf(viewer, ANN), 403, "GENERAL");
        byte[] halves = {'{', '"', (byte) 0xff, '"', ':', '1', '}'};
        HttpResponse<String> bytes = ofrep.raw("POST", FLAGS, halves, "Authorization", "Bearer " + ofrep.key);
        assertThat(bytes.statusCode()).isEqualTo(400);
        assertThat(bytes.body()).contains("PARSE_ERROR");
    }

    private static void assertError(Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.text("errorCode")).isEqualTo(code);
        assertThat(answer.text("errorDetails")).isNotBlank();
    }

    @Test
    void aClientKeyMayEvaluateAndNothingElse() {
        for (String path : List.of("/api/v1/flags", "/api/v1/tokens", "/stream/v1", "/metrics")) {
            assertThat(ofrep.api
                            .callWithout("GET", path, null, "Authorization", "Bearer " + ofrep.key)
                            .status())
                    .as(path)
                    .isEqualTo(403);
        }
        assertThat(ofrep.allOf(ofrep.server.key(), ANN).status())
                .as("an SDK key")
                .isEqualTo(200);
    }

    @Test
    void aMissingTargetingKeyFailsTheFlagsThatNeedItAndNoOther() {
        Answer answer = ofrep.all("{}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("flags.0.key")).isEqualTo("bool");
        assertThat(answer.text("flags.0.value")).isEqualTo("true");
        assertThat(answer.text("flags.3.key")).isEqualTo("split");
        assertThat(answer.text("flags.3.errorCode")).isEqualTo("TARGETING_KEY_MISSING");
    }

    @Test
    void anEtagIsOfOneStateAndContextAndKey() {
        String etag = etag(ofrep.all(ANN));
        Answer same = ofrep.all(ANN, "If-None-Match", etag);
        assertThat(same.status()).isEqualTo(304);
        assertThat(etag(same)).isEqualTo(etag);
        assertThat(ofrep.all(ANN, "If-None-Match", "\"x\", W/" + etag).status()).isEqualTo(304);
        String bob = "{'context':{'targetingKey':'bob'}}";
        assertThat(ofrep.all(bob, "If-None-Match", etag).status()).isEqualTo(200);
        String vip = "{'context':{'targetingKey':'ann','plan':'vip'}}";
        assertThat(ofrep.all(vip, "If-None-Match", etag).status()).isEqualTo(200);
        assertThat(ofrep.allOf(ofrep.issue("other", "client"), ANN, "If-None-Match", etag)
                        .status())
                .isEqualTo(200);
        assertThat(ofrep.all(ANN, "If-None-Match", etag).status())
                .as("another token changes nothing")
                .isEqualTo(304);
        String kill = ofrep.kill("{'flag':'bool'}");
        Answer killed = ofrep.all(ANN, "If-None-Match", etag);
        assertThat(killed.status()).isEqualTo(200);
        assertThat(killed.text("flags.0.value")).isEqualTo("false");
        ofrep.restore(kill);
        assertThat(ofrep.all(ANN, "If-None-Match", etag(killed)).text("flags.0.value"))
                .isEqualTo("true");
    }

    @Test
    void anEtagOutlivesARestart() {
        String etag = etag(ofrep.all(ANN));
        int port = ofrep.server.server().port();
        ofrep.server.with(config -> config.withAddress("127.0.0.1", port));
        ofrep.server.restart(FaultyStore.Mode.WORKING);
        assertThat(ofrep.all(ANN, "If-None-Match", etag).status()).isEqualTo(304);
    }

    @Test
    void killsOfEveryTargetAreObeyed() {
        for (String target : List.of(
                "{'flag':'bool'}", "{'tag':'checkout'}", "{'owner':'shop'}", "{'kind':'ops'}", "{'everything':true}")) {
            String kill = ofrep.kill(target);
            Answer killed = ofrep.one("bool", ANN);
            assertThat(killed.text("value")).as(target).isEqualTo("false");
            assertThat(killed.text("variant")).isEqualTo("off");
            assertThat(killed.text("reason")).isEqualTo("DISABLED");
            assertThat(killed.text("metadata.killId")).isEqualTo(kill);
            assertThat(ofrep.all(ANN).text("flags.0.value")).isEqualTo("false");
            ofrep.restore(kill);
            assertThat(ofrep.one("bool", ANN).text("value")).isEqualTo("true");
        }
    }

    @Test
    void aKillForServicesAndRegionsStopsClientsThatMayBeThere() {
        ofrep.kill("{'flag':'bool'},'services':['shop'],'regions':['eu']");
        assertThat(ofrep.one("bool", ANN).text("value")).isEqualTo("false");
    }

    @Test
    void aKillWithAnAudienceStopsThatAudience() {
        ofrep.kill("{'flag':'bool'},'audience':{'attribute':'plan','in':['vip']}");
        assertThat(ofrep.one("bool", ANN).text("value")).isEqualTo("true");
        assertThat(ofrep.one("bool", "{'context':{'targetingKey':'ann','plan':'vip'}}")
                        .text("value"))
                .isEqualTo("false");
    }

    @Test
    void aKillStopsWhatRequiresTheFlag() {
        ofrep.flag(
                "dependent",
                "boolean",
                "{'on':true,'off':false}",
                "{'variant':'on'}",
                ",'prerequisites':[{'flag':'bool','variants':['on']}]");
        assertThat(ofrep.one("dependent", ANN).text("value")).isEqualTo("true");
        ofrep.kill("{'flag':'bool'}");
        assertThat(ofrep.one("dependent", ANN).text("value")).isEqualTo("false");
        assertThat(ofrep.one("dependent", ANN).text("metadata.andonReason")).isEqualTo("PREREQUISITE");
    }

    @Test
    void withoutItsStoreTheServerEvaluatesAndKillsAndDoesNotTurnKeysAway() {
        ofrep.server.store().mode(FaultyStore.Mode.REFUSING);
        ofrep.api.post("/api/v1/environments/production/kills", "{'target':{'flag':'bool'},'reason':'it misbehaves'}");
        // An idle node asks nothing of its store; settling the kill makes it ask.
        await().until(() -> !ofrep.server.server().controlPlane().store().writable());
        assertThat(ofrep.one("bool", ANN).text("value")).isEqualTo("false");
        Answer unknown = ofrep.allOf("and_client_from_elsewhere", ANN);
        assertError(unknown, 503, "GENERAL");
        assertThat(unknown.response().headers().firstValue("Retry-After")).contains("1");
        assertThat(ofrep.raw("POST", FLAGS, new byte[0]).statusCode())
                .as("no key at all")
                .isEqualTo(401);
    }

    @Test
    void aThousandFlagsComeFromOneState() {
        StringBuilder flags = new StringBuilder();
        for (int i = 0; i < 1_000; i++) {
            flags.append(i == 0 ? "" : ",")
                    .append("'many-")
                    .append(i)
                    .append("':{'state':'ENABLED','variants':{'on':true,'off':false},'defaultVariant':'on'}");
        }
        Answer imported = ofrep.api.post(
                "/api/v1/environments/production/imports",
                "{'format':'flagd','owner':'o','reason':'r','document':{'flags':{" + flags + "}}}");
        assertThat(imported.status()).as(imported.body()).isLessThan(300);
        Answer all = ofrep.all(ANN);
        assertThat(all.status()).isEqualTo(200);
        List<Json> evaluated = ((Json.Array) all.at("flags")).items();
        assertThat(evaluated).hasSize(1_006);
        List<String> keys = new ArrayList<>();
        evaluated.forEach(
                flag -> keys.add(((Json.Members) flag).members().get("key").text()));
        assertThat(keys).isSorted();
    }

    @Test
    void aKeyThatAsksTooOftenIsToldWhenToComeBackAndOthersAreNot() throws Exception {
        try (OfrepFixture slow = new OfrepFixture(folder.resolve("slow"), limits -> limits.withRate(1))) {
            assertThat(slow.one("bool", ANN).status()).isEqualTo(200);
            Answer refused = await().until(() -> slow.all(ANN), answer -> answer.status() != 200);
            assertError(refused, 429, "GENERAL");
            assertThat(refused.response().headers().firstValue("Retry-After")).contains("1");
            assertThat(slow.allOf(slow.server.key(), ANN).status()).isEqualTo(200);
        }
    }

    @Test
    void browsersAreLetInFromTheConfiguredOriginsAlone() throws Exception {
        assertThat(preflight(ofrep, "https://shop.example").headers().map())
                .doesNotContainKey("access-control-allow-origin");
        try (OfrepFixture open = new OfrepFixture(
                folder.resolve("open"), limits -> limits.withOrigins(List.of("https://shop.example")))) {
            HttpResponse<String> preflight = preflight(open, "https://shop.example");
            assertThat(preflight.statusCode()).isEqualTo(204);
            assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin"))
                    .contains("https://shop.example");
            assertThat(preflight
                            .headers()
                            .firstValue("Access-Control-Allow-Headers")
                            .orElseThrow())
                    .contains("Authorization", "Content-Type", "If-None-Match");
            assertThat(preflight(open, "https://evil.example").headers().map())
                    .doesNotContainKey("access-control-allow-origin")
                    .containsKey("vary");
            HttpResponse<String> refused =
                    open.raw("POST", FLAGS, ANN.getBytes(StandardCharsets.UTF_8), "Origin", "https://shop.example");
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.headers().firstValue("Access-Control-Allow-Origin"))
                    .isPresent();
            HttpResponse<String> answer = open.raw(
                    "POST",
                    FLAGS,
                    new byte[0],
                    "Origin",
                    "https://shop.example",
                    "Authorization",
                    "Bearer " + open.key);
            assertThat(answer.headers()
                            .firstValue("Access-Control-Expose-Headers")
                            .orElseThrow())
                    .contains("ETag");
            assertThat(open.raw("GET", "/api/v1/flags", new byte[0], "Origin", "https://shop.example")
                            .headers()
                            .map())
                    .doesNotContainKey("access-control-allow-origin");
        }
    }

    private static HttpResponse<String> preflight(OfrepFixture at, String origin) {
        return at.raw("OPTIONS", FLAGS, new byte[0], "Origin", origin, "Access-Control-Request-Method", "POST");
    }
}
