package dev.andon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PastCommandsTest {
    private static final String FLAG = "{'key':'x','flag':{'key':'x','kind':'release','type':'boolean','owner':'o'},"
            + "'version':12,'configuration':{'variants':{'on':true,'off':false},'safeVariant':'off','on':true,"
            + "'fallThrough':{'variant':'on'}},'kills':[]}";

    private FakeApi api;

    @BeforeEach
    void open() throws IOException {
        api = new FakeApi();
        api.on("GET /moments/2026-11-22T14:03:00Z", 200, "{'version':41,'at':'2026-11-22T14:02:51.123Z'}");
        api.on("GET /environments/production/flags/x", 200, FLAG);
        api.on("GET /environments/production/flags", 200, "{'items':[" + FLAG + "]}");
        api.on("GET /environments/production/segments", 200, "{'items':[]}");
    }

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void whatWasIsLookedAtByVersion() {
        Run run = api.place().andon("at", "41", "flag", "show", "x", "--env", "production");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).startsWith("x  release, boolean").contains("production  on, version 12");
        assertThat(api.last().query()).isEqualTo("at=41");
        assertThat(api.place().andon("flag", "show", "x", "-e", "production", "--at", "41"))
                .isEqualTo(run);
    }

    @Test
    void whatWasIsLookedAtByTimeAndSaysWhichVersionThatIs() {
        Run run = api.place().andon("at", "2026-11-22T14:03:00Z", "flag", "list", "-e", "production", "--json");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEqualTo("2026-11-22T14:03:00Z is version 41 of 2026-11-22 14:02:51.123Z, the newest\n");
        assertThat(run.json().text()).contains("\"key\":\"x\"");
        assertThat(api.last().query()).isEqualTo("at=41&limit=1000");
        api.place().andon("at", "7", "segment", "list", "-e", "production");
        assertThat(api.last().query()).isEqualTo("at=7&limit=1000");
    }

    @Test
    void aVersionThatNeverWasIsRefusedWithTheNewest() {
        api.on("GET /environments/production/flags/y", 404, """
            {'status':404,'title':'There is no such thing','detail':'query.at: 999 (expected: a version from 1 to 43)','next':'The newest is version 43, of 2026-11-22T14:55:00Z.'}\
            """);
        Run run = api.place().andon("at", "999", "flag", "show", "y", "-e", "production");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("a version from 1 to 43").contains("The newest is version 43");
    }

    @Test
    void aDifferenceNamesBothEndsAndWhatIsBetweenThem() {
        api.on("GET /environments/production/diff", 200, """
            {'environment':'production','from':{'version':41,'at':'2026-11-22T14:02:51.123Z','next':{'version':42,'at':'2026-11-22T14:03:07Z'}},
             'to':{'version':43,'at':'2026-11-22T14:55:00Z'},'changes':[{'subject':'production/flag/x','before':{'on':false},'after':{'on':true}}]}\
            """).on("GET /environments/production/diff", 200, """
                {'environment':'production','from':{'version':43,'at':'2026-11-22T14:55:00Z'},'to':{'version':43,'at':'2026-11-22T14:55:00Z'},'changes':[]}\
                """);
        Run run = api.place().andon("diff", "2026-11-22T14:03:00Z", "43", "-e", "production", "--flag", "x");
        assertThat(api.last().query()).isEqualTo("from=2026-11-22T14:03:00Z&to=43&flag=x");
        assertThat(run.out()).isEqualTo("""
            production, x from version 41 of 2026-11-22 14:02:51.123Z to version 43 of 2026-11-22 14:55:00.000Z
              production/flag/x
                on: false → true
            """);
        Run none = api.place().andon("diff", "43", "-e", "production");
        assertThat(api.last().query()).isEqualTo("from=43");
        assertThat(none.out()).startsWith("NO DIFFERENCE  production from version 43 of");
    }
}
