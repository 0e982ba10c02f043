package dev.andon.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.event.Event;
import dev.andon.core.json.Json;
import dev.andon.core.model.Target;
import dev.andon.server.ApiClient.Answer;
import dev.andon.server.ApiFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LogTest {
    private final ApiFixture api = new ApiFixture();

    @BeforeEach
    void write() {
        for (String key : List.of("a", "b")) {
            api.post("/api/v1/flags", "{'flag':{'key':'" + key + "','type':'boolean','owner':'o'},'reason':'new'}");
        }
        for (boolean on : new boolean[] {true, false}) {
            api.put(
                    "/api/v1/environments/production/flags/a",
                    "{'configuration':{'variants':{'on':true,'off':false},'safeVariant':'off','on':" + on
                            + ",'fallThrough':{'variant':'on'}},'reason':'because " + on + "'}",
                    "If-Match",
                    "*",
                    "X-Request-Id",
                    "req-" + on);
        }
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void entriesComeNewestFirstWithBeforeAndAfter() {
        Answer log = api.get("/api/v1/log");
        assertThat(((Json.Array) log.at("items")).items()).hasSize(5);
        assertThat(log.text("items.0.version")).isEqualTo("5");
        assertThat(log.text("items.0.type")).isEqualTo("flag.configure");
        assertThat(log.text("items.0.actor")).isEqualTo("token:admin (a1)");
        assertThat(log.text("items.0.reason")).isEqualTo("because false");
        assertThat(log.text("items.0.correlation")).isEqualTo("req-false");
        assertThat(log.text("items.0.at")).isEqualTo("2026-11-22T12:00:00Z");
        assertThat(log.text("items.0.changes.0.subject")).isEqualTo("production/flag/a");
        assertThat(log.text("items.0.changes.0.before.on")).isEqualTo("true");
        assertThat(log.text("items.0.changes.0.after.on")).isEqualTo("false");
        assertThat(log.text("items.1.changes.0.before.on")).isEqualTo("false");
        assertThat(log.text("items.2.changes.0")).doesNotContain("before");
        assertThat(log.body()).doesNotContain("next").doesNotContain("hash");
        assertThat(api.get("/api/v1/log/5").body()).isEqualTo(log.text("items.0"));
    }

    @Test
    void pagesFollowEachOther() {
        List<String> versions = new ArrayList<>();
        String after = "";
        for (int i = 0; i < 5; i++) {
            Answer page = api.get("/api/v1/log?limit=1" + after);
            versions.add(page.text("items.0.version"));
            assertThat(page.body().contains("\"next\"")).isEqualTo(i < 4);
            after = i < 4 ? "&after=" + page.text("next") : "";
        }
        assertThat(versions).containsExactly("5", "4", "3", "2", "1");
    }

    @Test
    void filtersShowWhatConcernsAFlagOrAnEnvironment() {
        Answer b = api.get("/api/v1/log?flag=b");
        assertThat(((Json.Array) b.at("items")).items()).hasSize(1);
        assertThat(b.text("items.0.changes")).contains("flag/b", "production/flag/b", "staging/flag/b");
        Answer staging = api.get("/api/v1/log?environment=staging&flag=a");
        assertThat(((Json.Array) staging.at("items")).items()).hasSize(1);
        assertThat(staging.text("items.0.others")).isEqualTo("1");
        assertThat(staging.text("items.0.changes")).doesNotContain("production");
    }

    @Test
    void whatWasObservedIsFoundByEnvironmentFlagTargetAndKill() {
        api.plane.append(
                "kill.relapse",
                List.of(new Event.Observed(
                        "relapse",
                        "kill/9f86d081-1",
                        Optional.of("production"),
                        Optional.of(new Target.OwnedBy("o")),
                        new TreeSet<>(List.of("gone")),
                        new Json.Members(Map.of("count", Json.of(3))))));
        for (String filter : List.of(
                "environment=production",
                "flag=gone",
                "flag=a",
                "kill=9f86d081-1",
                "kill=9f86d081-1&environment=production")) {
            Answer log = api.get("/api/v1/log?" + filter);
            assertThat(log.text("items.0.changes.0.subject")).as(filter).isEqualTo("kill/9f86d081-1/relapse");
            assertThat(log.text("items.0.changes.0.after.count")).as(filter).isEqualTo("3");
        }
        for (String filter : List.of("environment=staging", "flag=x", "kill=9f86d081-2", "kill=9f86d081-1&flag=x")) {
            assertThat(api.get("/api/v1/log?" + filter).body()).as(filter).doesNotContain("relapse");
        }
        assertThat(api.get("/api/v1/log?kill=x").status()).isEqualTo(400);
    }

    @Test
    void whatIsNoVersionIsRefused() {
        assertThat(api.get("/api/v1/log/99").status()).isEqualTo(404);
        assertThat(api.get("/api/v1/log/0").status()).isEqualTo(400);
        assertThat(api.get("/api/v1/log/x").text("field")).isEqualTo("version");
        assertThat(api.get("/api/v1/log?after=x").status()).isEqualTo(400);
    }
}
