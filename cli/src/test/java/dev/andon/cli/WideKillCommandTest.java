package dev.andon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.text.Terminal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Kills that are aimed at more than one flag, and what keeps them from being accidents. */
class WideKillCommandTest {
    private static final Terminal SCREEN = new Terminal(true, 80, false);
    private static final String KILLS = "POST /environments/production/kills";
    private static final String TAKEN = """
        {'id':'9f86d081-17','target':'tag:vendor:stripe','flags':['pay','refund'],'environment':'production','flagCount':42,
         'ledger':'settled','version':42,'durable':true,'reason':'Stripe is down','actor':'alice',
         'at':'2026-11-22T14:03:07.123Z','receipt':{'verdict':'requested','applied':0,'silent':0,'unreachable':0,'gone':0,
         'instances':[]}}\
        """;

    private final FakeApi api = api();

    private static FakeApi api() {
        try {
            return new FakeApi();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void close() {
        api.close();
    }

    private static String rehearsed(String more) {
        return """
            {'dryRun':true,'version':41,'changes':[],'result':{'environment':'production','target':'tag:vendor:stripe','known':true,
             'flagCount':42,'flags':['f00','f01','f02','f03','f04','f05','f06','f07','f08','f09','f10','f11'],
             'why':'tagged vendor:stripe','dependentCount':1,'dependents':['one-click'],
             'cascade':[{'flag':'one-click','requires':['f00']}],
             'owners':[{'owner':'payments','flags':40},{'owner':'shop','flags':3}],
             'traffic':{'seconds':300,'evaluations':36000,'perSecond':120,'share':0.234,'unsafe':30000,'atMost':false,
              'complete':true,'busiest':[{'flag':'f00','evaluations':30000,'perSecond':100,'variants':[
               {'variant':'off','evaluations':3000,'share':0.1,'safe':true},
               {'variant':'on','evaluations':27000,'share':0.9,'safe':false}]}]},
             'services':['cart','pay'],'byService':[],'instances':9,'unreachable':1,
             'exercise':{'neverCount':40,'never':['f02'],'bySdk':[
              {'sdk':'andon-java/0.1.0','instances':8,'neverCount':40,'oldest':{'kill':'0a1b2c3d-4',
               'at':'2026-10-01T09:30:00Z','applied':7,'missing':1,'slowestMs':12.4,'verdict':'partial'}},
              {'sdk':'andon-java/0.2.0','instances':1,'neverCount':42}]},
             'standing':[{'id':'0a1b2c3d-9','target':'f01','flags':['f01'],'flagCount':1,'forSome':true,'reason':'x',
              'actor':'bob','at':'2026-11-22T14:00:00Z'}],
             'restorable':true,'confirmation':{'required':true,'token':'seen-42','expiresAt':'2026-11-22T14:08:00Z'}\
            """ + more + "}}";
    }

    private Run kill(Run.Place place, String... more) {
        String[] arguments = new String[6 + more.length];
        List<String> head = List.of("kill", "tag:vendor:stripe", "--env", "production", "--reason", "Stripe is down");
        System.arraycopy(head.toArray(new String[0]), 0, arguments, 0, 6);
        System.arraycopy(more, 0, arguments, 6, more.length);
        return place.andon(arguments);
    }

    @Test
    void aDryRunSaysAllThatMattersOnAPage() {
        api.on(KILLS, 200, rehearsed(""));
        Run run = kill(api.place(), "--dry-run");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEqualTo("""
            WOULD KILL  tag:vendor:stripe in production: 42 flags, all that are tagged vendor:stripe
              flags that would serve their safe variant: f00, f01, f02, f03, f04, f05, f06, f07, f08, f09 and 32 more
              flags that require them and would follow: one-click
              services that would be touched: cart, pay
              connected instances: 9, and 1 unreachable
              owners to tell: payments (40 flags), shop (3 flags)
              evaluations in the last 300 s: 36000, 120 a second, 23 % of all
                f00: 100 a second, 10 % off (safe), 90 % on
              exercised by a kill before: 2 of 42 flags
                andon-java/0.1.0: never for 40 of 42; longest ago 2026-10-01 09:30:00Z, kill 0a1b2c3d-4: 7 of 8 applied it, slowest 12 ms, partial
                andon-java/0.2.0: never
              other kills that hold some of it: 0a1b2c3d-9 of f01 for some
              It takes a confirmation: --confirm 42
            """);
    }

    @Test
    void withoutAConfirmationItShowsWhatItWouldDoAndStopsNothing() {
        api.on(KILLS, 200, rehearsed(""));
        Run run = kill(api.place());
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .startsWith("WOULD KILL  tag:vendor:stripe in production: 42 flags")
                .contains("--confirm: nothing (expected: 42, the number of flags that it would stop)")
                .contains("Nothing has been killed.");
        assertThat(api.asked()).hasSize(1);
        assertThat(api.last().query()).isEqualTo("dryRun=true");
    }

    @Test
    void theCountConfirmsGiveOrTakeATenth() {
        for (String count : List.of("39", "42", "46")) {
            api.on(KILLS, 200, rehearsed("")).on(KILLS, 201, TAKEN);
            Run run = kill(api.place(), "--confirm", count);
            assertThat(run.exitCode()).as(count + ": " + run.err()).isZero();
            assertThat(run.err()).startsWith("WOULD KILL");
            assertThat(api.last().json().text())
                    .isEqualTo("{\"reason\":\"Stripe is"
                            + " down\",\"target\":{\"tag\":\"vendor:stripe\"},\"confirm\":\"seen-42\"}");
            assertThat(run.out())
                    .startsWith("REQUESTED  tag:vendor:stripe in production")
                    .contains("and 40 more");
            api.forget(KILLS);
        }
        for (String count : List.of("0", "38", "47", "-42")) {
            api.on(KILLS, 200, rehearsed(""));
            int before = api.asked().size();
            Run run = kill(api.place(), "--confirm", count);
            assertThat(run.exitCode()).as(count).isEqualTo(2);
            assertThat(run.err()).contains("--confirm: " + count + " (expected: 42, give or take 10 %)");
            assertThat(api.asked()).hasSize(before + 1);
            api.forget(KILLS);
        }
    }

    @Test
    void onATerminalItAsksForTheNumberAndInProductionForTheTargetToo() {
        api.on(KILLS, 200, rehearsed("")).on(KILLS, 201, TAKEN);
        Run run = kill(api.place().on(SCREEN).typing("42\ntag:vendor:stripe\n"));
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err())
                .contains("Type the number of flags to stop them in production: ")
                .contains("Type what it is aimed at to stop it in production: ");
        assertThat(api.asked()).hasSize(2);
    }

    @Test
    void theWrongNumberOrNameStopsNothing() {
        api.on(KILLS, 200, rehearsed(""));
        assertThat(kill(api.place().on(SCREEN).typing("41\n")).err()).contains("confirmation: \"41\" (expected: 42)");
        assertThat(kill(api.place().on(SCREEN).typing("42\nyes\n")).err())
                .contains("confirmation: \"yes\" (expected: tag:vendor:stripe)");
        assertThat(kill(api.place().on(SCREEN).typing("42\n")).exitCode()).isEqualTo(2);
        assertThat(api.asked()).allMatch(asked -> asked.query().equals("dryRun=true"));
    }

    @Test
    void yesSparesTheNameAndNotTheNumber() {
        api.on(KILLS, 200, rehearsed("")).on(KILLS, 201, TAKEN);
        assertThat(kill(api.place().on(SCREEN), "--yes", "--confirm", "42").exitCode())
                .isZero();
        assertThat(kill(api.place(), "--yes").exitCode()).isEqualTo(2);
    }

    @Test
    void whatIsKilledAlreadyNeedsNoConfirmation() {
        api.on(KILLS, 200, rehearsed(",'already':'9f86d081-17'")).on(KILLS, 200, TAKEN);
        Run run = kill(api.place());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).contains("It is killed already, by 9f86d081-17.").doesNotContain("takes a confirmation");
        assertThat(api.last().json().text()).doesNotContain("confirm");
    }

