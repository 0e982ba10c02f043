package dev.andon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangeCommandsTest {
    private static final String FLAG = "/environments/production/flags/new-checkout";

    @TempDir
    Path directory;

    private FakeApi api;
    private Run.Place place;

    @BeforeEach
    void open() throws IOException {
        api = new FakeApi();
        place = api.place().in(directory);
        api.on("GET " + FLAG, 200, "\"41\"", """
            {'flag':{'key':'new-checkout','type':'boolean'},'version':41,'configuration':{'variants':{'on':true,'off':false},'safeVariant':'off','on':false,
             'fallThrough':{'variant':'on'}}}\
            """);
        api.on("PUT " + FLAG, 200, "\"42\"", """
            {'version':42,'changes':[{'subject':'production/flag/new-checkout','before':{'on':false},'after':{'on':true}}]}\
            """);
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void settingChangesWhatWasSaidAndKeepsTheRest() {
        Run run = place.andon(
                "flag", "set", "new-checkout", "-e", "production", "--on", "--split", "on=20,off=80", "-r", "20 %");
        assertThat(run.exitCode()).isZero();
        assertThat(api.last().json().text())
                .isEqualTo("{\"reason\":\"20 %\",\"configuration\":{\"variants\":{\"on\":true,\"off\":false},"
                               + "\"safeVariant\":\"off\",\"on\":true,\"fallThrough\":{\"split\":[{\"variant\":\"on\",\"weight\":20},"
                               + "{\"variant\":\"off\",\"weight\":80}]}}}");
        assertThat(api.last().header("If-Match")).contains("\"41\"");
        assertThat(run.out()).isEqualTo("""
            CHANGED  new-checkout, version 42
              production/flag/new-checkout
                on: false → true
            """);
    }

    @Test
    void aFlagThatIsntBooleanNeedsItsVariantsSaid() {
        String[] begun = {"flag", "create", "size", "--owner", "shop", "-r", "x", "--type", "integer"};
        assertThat(andon(begun, "--safe", "small").err()).contains("--variant: nothing (expected: at least one");
        assertThat(andon(begun, "--variant", "small=10").err())
                .contains("--safe: nothing (expected: the variant that a kill serves)");
        assertThat(andon(begun, "--variant", "small=10", "--safe", "small").err())
                .contains("--serve: nothing (expected: the variant for everyone");
        assertThat(api.asked()).isEmpty();
    }

    private Run andon(String[] begun, String... more) {
        Run run = place.andon(Stream.of(begun, more).flatMap(Stream::of).toArray(String[]::new));
        assertThat(run.exitCode()).isEqualTo(2);
        return run;
    }

    @Test
    void aVersionThatWasSeenIsWhatIsReplaced() {
        place.andon("flag", "set", "new-checkout", "-e", "production", "--off", "-r", "x", "--if-version", "40");
        assertThat(api.last().header("If-Match")).contains("\"40\"");
    }

    @Test
    void rulesComeFromAFile() throws IOException {
        Files.writeString(
                directory.resolve("rules.json"), "[{\"when\":{\"segment\":\"staff\"},\"serve\":{\"variant\":\"on\"}}]");
        place.andon("flag", "set", "new-checkout", "-e", "production", "--file", "rules.json", "-r", "x", "--dry-run");
        assertThat(api.last().body()).contains("\"rules\":[{\"when\":{\"segment\":\"staff\"}");
        assertThat(api.last().query()).isEqualTo("dryRun=true");
        assertThat(api.last().header("Idempotency-Key")).isEmpty();
    }

    @Test
    void contradictionsAndEmptyChangesAreRefusedHere() {
        assertThat(place.andon("flag", "set", "x", "-e", "production", "-r", "x")
                        .err())
                .contains("options: nothing");
        assertThat(place.andon("flag", "set", "new-checkout", "-e", "production", "-r", "x", "--on", "--off")
                        .err())
                .contains("--on: beside --off (expected: one of --on and --off)");
        assertThat(place.andon("flag", "set", "x", "-r", "x", "--on").err()).contains("--env: nothing");
        assertThat(place.andon("flag", "set", "new-checkout", "-e", "production", "-r", "x", "--split", "on=a,off=b")
                        .err())
                .contains("--split: on=a (expected: variants with whole weights, such as on=20,off=80)");
        assertThat(place.andon("flag", "set", "new-checkout", "-e", "production", "-r", "x", "--file", "none.json")
                        .err())
                .contains("--file: none.json (expected: a file that exists)");
        assertThat(api.asked()).noneMatch(asked -> asked.method().equals("PUT"));
    }

    @Test
    void creatingSendsIdentityAndConfiguration() {
        api.on("POST /flags", 201, "{'version':7,'changes':[]}");
        Run run = place.andon(
                "flag",
                "create",
                "page-size",
                "--owner",
                "search",
                "--type",
                "integer",
                "--variant",
                "small=10",
                "--variant",
                "large=50",
                "--safe",
                "small",
                "--serve",
                "large",
                "--lifetime",
                "90d",
                "-r",
                "x");
        assertThat(run.exitCode()).isZero();
        assertThat(api.last().json().text())
                .isEqualTo(
                        "{\"reason\":\"x\",\"flag\":{\"key\":\"page-size\",\"type\":\"integer\",\"owner\":\"search\","
                            + "\"lifetimeDays\":90},\"configuration\":{\"on\":false,\"variants\":{\"small\":10,\"large\":50},"
                            + "\"safeVariant\":\"small\",\"fallThrough\":{\"variant\":\"large\"}}}");
    }

    @Test
    void evaluationsAreExplained() {
        api.on("POST /environments/production/evaluations", 200, """
            {'variant':'off','value':false,'reason':'TARGETING_MATCH','explanation':{'steps':[
             {'kind':'rule','what':'staff','outcome':'holds','steps':[
              {'kind':'condition','what':'in','saw':'DE','outcome':'holds'}]}]}}\
            """);
        Run run = place.andon("evaluate", "x", "-e", "production", "-k", "u", "-a", "country=DE", "-a", "age=7");
        assertThat(api.last().json().text())
                .isEqualTo(
                        "{\"flag\":\"x\",\"context\":{\"targetingKey\":\"u\",\"country\":\"DE\",\"age\":7},\"explain\":true}");
        assertThat(run.out()).isEqualTo("""
            x = false  (variant off, reason TARGETING_MATCH)
              rule staff: holds
                condition in, saw "DE": holds
            """);
    }

    @Test
    void theLogIsReadUntilThereIsEnough() {
        String entry =
                "{'version':9,'type':'kill','actor':'alice','at':'2026-11-22T14:03:07Z','reason':'x','changes':[]}";
        api.on("GET /log", 200, "{'items':[" + entry + "],'next':'9'}");
        api.on("GET /log", 200, "{'items':[" + entry.replace("9", "5") + "],'next':'5'}");
        Run run = place.andon("log", "--limit", "2");
        assertThat(api.last().query()).isEqualTo("limit=1&after=9");
        assertThat(run.out()).contains("2026-11-22 14:03:07Z").contains("Older: andon log --before 5");
    }

    @Test
    void anEnvironmentKeepsWhatIsntEdited() {
        api.on("GET /environments/staging", 200, "{'version':7,'environment':{'key':'staging','description':'d'}}");
        api.on("PUT /environments/staging", 200, "{'version':8,'changes':[]}");
        Run run = place.andon("environment", "edit", "staging", "--serve", "flagd-sync", "-r", "x");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(api.last().json().text())
                .contains("\"description\":\"d\"")
                .contains("\"protocols\":[\"flagd-sync\"]");
        assertThat(place.andon("environment", "edit", "staging", "-r", "x").err())
                .contains("options: nothing (expected: what to change: --description or --serve)");
    }

    @Test
    void aSegmentThatIsNewMustStillBeAbsent() {
        api.on("GET /environments/production/segments/staff", 404, "{'title':'no such thing','status':404}");
        api.on("PUT /environments/production/segments/staff", 201, "{'version':8,'changes':[]}");
        Run run = place.andon(
                "segment",
                "set",
                "staff",
                "-e",
                "production",
                "--when",
                "{\"attribute\":\"staff\",\"exists\":true}",
                "-r",
                "x");
        assertThat(run.exitCode()).isZero();
        assertThat(api.last().header("If-None-Match")).contains("*");
        assertThat(api.last().json().text())
                .isEqualTo(
                        "{\"reason\":\"x\",\"segment\":{\"key\":\"staff\",\"when\":{\"attribute\":\"staff\",\"exists\":true}}}");
    }

    @Test
    void listsAreReadToTheirEnd() {
        api.on(
                "GET /flags",
                200,
                "{'items':[{'key':'a','flag':{'key':'a','kind':'release','type':'boolean','owner':'x'},"
                    + "'environments':{'production':{'on':true,'kills':['9f86d081-17']},'staging':{'on':true,'kills':[]}}}],"
                    + "'next':'a'}");
        api.on(
                "GET /flags",
                200,
                "{'items':[{'key':'b','flag':{'key':'b','kind':'ops','type':'string','owner':'y'},"
                        + "'environments':{'staging':{'on':false,'kills':[]}}}]}");
        Run run = place.andon("flag", "list");
        assertThat(run.out()).isEqualTo("""
            FLAG  KIND     TYPE     OWNER  PRODUCTION  STAGING
            a     release  boolean  x      KILLED      on
            b     ops      string   y      -           off
            """);
        assertThat(api.last().query()).isEqualTo("limit=1000&after=a");
        assertThat(api.asked()).hasSize(2);
    }
}
