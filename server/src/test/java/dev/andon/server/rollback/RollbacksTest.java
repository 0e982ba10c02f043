package dev.andon.server.rollback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.image.StandingKill;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.server.ApiClient.Answer;
import dev.andon.server.ApiFixture;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RollbacksTest {
    private static final String PRODUCTION = "/api/v1/environments/production";

    private final ApiFixture api = new ApiFixture();

    @AfterEach
    void close() {
        api.close();
    }

    /** A boolean flag that is on for everyone in the segment or, without one, for everyone. */
    private long save(String flag, String safe, String segment, String prerequisite) {
        return save(flag, safe, segment, prerequisite, true);
    }

    private long save(String flag, String safe, String segment, String prerequisite, boolean on) {
        if (api.get("/api/v1/flags/" + flag).status() == 404) {
            api.post("/api/v1/flags", "{'flag':{'key':'" + flag + "','type':'boolean','owner':'o'},'reason':'r'}");
        }
        String rules =
                segment.isEmpty() ? "" : "'rules':[{'when':{'segment':'" + segment + "'},'serve':{'variant':'on'}}],";
        String requires =
                prerequisite.isEmpty() ? "" : "'prerequisites':[{'flag':'" + prerequisite + "','variants':['on']}],";
        Answer saved = api.put(
                PRODUCTION + "/flags/" + flag,
                "{'configuration':{'variants':{'on':true,'off':false,'other':false},'safeVariant':'" + safe + "','on':"
                        + on + "," + rules + requires + "'fallThrough':{'variant':'on'}},'reason':'r'}",
                "If-Match",
                "*");
        assertThat(saved.status()).as(saved.body()).isEqualTo(200);
        return saved.version();
    }

    private void segment(String key, String value) {
        Answer saved = api.put(
                PRODUCTION + "/segments/" + key,
                "{'segment':{'key':'" + key + "','when':{'attribute':'x','in':['" + value + "']}},'reason':'r'}",
                api.get(PRODUCTION + "/segments/" + key).status() == 200 ? "If-Match" : "If-None-Match",
                "*");
        assertThat(saved.status()).as(saved.body()).isEqualTo(200);
    }

    private Answer rollBack(String flags, long to, boolean withDependencies, String query) {
        return api.post(
                PRODUCTION + "/rollbacks" + query,
                "{'flags':" + flags + ",'to':" + to + ",'withDependencies':" + withDependencies + ",'reason':'bad'}");
    }

    @Test
    void aRollbackIsANewEntryThatNamesItsVersion() {
        long good = save("f", "off", "", "");
        segment("s", "1");
        save("f", "other", "s", "");
        Answer done = rollBack("['f']", good, false, "");
        assertThat(done.status()).as(done.body()).isEqualTo(201);
        assertThat(done.text("flags")).isEqualTo("[\"f\"]");
        assertThat(done.text("changedDependencies")).isEqualTo("[]");
        assertThat(api.get(PRODUCTION + "/flags/f").text("configuration.safeVariant"))
                .isEqualTo("off");
        Answer entry = api.get("/api/v1/log/" + done.version());
        assertThat(entry.text("type")).isEqualTo("rollback");
        assertThat(entry.text("cause")).isEqualTo("version " + good);
        Answer again = rollBack("['f']", good, false, "");
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.text("skipped.0.flag")).isEqualTo("f");
        assertThat(again.text("skipped.0.what")).isEqualTo("nothing");
        assertThat(again.text("version")).isEqualTo(done.text("version"));
    }

    @Test
    void theDryRunNamesWhatChangedSinceAndWhoElseIsAffected() {
        save("base", "off", "", "");
        segment("s", "1");
        long then = save("f", "off", "s", "base");
        save("bystander", "off", "s", "");
        save("base", "other", "", "");
        segment("s", "2");
        save("f", "other", "s", "base");
        Answer rehearsed = rollBack("['f']", then, false, "?dryRun=true");
        assertThat(rehearsed.status()).as(rehearsed.body()).isEqualTo(200);
        assertThat(rehearsed.text("result.changedDependencies"))
                .isEqualTo("[{\"subject\":\"production/flag/base\",\"change\":\"changed\",\"flags\":[\"f\"]},"
                        + "{\"subject\":\"production/segment/s\",\"change\":\"changed\",\"flags\":[\"f\"]}]");
        assertThat(rehearsed.text("result.flags")).isEqualTo("[\"f\"]");
        assertThat(rehearsed.text("result.alsoAffected")).isEqualTo("[]");
        assertThat(rehearsed.text("changes.0.before.safeVariant")).isEqualTo("other");
        Answer whole = rollBack("['f']", then, true, "?dryRun=true");
        assertThat(whole.text("result.flags")).isEqualTo("[\"base\",\"f\"]");
        assertThat(whole.text("result.segments")).isEqualTo("[\"s\"]");
        assertThat(whole.text("result.alsoAffected")).isEqualTo("[\"base\",\"bystander\"]");
        assertThat(api.get(PRODUCTION + "/flags/f").text("configuration.safeVariant"))
                .isEqualTo("other");
    }

    @Test
    void whatIsMissingIsNamedAndComesBackWithDependencies() {
        segment("s", "1");
        long then = save("f", "off", "s", "");
        save("f", "off", "", "");
        api.delete(PRODUCTION + "/segments/s?reason=r");
        Answer refused = rollBack("['f']", then, false, "");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text("value")).contains("segment s");
        assertThat(refused.text("expected")).contains("withDependencies");
        Answer done = rollBack("['f']", then, true, "");
        assertThat(done.status()).as(done.body()).isEqualTo(201);
        assertThat(done.text("segments")).isEqualTo("[\"s\"]");
        assertThat(done.text("changedDependencies.0.change")).isEqualTo("removed");
    }

    @Test
    void severalFlagsGoBackTogether() {
        save("base", "off", "", "");
        long then = save("f", "off", "", "base");
        save("f", "off", "", "");
        save("base", "on", "", "");
        Answer alone = rollBack("['f']", then, false, "");
        assertThat(alone.status()).as("base's safe variant is what f required").isEqualTo(409);
        Answer together = rollBack("['f','base']", then, false, "");
        assertThat(together.status()).as(together.body()).isEqualTo(201);
        assertThat(together.text("flags")).isEqualTo("[\"base\",\"f\"]");
    }

    @Test
    void aSafeVariantUnderAKillStays() {
        long then = save("f", "off", "", "");
        save("f", "other", "", "");
        Kill kill = new Kill(
                new KillId("0123456789abcdef", 1),
                "production",
                new Target.OneFlag("f"),
                new TreeSet<>(List.of("f")),
                Optional.empty(),
                List.of(),
                List.of(),
                "bad",
                "me",
                Origin.HUMAN,
                api.now.get(),
                "n1",
                Optional.empty());
        api.plane.stand(new StandingKill(new SignedKill(kill.toJson().text(), "", kill), kill.flags()));
        Answer done = rollBack("['f']", then, false, "");
        assertThat(done.status())
                .as("all but the safe variant is as it was already")
                .isEqualTo(200);
        assertThat(done.text("skipped"))
                .isEqualTo("[{\"flag\":\"f\",\"what\":\"safe-variant\",\"why\":\"its safe variant stays other, as it is"
                        + " held by kill 0123456789abcdef-1\",\"kills\":[\"0123456789abcdef-1\"]}]");
        save("f", "other", "", "", false);
        done = rollBack("['f']", then, false, "");
        assertThat(done.status()).as(done.body()).isEqualTo(201);
        assertThat(api.get(PRODUCTION + "/flags/f").text("configuration.safeVariant"))
                .isEqualTo("other");
        assertThat(api.get(PRODUCTION + "/flags/f").text("configuration.on")).isEqualTo("true");
    }

    @Test
    void whatNeverWasCantComeBack() {
        long before = save("early", "off", "", "");
        save("f", "off", "", "");
        Answer refused = rollBack("['f']", before, false, "");
        assertThat(refused.status()).isEqualTo(404);
        assertThat(refused.text("value")).isEqualTo("f, which wasn't configured at version " + before);
        assertThat(refused.text("expected"))
                .startsWith("version " + (before + 1) + " of 2026-11-22T12:00:00Z, or later");
        assertThat(rollBack("['f']", 999, false, "").status()).isEqualTo(404);
        assertThat(rollBack("['nope']", before, false, "").status()).isEqualTo(404);
        assertThat(rollBack("[]", before, false, "").status()).isEqualTo(400);
        assertThat(rollBack("['f']", 0, false, "").status()).isEqualTo(400);
    }

    @Test
    void anArchivedFlagComesBackAsItWas() {
        segment("s", "1");
        save("base", "off", "", "");
        long then = save("f", "off", "s", "base");
        save("other", "off", "", "");
        api.delete("/api/v1/flags/f?reason=r");
        api.delete("/api/v1/flags/base?reason=r");
        api.delete(PRODUCTION + "/segments/s?reason=r");
        assertThat(api.get("/api/v1/flags/f").status()).isEqualTo(404);
        Answer reused = api.post("/api/v1/flags", "{'flag':{'key':'f','type':'boolean','owner':'o'},'reason':'r'}");
        assertThat(reused.status()).as("the key stays taken").isEqualTo(409);
        Answer alone = rollBack("['f']", then, false, "");
        assertThat(alone.status()).isEqualTo(409);
        assertThat(alone.text("value")).contains("segment s").contains("flag base");
        Answer done = rollBack("['f']", then, true, "");
        assertThat(done.status()).as(done.body()).isEqualTo(201);
        assertThat(done.text("returnedFlags")).isEqualTo("[\"base\",\"f\"]");
        assertThat(api.get(PRODUCTION + "/flags/f").text("configuration.prerequisites.0.flag"))
                .isEqualTo("base");
        assertThat(api.get("/api/v1/flags/f").text("environments")).doesNotContain("staging");
    }

    @Test
    void withoutTheLedgerThereIsNoPast() {
        long then = save("f", "off", "", "");
        api.plane.cutOff();
        assertThat(rollBack("['f']", then, false, "?dryRun=true").status()).isEqualTo(503);
    }
}