    @Test
    void aFlagWhoseKillTakesAConfirmationShowsWhatItWouldDo() {
        api.on(KILLS, 409, """
            {'type':'urn:andon:problem:unconfirmed','title':'It takes a confirmation','status':409,'detail':'x','code':'unconfirmed',
             'field':'confirm','value':'nothing','expected':'the token of a dry run of this kill, which shows 1 flags'}\
            """).on(KILLS, 200, rehearsed("").replace("'flagCount':42", "'flagCount':1"));
        Run run = api.place().andon("kill", "f00", "-e", "production", "-r", "x");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .startsWith("WOULD KILL  f00 in production\n")
                .contains("--confirm: nothing (expected: 1,");
        assertThat(api.asked()).hasSize(2);
    }

    @Test
    void aServerThatIsCutOffSaysWhatItDoesNotKnow() {
        api.on(KILLS, 200, """
            {'dryRun':true,'version':41,'changes':[],'result':{'flagCount':0,'flags':[],'known':false,'restorable':false,
             'confirmation':{'required':true,'token':'t','expiresAt':'2026-11-22T14:08:00Z'}}}\
            """);
        Run run = kill(api.place(), "--dry-run");
        assertThat(run.out()).isEqualTo("""
            WOULD KILL  tag:vendor:stripe in production: 0 flags
              This server is cut off and doesn't know tag:vendor:stripe: it may be mistyped, or newer than what the server knows.
              The ledger is out of reach: it can be stopped now, but not restored before it is back.
              It takes a confirmation: --confirm 0
            """);
    }

