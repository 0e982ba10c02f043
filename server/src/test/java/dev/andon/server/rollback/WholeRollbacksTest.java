package dev.andon.server.rollback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.event.Event;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.ValueType;
import dev.andon.server.ApiClient.Answer;
import dev.andon.server.ApiFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whole environments, segments and times over the API, and every refusal. */
final class WholeRollbacksTest {
    private static final String PRODUCTION = "/api/v1/environments/production";

    private final ApiFixture api = new ApiFixture();

    @AfterEach
    void close() {
        api.close();
    }

    private long create(String flag) {
        return done(
                api.post("/api/v1/flags", "{'flag':{'key':'" + flag + "','type':'boolean','owner':'o'},'reason':'r'}"));
    }

    private long configure(String flag, boolean on, String segment) {
        String rules =
                segment.isEmpty() ? "" : "'rules':[{'when':{'segment':'" + segment + "'},'serve':{'variant':'on'}}],";
        return done(api.put(
                PRODUCTION + "/flags/" + flag,
                "{'configuration':{'variants':{'on':true,'off':false},'safeVariant':'off','on':" + on + "," + rules
                        + "'fallThrough':{'variant':'off'}},'reason':'r'}",
                "If-Match",
                "*"));
    }

    private long segment(String key, String value) {
        return done(api.put(
                PRODUCTION + "/segments/" + key,
                "{'segment':{'key':'" + key + "','when':{'attribute':'x','in':['" + value + "']}},'reason':'r'}",
                api.get(PRODUCTION + "/segments/" + key).status() == 200 ? "If-Match" : "If-None-Match",
                "*"));
    }

    private long done(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isLessThan(300);
        api.now.set(api.now.get().plusSeconds(60));
        return answer.version();
    }

    private Answer rollBack(String what, String to, String query) {
        return api.post(
                PRODUCTION + "/rollbacks" + query, "{" + what + ",'to':" + to + ",'reason':'back to the good day'}");
    }

    private void assertRefused(String what, String to, int status, String detail, String next) {
        long version = api.plane.image().provenance().version();
        for (String query : List.of("", "?dryRun=true")) {
            Answer refused = rollBack(what, to, query);
            assertThat(refused.status()).as(refused.body()).isEqualTo(status);
            assertThat(refused.text("detail")).isEqualTo(detail);
            if (!next.isEmpty()) {
                assertThat(refused.text("next")).isEqualTo(next);
            }
        }
        assertThat(api.plane.image().provenance().version()).isEqualTo(version);
    }

    @Test
    void theWholeEnvironmentGoesBackInOneEntry() {
        create("f");
        create("gone");
        segment("s", "1");
        segment("unused", "1");
        configure("gone", true, "");
        long then = configure("f", true, "s");
        String thenTime = api.get("/api/v1/moments/" + then).text("at");
        configure("f", false, "");
        done(api.delete("/api/v1/flags/gone?reason=r"));
        done(api.delete(PRODUCTION + "/segments/unused?reason=r"));
        segment("s", "2");
        segment("late", "1");
        create("new");
        long before = configure("new", true, "late");

        Answer rehearsed = rollBack("'whole':true", "" + then, "?dryRun=true");
        assertThat(rehearsed.status()).as(rehearsed.body()).isEqualTo(200);
        assertThat(rehearsed.text("changes"))
                .contains("production/flag/f", "production/flag/new", "flag/gone", "production/segment/late");
        assertThat(api.plane.image().provenance().version()).isEqualTo(before);

        Answer done = rollBack("'whole':true,'ifUnchangedSince':" + rehearsed.version(), "'" + thenTime + "'", "");
        assertThat(done.status()).as(done.body()).isEqualTo(201);
        assertThat(done.version()).isEqualTo(before + 1);
        assertThat(done.text("to")).isEqualTo("" + then);
        assertThat(done.text("toTime")).isEqualTo(thenTime);
        assertThat(done.text("flags")).isEqualTo("[\"f\",\"gone\"]");
        assertThat(done.text("removedFlags")).isEqualTo("[\"new\"]");
        assertThat(done.text("returnedFlags")).isEqualTo("[\"gone\"]");
        assertThat(done.text("segments")).isEqualTo("[\"s\",\"unused\"]");
        assertThat(done.text("removedSegments")).isEqualTo("[\"late\"]");
        assertThat(done.text("skipped")).isEqualTo("[]");
        assertThat(api.get("/api/v1/log/" + done.version()).text("cause"))
                .isEqualTo("version " + then + ", the whole environment");
        assertThat(api.get(PRODUCTION + "/flags/new").status()).isEqualTo(404);
        assertThat(api.get("/api/v1/flags/new").text("environments"))
                .as("elsewhere it stays")
                .contains("staging")
                .doesNotContain("production");
        Answer diff = api.get(PRODUCTION + "/diff?from=" + then + "&to=" + done.version());
        assertThat(diff.text("changes")).isEqualTo("[]");

        Answer back = rollBack("'whole':true", "" + before, "");
        assertThat(back.status()).as("a rollback can be undone").isEqualTo(201);
        assertThat(api.get(PRODUCTION + "/diff?from=" + before).text("changes")).isEqualTo("[]");
    }

