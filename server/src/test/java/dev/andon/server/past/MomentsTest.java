package dev.andon.server.past;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.server.ApiClient.Answer;
import dev.andon.server.ApiFixture;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MomentsTest {
    private static final String PRODUCTION = "/api/v1/environments/production";

    private final ApiFixture api = new ApiFixture();

    @AfterEach
    void close() {
        api.close();
    }

    private long done(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isLessThan(300);
        return answer.version();
    }

    private void at(String time) {
        api.now.set(Instant.parse(time));
    }

    private long create(String flag) {
        return done(
                api.post("/api/v1/flags", "{'flag':{'key':'" + flag + "','type':'boolean','owner':'o'},'reason':'r'}"));
    }

    private long switchOn(String flag) {
        return done(api.put(
                PRODUCTION + "/flags/" + flag,
                "{'configuration':{'variants':{'on':true,'off':false},'safeVariant':'off','on':true,"
                        + "'fallThrough':{'variant':'on'}},'reason':'r'}",
                "If-Match",
                "*"));
    }

    private long segment(String key) {
        return done(api.put(
                PRODUCTION + "/segments/" + key,
                "{'segment':{'key':'" + key + "','when':{'attribute':'x','exists':true}},'reason':'r'}",
                "If-None-Match",
                "*"));
    }

    @Test
    void aTimeIsShownWithTheEntryItStandsForAndTheNextOne() {
        at("2026-11-22T14:02:51Z");
        long first = create("f");
        at("2026-11-22T14:03:07Z");
        long second = create("g");
        at("2026-11-22T15:00:00Z");
        String both = "{\"version\":" + first + ",\"at\":\"2026-11-22T14:02:51Z\",\"next\":{\"version\":" + second
                + ",\"at\":\"2026-11-22T14:03:07Z\"}}";
        assertThat(api.get("/api/v1/moments/2026-11-22T14:03:00Z").body()).isEqualTo(both);
        assertThat(api.get("/api/v1/moments/2026-11-22T15:03:00%2B01:00").body())
                .isEqualTo(both);
        assertThat(api.get("/api/v1/moments/" + first).body()).isEqualTo(both);
        assertThat(api.get("/api/v1/moments/" + second).body())
                .isEqualTo("{\"version\":" + second + ",\"at\":\"2026-11-22T14:03:07Z\"}");
    }

    @Test
    void whatNeverWasIsRefused() {
        long newest = create("f");
        assertThat(api.get("/api/v1/moments/999").status()).isEqualTo(404);
        assertThat(api.get("/api/v1/moments/999").text("next"))
                .isEqualTo("The newest is version " + newest + ", of 2026-11-22T12:00:00Z.");
        assertThat(api.get("/api/v1/moments/2027-01-01T00:00:00Z").status()).isEqualTo(400);
        assertThat(api.get("/api/v1/moments/2020-01-01T00:00:00Z").status()).isEqualTo(404);
        assertThat(api.get("/api/v1/moments/tomorrow").text("expected"))
                .isEqualTo("a version such as 41, or a time such as 2026-11-22T14:03:00Z");
        assertThat(api.get("/api/v1/flags?at=999").text("expected")).isEqualTo("a version from 1 to " + newest);
        assertThat(api.get("/api/v1/flags?at=0").status()).isEqualTo(400);
        assertThat(api.get(PRODUCTION + "/diff").text("field")).isEqualTo("query.from");
        assertThat(api.get(PRODUCTION + "/diff?from=999").text("field")).isEqualTo("query.from");
        assertThat(api.get(PRODUCTION + "/diff?from=1&to=x").text("field")).isEqualTo("query.to");
        assertThat(api.get("/api/v1/environments/prod/diff?from=1").status()).isEqualTo(404);
    }

    @Test
    void flagsAndSegmentsAreReadAsTheyWere() {
        segment("s");
        long off = create("f");
        long on = switchOn("f");
        done(api.delete("/api/v1/flags/f?reason=r"));
        long gone = done(api.delete(PRODUCTION + "/segments/s?reason=r"));
        assertThat(api.get(PRODUCTION + "/flags/f?at=" + off).text("configuration.on"))
                .isEqualTo("false");
        assertThat(api.get(PRODUCTION + "/flags/f?at=" + on).text("configuration.on"))
                .isEqualTo("true");
        assertThat(api.get("/api/v1/flags/f?at=" + on).text("environments.staging.version"))
                .isEqualTo("" + off);
        assertThat(api.get("/api/v1/flags?at=" + on).text("items.0.key")).isEqualTo("f");
        assertThat(api.get(PRODUCTION + "/flags?at=" + on).text("items.0.key")).isEqualTo("f");
        assertThat(api.get(PRODUCTION + "/segments?at=" + on).text("items.0.key"))
                .isEqualTo("s");
        assertThat(api.get(PRODUCTION + "/segments/s?at=" + on).text("key")).isEqualTo("s");
        assertThat(api.get("/api/v1/flags?at=" + gone).text("items")).isEqualTo("[]");
        assertThat(api.get("/api/v1/flags/f").status())
                .as("archived history stays readable, but isn't the present")
                .isEqualTo(404);
        api.plane.cutOff();
        assertThat(api.get("/api/v1/flags?at=" + on).status()).isEqualTo(503);
        assertThat(api.get("/api/v1/flags").status()).isEqualTo(200);
    }

    @Test
    void aDifferenceNamesWhatCameWentAndChanged() {
        long before = create("f");
        create("g");
        segment("s");
        long after = switchOn("f");
        done(api.delete("/api/v1/flags/g?reason=r"));
        Answer diff = api.get(PRODUCTION + "/diff?from=" + before + "&to=" + after);
        assertThat(diff.text("changes.0.subject")).isEqualTo("flag/g");
        assertThat(diff.text("changes.1.subject")).isEqualTo("production/flag/f");
        assertThat(diff.text("changes.1.before.on")).isEqualTo("false");
        assertThat(diff.text("changes.1.after.on")).isEqualTo("true");
        assertThat(diff.text("changes.2.subject")).isEqualTo("production/flag/g");
        assertThat(diff.text("changes.2")).doesNotContain("before");
        assertThat(diff.text("changes.3.subject")).isEqualTo("production/segment/s");
        assertThat(api.get(PRODUCTION + "/diff?from=" + after + "&to=" + before).text("changes.3"))
                .as("the other way round")
                .doesNotContain("after");
        assertThat(api.get(PRODUCTION + "/diff?from=" + before + "&flag=f").json())
                .isEqualTo(api.get(PRODUCTION + "/diff?from=" + before + "&to=" + (after + 1) + "&flag=f")
                        .json());
        assertThat(api.get(PRODUCTION + "/diff?from=" + before).text("changes"))
                .as("what came and went isn't different")
                .doesNotContain("/g");
    }
}