    @Test
    void targetsAndAudiencesAreSentAsTheyAreMeant() {
        for (List<String> one : List.of(
                List.of("tag:vendor:stripe", "{\"tag\":\"vendor:stripe\"}"),
                List.of("owner:team payments", "{\"owner\":\"team payments\"}"),
                List.of("kind:ops", "{\"kind\":\"ops\"}"),
                List.of("everything", "{\"everything\":true}"),
                List.of("flag:everything", "{\"flag\":\"everything\"}"),
                List.of("flag:tag:x", "{\"flag\":\"tag:x\"}"),
                List.of("vendor:x", "{\"flag\":\"vendor:x\"}"))) {
            api.on(KILLS, 200, rehearsed(""));
            api.place().andon("kill", one.get(0), "-e", "production", "-r", "x", "--dry-run");
            assertThat(api.last().json().text()).contains("\"target\":" + one.get(1));
        }
        api.place().andon("kill", "f", "-e", "production", "-r", "x", "--dry-run", "--segment", "staff");
        assertThat(api.last().json().text()).contains("\"audience\":{\"segment\":\"staff\"}");
        api.place()
                .andon(
                        "kill",
                        "f",
                        "-e",
                        "production",
                        "-r",
                        "x",
                        "--dry-run",
                        "--audience",
                        "{\"attribute\":\"country\",\"in\":[\"DE\"]}");
        assertThat(api.last().json().text()).contains("\"audience\":{\"attribute\":\"country\",\"in\":[\"DE\"]}");
        int before = api.asked().size();
        Run both = api.place().andon("kill", "f", "-e", "production", "-r", "x", "--segment", "s", "--audience", "{}");
        assertThat(both.exitCode()).isEqualTo(2);
        assertThat(api.asked()).hasSize(before);
    }

    @Test
    void typosGetWhatWasProbablyMeant() {
        Run kind = api.place().andon("kill", "kind:opps", "-e", "production", "-r", "x");
        assertThat(kind.exitCode()).isEqualTo(2);
        assertThat(kind.err()).contains("did you mean ops?");
        assertThat(api.asked()).isEmpty();
        api.on(KILLS, 404, """
            {'type':'urn:andon:problem:not-found','title':'There is no such thing','status':404,'detail':'x','code':'not-found',
             'field':'target.flag','value':'x','expected':'a flag that environment production has'}\
            """);
        for (List<String> one : List.of(
                List.of("tags:vendor:stripe", "Did you mean tag:vendor:stripe?"),
                List.of("onwer:payments", "Did you mean owner:payments?"),
                List.of("everthing", "Did you mean everything?"))) {
            Run run = api.place().andon("kill", one.get(0), "-e", "production", "-r", "x");
            assertThat(run.exitCode()).isEqualTo(3);
            assertThat(run.err()).contains(one.get(1));
        }
    }

    @Test
    void aTargetIsRestoredWithWhatItReleasesAndWhatStillStops() {
        api.on("POST /environments/production/restores", 201, """
            {'environment':'production','released':[{'id':'9f86d081-17','target':'tag:vendor:stripe','flags':['pay'],'flagCount':42,
             'forSome':false,'reason':'x','actor':'a','at':'2026-11-22T14:03:07Z'}],'flags':['pay'],'flagCount':42,
             'stillStopped':[{'id':'9f86d081-18','target':'everything','flags':['pay'],'flagCount':42,'forSome':false,
             'reason':'x','actor':'a','at':'2026-11-22T14:03:07Z'}],
             'cascade':[{'flag':'pay','requires':'stripe','kill':'9f86d081-19'}],'version':51}\
            """);
        Run run = api.place().andon("restore", "tag:vendor:stripe", "-e", "production", "-r", "it is back");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(api.last().json().text())
                .isEqualTo("{\"reason\":\"it is back\",\"target\":{\"tag\":\"vendor:stripe\"}}");
        assertThat(run.out()).isEqualTo("""
            RESTORED  tag:vendor:stripe in production, version 51
              released: 9f86d081-17 (tag:vendor:stripe, 42 flags)
              still stopped by: 9f86d081-18 (everything, 42 flags)
              still off: pay requires stripe, which kill 9f86d081-19 holds
            """);
    }
}