    @Test
    void aSegmentGoesBackAlone() {
        segment("inner", "1");
        long then = done(api.put(
                PRODUCTION + "/segments/s",
                "{'segment':{'key':'s','when':{'segment':'inner'}},'reason':'r'}",
                "If-None-Match",
                "*"));
        create("f");
        configure("f", true, "s");
        segment("s", "2");
        done(api.delete(PRODUCTION + "/segments/inner?reason=r"));
        assertRefused(
                "'segments':['s']",
                "" + then,
                409,
                "segments: s at version " + then + " need what is missing now: segment inner (expected: all that they"
                        + " read; roll back with dependencies (withDependencies: true))",
                "");
        Answer done = rollBack("'segments':['s'],'withDependencies':true", "" + then, "");
        assertThat(done.status()).as(done.body()).isEqualTo(201);
        assertThat(done.text("segments")).isEqualTo("[\"inner\",\"s\"]");
        assertThat(done.text("alsoAffected")).isEqualTo("[\"f\"]");
        assertRefused(
                "'segments':['s']",
                "" + (then - 1),
                404,
                "segments: s, which wasn't there at version " + (then - 1) + " (expected: version " + then + " of "
                        + api.get("/api/v1/moments/" + then).text("at") + ", or later)",
                "");
        assertThat(rollBack("'segments':['z']", "" + then, "").text("detail")).startsWith("segments: z (expected:");
    }

    @Test
    void whatIsNotThereIsRefusedWithTheNearestThatIs() {
        long newest = create("f");
        String newestIs = "The newest is version " + newest + ", of 2026-11-22T12:00:00Z.";
        assertRefused(
                "'whole':true",
                "" + (newest + 1),
                404,
                "to: " + (newest + 1) + " (expected: a version from 1 to " + newest + ")",
                newestIs);
        assertRefused(
                "'flags':['f']",
                "'2026-11-22T12:01:00.001Z'",
                400,
                "to: 2026-11-22T12:01:00.001Z, which is in the future (expected: a time up to now,"
                        + " 2026-11-22T12:01:00Z)",
                newestIs);
        assertRefused(
                "'whole':true",
                "'2026-11-22T11:59:59+00:00'",
                404,
                "to: 2026-11-22T11:59:59+00:00, before the ledger begins (expected: a time from 2026-11-22T12:00:00Z"
                        + " on)",
                "The nearest is version 1, of 2026-11-22T12:00:00Z.");
        for (String wrong : List.of("0", "-1", "1.5", "'41'", "'yesterday'", "'2026-11-22'", "true", "null")) {
            Answer refused = rollBack("'whole':true", wrong, "");
            assertThat(refused.status()).as(wrong).isEqualTo(400);
            assertThat(refused.text("expected"))
                    .isEqualTo("a version such as 41, or a time such as 2026-11-22T14:03:00Z");
        }
    }

