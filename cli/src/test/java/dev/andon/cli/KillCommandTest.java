package dev.andon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.text.Terminal;
import dev.andon.core.json.Fields;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KillCommandTest {
    private static final Terminal SCREEN = new Terminal(true, 80, false);
    private static final String KILLS = "POST /environments/production/kills";
    private static final String KILL = "GET /kills/9f86d081-17";
    private static final String REQUESTED = kill("requested", 0, 0, "");
    private static final String PROVEN = kill("proven", 2, 0, "");
    private static final String PARTIAL = kill(
            "partial",
            1,
            1,
            "{'service':'cart','instance':'cart-2','region':'eu','sdk':'java/0.1','state':'unreachable'},"
                    + "{'service':'pay','instance':'pay\\u001b[2J','region':'','sdk':'java/0.1','state':'silent'}");

    private final FakeApi api = api();

    private static FakeApi api() {
        try {
            return new FakeApi();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void takesKills() {
        api.on(KILLS, 201, REQUESTED);
    }

    @AfterEach
    void close() {
        api.close();
    }

    private static String kill(String verdict, int applied, int missing, String instances) {
        return "{'id':'9f86d081-17','target':'new-checkout','flags':['new-checkout'],'environment':'production','ledger':'settled','version':42,'durable':true,'reason':'payment"
            + " errors','actor':'alice',"
            + "'at':'2026-11-22T14:03:07.123Z','receipt':{'verdict':'" + verdict + "','applied':" + applied
                + ",'silent':" + missing + ",'unreachable':" + missing + ",'gone':0,"
                + (applied > 0 ? "'p50Ms':3,'p99Ms':12.4,'maxMs':12.4," : "") + "'instances':[" + instances + "]}}";
    }

    private Run kill(Run.Place place, String... more) {
        String[] arguments = new String[6 + more.length];
        System.arraycopy(
                new String[] {"kill", "new-checkout", "--env", "production", "--reason", "payment errors"},
                0,
                arguments,
                0,
                6);
        System.arraycopy(more, 0, arguments, 6, more.length);
        return place.andon(arguments);
    }

    @Test
    void sendsTargetAndReason() {
        Run run = kill(api.place());
        assertThat(run.exitCode()).isZero();
        FakeApi.Asked asked = api.last();
        assertThat(asked.json().text())
                .isEqualTo("{\"reason\":\"payment errors\",\"target\":{\"flag\":\"new-checkout\"}}");
        assertThat(asked.header("Authorization")).contains("Bearer secret");
        assertThat(asked.header("Idempotency-Key"))
                .hasValueSatisfying(key -> assertThat(key).hasSize(32));
    }

    @Test
    void waitsUntilProven() {
        api.on(KILL, 200, REQUESTED).on(KILL, 200, PROVEN);
        Run run = kill(api.place(), "--wait", "10s");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo("""
            PROVEN  new-checkout in production is stopped everywhere
              2 of 2 instances applied it: p50 3 ms, p99 12 ms, slowest 12 ms

              kill    9f86d081-17 (settled, version 42)
              when    2026-11-22 14:03:07Z
              who     alice
              why     payment errors
            """);
    }

    @Test
    void whatIsProvenBeforeTheLedgerHasItGetsAMomentToSettle() {
        String pending = PROVEN.replace("'ledger':'settled','version':42", "'ledger':'pending','version':null");
        api.on(KILL, 200, pending).on(KILL, 200, pending).on(KILL, 200, PROVEN);
        assertThat(kill(api.place(), "--wait", "10s").out()).contains("(settled, version 42)");
        assertThat(api.last().query()).as("no more waiting").isEmpty();
    }

    @Test
    void whatIsProvenAndDoesNotSettleIsProvenAllTheSame() {
        api.on(KILL, 200, PROVEN.replace("'ledger':'settled','version':42", "'ledger':'pending','version':null"));
        Run run = kill(api.place(), "--wait", "10s");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("PROVEN").contains("(pending)");
    }

    @Test
    void whatIsNotProvenInTimeNamesWhoIsMissingAndExitsWith5() {
        api.on(KILL, 200, PARTIAL);
        Run run = kill(api.place(), "--wait", "50ms");
        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(run.out()).isEqualTo("""
            NOT PROVEN  new-checkout in production is killed, but not every instance has applied it
              1 of 3 instances applied it: p50 3 ms, p99 12 ms, slowest 12 ms
              1 silent: there, but without an acknowledgement
                pay/pay\ufffd[2J
              1 unreachable: vanished without a goodbye, may still serve the unsafe variant
                cart/cart-2 (eu)

              kill    9f86d081-17 (settled, version 42)
              when    2026-11-22 14:03:07Z
              who     alice
              why     payment errors

            Look again with: andon receipt 9f86d081-17 --wait 10s
            """);
    }

    private static String sent(int confirmed, int sent, int unconfirmable) {
        return kill(
                        "sent",
                        12,
                        0,
                        "{'service':'cart','instance':'grpc-1','sdk':'grpc-java','protocol':'flagd-sync','state':'sent'}")
                .replace(
                        "'gone':0,",
                        "'gone':0,'confirmed':" + confirmed + ",'sent':" + sent + ",'unconfirmable':" + unconfirmable
                                + ",'widened':1,'unlisted':0,");
    }

    @Test
    void whatSomeWereOnlySentEndsTheWaitWhenNobodyCanSayMore() {
        api.on(KILL, 200, sent(4, 3, 2)).on(KILL, 200, sent(5, 2, 2));
        Run run = kill(api.place(), "--wait", "10m");
        assertThat(run.exitCode()).isEqualTo(6);
        assertThat(run.out()).isEqualTo("""
            SENT, NOT PROVEN  new-checkout in production is killed; 2 clients haven't confirmed it
              12 applied, 5 confirmed, 2 sent, of 19 instances
              applied after p50 3 ms, p99 12 ms, slowest 12 ms
              2 sent: on its way to them, or there (flagd-sync clients can't confirm)
                cart/grpc-1
              1 hold the flag for everybody: their language can't say the audience

              kill    9f86d081-17 (settled, version 42)
              when    2026-11-22 14:03:07Z
              who     alice
              why     payment errors
            """);
    }

    @Test
    void whatIsRestoredMeanwhileEndsTheWait() {
        api.on(KILL, 200, PARTIAL).on(KILL, 200, PARTIAL.replace("'durable':true", "'durable':true,'standing':false"));
        Run run = kill(api.place(), "--wait", "10m");
        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(run.out())
                .startsWith("RESTORED  new-checkout in production was killed, and has been restored since");
        assertThat(api.asked()).hasSize(3);
    }

    @Test
    void whatSomeHaveNotConfirmedInTimeIsToldAsSuch() {
        api.on(KILL, 200, sent(4, 3, 2));
        Run run = kill(api.place(), "--wait", "50ms");
        assertThat(run.exitCode()).isEqualTo(6);
        assertThat(run.out())
                .contains("3 sent: on its way to them, or there (2 can't confirm: flagd-sync)")
                .contains("Look again with: andon receipt 9f86d081-17 --wait 10s");
    }

    @Test
    void whoSpeaksAnotherProtocolIsListedWithIt() {
        api.on("GET /environments/production/instances", 200, """
            {'items':[{'service':'cart','instance':'cart-1','region':'eu','sdk':'andon-java/1','protocol':'andon','state':'live','version':8,
              'pending':[],'connectedAt':'2026-11-22T14:03:07Z'},
             {'service':'page','instance':'ofrep-1','region':null,'sdk':'Mozilla','protocol':'ofrep','state':'sent','version':9,
              'pending':['9f86d081-17'],'connectedAt':'2026-11-22T14:03:07Z','divergence':'splits'}],'next':null}\
            """);
        Run run = api.place().andon("instances", "--env", "production");
        assertThat(run.out()).isEqualTo("""
            SERVICE  INSTANCE  REGION  SDK           PROTOCOL  STATE  VERSION  KILLS  CONNECTED             NOTE
            cart     cart-1    eu      andon-java/1  andon     live         8      0  2026-11-22 14:03:07Z
            page     ofrep-1           Mozilla       ofrep     sent         9      1  2026-11-22 14:03:07Z  evaluates differently: splits
            """);
    }

    @Test
    void nobodyLiveIsNotProven() {
        api.on(KILL, 200, kill("nobody-live", 0, 0, ""));
        Run run = kill(api.place(), "--wait", "50ms", "--json");
        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(Fields.lenient(run.json()).object("receipt").text("verdict")).isEqualTo("nobody-live");
    }

    @Test
    void jsonIsTheServersDocument() {
        Run run = kill(api.place(), "--json");
        assertThat(run.out()).isEqualTo(REQUESTED.replace('\'', '"') + "\n");
    }

    @Test
    void refusalsExitWith3AndSayWhatToDo() {
        api.on("POST /environments/staging/kills", 404, """
            {'type':'urn:andon:problem:not-found','title':'There is no such thing','status':404,'detail':'x','code':'not-found',
             'field':'target.flag','value':'new-chekout','expected':'one that exists, such as new-checkout',
             'next':'Did you mean new-checkout?'}\
            """);
        Run run = api.place().andon("kill", "new-chekout", "--env", "staging", "--reason", "x", "--json");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).isEqualTo("""
            andon: target.flag: new-chekout (expected: one that exists, such as new-checkout)
              Did you mean new-checkout?
            """);
        assertThat(Fields.lenient(run.json()).text("code")).isEqualTo("not-found");
    }

    @Test
    void anUnreachableServerExitsWith4AndItsAddress() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Run run = kill(api.place().with("ANDON_SERVER", "http://127.0.0.1:" + port));
        assertThat(run.exitCode()).isEqualTo(4);
        assertThat(run.err())
                .contains("server: http://127.0.0.1:" + port
                        + " (expected: an Andon server that answers; connection refused)");
    }

    @Test
    void asksForTheNameOnATerminal() {
        Run run = kill(api.place().on(SCREEN).typing("new-checkout\n"));
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).contains("Type the flag's name to stop it in production: ");
        assertThat(api.asked()).hasSize(2);
        assertThat(api.asked().getFirst().query()).isEqualTo("dryRun=true");
        assertThat(api.last().query()).isEmpty();
    }

    @Test
    void killsNothingWithoutTheName() {
        Run run = kill(api.place().on(SCREEN).typing("y\n"));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("confirmation: \"y\" (expected: new-checkout)")
                .contains("Nothing has been killed");
        assertThat(api.asked()).hasSize(1);
    }

    @Test
    void asksNobodyWithYesOrWithoutATerminal() {
        assertThat(kill(api.place().on(SCREEN), "--yes").exitCode()).isZero();
        assertThat(kill(api.place()).exitCode()).isZero();
        assertThat(api.asked()).hasSize(2);
    }

    @Test
    void drawsALiveLineOnATerminalOnly() {
        api.on(KILL, 200, REQUESTED).on(KILL, 200, PROVEN);
        Run run = kill(api.place().on(SCREEN), "--yes", "--wait", "10s");
        assertThat(run.err()).contains("2 of 2 applied · 0 silent · 0 unreachable");
        assertThat(run.out()).startsWith("PROVEN");
    }

    @Test
    void aDryRunSaysWhatItWouldDo() {
        api.on("POST /environments/staging/kills", 200, """
            {'dryRun':true,'version':41,'changes':[],'result':{'restorable':false,'flags':['new-checkout'],'dependents':['one-click'],'services':['cart','pay'],'instances':9}}\
            """);
        Run run = api.place().andon("kill", "new-checkout", "-e", "staging", "-r", "x", "--dry-run");
        assertThat(run.exitCode()).isZero();
        assertThat(api.last().query()).isEqualTo("dryRun=true");
        assertThat(run.out()).isEqualTo("""
            WOULD KILL  new-checkout in staging
              flags that would serve their safe variant: new-checkout
              flags that require them and would follow: one-click
              services that would be touched: cart, pay
              connected instances: 9
              The ledger is out of reach: it can be stopped now, but not restored before it is back.
            """);
    }

    @Test
    void aKillWhoseAnswerIsLostIsRepeatedUnderTheSameKey() {
        String staging = "POST /environments/staging/kills";
        api.hangUp(staging).on(staging, 201, REQUESTED);
        Run run = api.place().andon("kill", "new-checkout", "-e", "staging", "-r", "x");
        assertThat(run.exitCode()).isZero();
        assertThat(api.asked()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(api.asked().stream()
                        .map(asked -> asked.header("Idempotency-Key"))
                        .distinct())
                .hasSize(1);
    }

    @Test
    void aKillWhoseAnswersAreAllLostMayHaveBeenCarriedOut() {
        api.hangUp("POST /environments/staging/kills");
        Run run = api.place().andon("kill", "new-checkout", "-e", "staging", "-r", "x");
        assertThat(run.exitCode()).isEqualTo(4);
        assertThat(run.err()).contains("may have been carried out");
    }

    @Test
    void aServerLostWhileWaitingLeavesTheKillTaken() {
        api.hangUp(KILL);
        Run run = kill(api.place(), "--wait", "300ms", "--json");
        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(Fields.lenient(run.json()).text("id")).isEqualTo("9f86d081-17");
    }

    @Test
    void aDurationThatIsNoneIsRefusedBeforeAnythingIsSent() {
        Run run = kill(api.place(), "--wait", "10");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--wait: \"10\" (expected: a duration such as 500ms, 10s, 2m, 1h or 30d)");
        assertThat(api.asked()).isEmpty();
    }

    @Test
    void tokensMayComeFromTheServersDirectory(@org.junit.jupiter.api.io.TempDir java.nio.file.Path data)
            throws IOException {
        java.nio.file.Files.writeString(data.resolve("admin.token"), "from-file\n");
        kill(api.place(), "--data", data.toString());
        assertThat(api.last().header("Authorization")).contains("Bearer from-file");
    }
}