    @Test
    void anEnvironmentHasNoStateBeforeItsBeginning() {
        long created = done(api.post("/api/v1/environments", "{'key':'canary','reason':'r'}"));
        Answer refused = api.post(
                "/api/v1/environments/canary/rollbacks", "{'whole':true,'to':" + (created - 1) + ",'reason':'r'}");
        assertThat(refused.status()).isEqualTo(404);
        assertThat(refused.text("detail"))
                .isEqualTo("to: version " + (created - 1) + ", when there was no environment canary (expected: version "
                        + created + " of 2026-11-22T12:00:00Z, or later)");
        assertThat(api.post("/api/v1/environments/canry/rollbacks", "{'whole':true,'to':1,'reason':'r'}")
                        .text("next"))
                .isEqualTo("Did you mean canary?");
    }

    @Test
    void theWholeEnvironmentIsNeverMeantByMistake() {
        create("f");
        assertThat(rollBack("'flags':[]", "1", "").text("detail"))
                .isEqualTo("flags: 0 flags and segments (expected: 1 to 1000 of them, or whole: true for the whole"
                        + " environment)");
        assertThat(rollBack("'whole':false", "1", "").status()).isEqualTo(400);
        assertThat(rollBack("'whole':true,'flags':['f']", "1", "").text("value"))
                .isEqualTo("true beside flags or segments");
        assertThat(rollBack("'whole':true,'withDependencies':true", "1", "").status())
                .isEqualTo(400);
    }

    @Test
    void aChangeAfterTheDryRunIsNotUndoneUnseen() {
        long then = create("f");
        long seen = configure("f", true, "");
        long unseen = configure("f", false, "");
        Answer refused = rollBack("'whole':true,'ifUnchangedSince':" + seen, "" + then, "");
        assertThat(refused.status()).isEqualTo(412);
        assertThat(refused.text("detail"))
                .isEqualTo("ifUnchangedSince: " + seen + ", but production changed in version " + unseen
                        + " (expected: no change since; look at what the rollback would do now)");
        assertThat(rollBack("'whole':true,'ifUnchangedSince':" + unseen, "" + then, "")
                        .status())
                .isEqualTo(201);
    }

    @Test
    void whatDoesNotFitIntoOneEntryIsRefusedBeforeAnythingIsWritten() {
        long then = api.plane.image().provenance().version();
        for (int part = 0; part < 2; part++) {
            List<Event> events = new ArrayList<>();
            for (int i = 0; i < 4_000; i++) {
                String key = "a-flag-with-a-long-name-as-teams-like-them-" + part + "-" + i;
                events.add(new Event.FlagSaved(new Flag(
                        key,
                        FlagKind.RELEASE,
                        ValueType.STRING,
                        "o",
                        "",
                        new TreeSet<>(),
                        OptionalInt.empty(),
                        false)));
                events.add(new Event.ConfigurationSaved("production", key, RandomRules.plain("x".repeat(100))));
            }
            api.plane.append("import", events);
        }
        long full = api.plane.image().provenance().version();
        List<Event> archived = new ArrayList<>();
        api.plane
                .image()
                .flags()
                .values()
                .forEach(flag -> archived.add(new Event.FlagSaved(flag.value().archive())));
        api.plane.append("archive", archived);
        assertThat(rollBack("'whole':true", "" + then, "").status())
                .as("it is so already")
                .isEqualTo(200);
        Answer refused = rollBack("'whole':true", "" + full, "?dryRun=true");
        assertThat(refused.status()).as(refused.body().substring(0, 200)).isEqualTo(409);
        assertThat(refused.text("detail"))
                .startsWith("to: version " + full + ", from which 8000 flags and segments differ by now, ")
                .endsWith(" (expected: at most 4096 KiB in one entry; roll back in parts, by the flags' names)");
        assertThat(rollBack("'whole':true", "" + full, "").status()).isEqualTo(409);
    }
}
