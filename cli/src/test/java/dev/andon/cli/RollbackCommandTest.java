package dev.andon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.text.Terminal;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RollbackCommandTest {
    private static final Terminal SCREEN = new Terminal(true, 200, false);
    private static final String ROLLBACKS = "POST /environments/production/rollbacks";
    private static final String RESULT =
            "'environment':'production','to':41,'toTime':'2026-11-22T14:02:51.123Z','whole':true,'flags':['a','gone'],"
                + "'removedFlags':['new'],'returnedFlags':['gone'],'segments':['beta'],'removedSegments':[],'skipped':[{'flag':'c','what':'all','why':'it"
                + " wasn\\u0027t there at version 41, and is held by kill"
                + " 9f86d081-17','kills':['9f86d081-17']}],'changedDependencies':[],'alsoAffected':[]";
    private static final String PLANNED = "{'dryRun':true,'version':43,'changes':[{'subject':'production/flag/a',"
            + "'before':{'on':true},'after':{'on':false}},{'subject':'production/flag/new','before':{'on':true}}],"
            + "'result':{" + RESULT + "}}";
    private static final String PLAN = """
        WOULD ROLL BACK  production to version 41 of 2026-11-22 14:02:51.123Z: 2 flags, 1 flag that leaves, 1 segment
          production/flag/a
            on: true → false
          production/flag/new
            - on: true
          skipped: c (it wasn't there at version 41, and is held by kill 9f86d081-17)
          back from the archive: gone
        """;
    private static final String DONE = """
        ROLLED BACK  production to version 41 of 2026-11-22 14:02:51.123Z: 2 flags, 1 flag that leaves, 1 segment, as version 44
          skipped: c (it wasn't there at version 41, and is held by kill 9f86d081-17)
          back from the archive: gone
        """;

    private FakeApi api;

    @BeforeEach
    void open() throws IOException {
        api = new FakeApi();
        api.on("GET /moments/2026-11-22T14:03:00Z", 200, """
            {'version':41,'at':'2026-11-22T14:02:51.123Z','next':{'version':42,'at':'2026-11-22T14:03:07Z'}}\
            """);
    }

    @AfterEach
    void close() {
        api.close();
    }

    private Run rollBack(Run.Place place, String... arguments) {
        String[] all = new String[arguments.length + 5];
        all[0] = "rollback";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        System.arraycopy(new String[] {"--env", "production", "--reason", "x"}, 0, all, arguments.length + 1, 4);
        return place.andon(all);
    }

    private void planThenDo() {
        api.on(ROLLBACKS, 200, PLANNED).on(ROLLBACKS, 201, "{" + RESULT + ",'version':44}");
    }

    @Test
    void aRollbackOfFlagsShowsWhatChangesAndWhatWasKept() {
        api.on(ROLLBACKS, 201, """
            {'to':41,'toTime':'2026-11-22T14:02:51Z','version':44,'flags':['new-checkout'],'removedFlags':[],'returnedFlags':[],'segments':[],'removedSegments':[],'skipped':[],'alsoAffected':[],'changedDependencies':
             [{'subject':'production/segment/beta','change':'changed','flags':['new-checkout']}]}\
            """);
        api.on("GET /log/44", 200, """
            {'changes':[{'subject':'production/flag/new-checkout',
             'before':{'on':true,'fallThrough':{'variant':'on'}},'after':{'on':true,'fallThrough':{'variant':'off'}}}]}\
            """);
        Run run = rollBack(api.place(), "new-checkout", "--to", "41");
        assertThat(api.asked().getFirst().json().text())
                .isEqualTo("{\"reason\":\"x\",\"flags\":[\"new-checkout\"],\"to\":41}");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo("""
            ROLLED BACK  new-checkout in production to version 41 of 2026-11-22 14:02:51.000Z, as version 44
              production/flag/new-checkout
                fallThrough: on → off
              different since version 41: production/segment/beta (changed)
              Evaluations may differ from those at version 41; --with-dependencies rolls these back, too.
            """);
    }

    @Test
    void aTimeIsShownAsTheVersionItStandsForBeforeAnythingIsDone() {
        api.on(
                ROLLBACKS,
                200,
                "{" + RESULT.replace("'a','gone'", "").replace("'new'", "").replace("'beta'", "") + ",'version':43}");
        Run run = rollBack(api.place(), "a", "--segment", "s", "--with-dependencies", "--to", "2026-11-22 14:03:00Z");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEqualTo("""
            2026-11-22T14:03:00Z is version 41 of 2026-11-22 14:02:51.123Z; the next is version 42 of 2026-11-22 14:03:07.000Z
            """);
        assertThat(api.last().json().text())
                .isEqualTo(
                        "{\"reason\":\"x\",\"flags\":[\"a\"],\"segments\":[\"s\"],\"to\":41,\"withDependencies\":true}");
        assertThat(run.out()).startsWith("NOTHING TO ROLL BACK  a, s in production to version 41 of");
    }

    @Test
    void aWholeEnvironmentIsShownFirstAndThenRolledBackToWhatWasShown() {
        planThenDo();
        Run run = rollBack(api.place(), "--to", "2026-11-22T14:03:00Z");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).endsWith(PLAN).doesNotContain("Type");
        assertThat(run.out()).isEqualTo(DONE);
        assertThat(api.asked().get(1).query()).isEqualTo("dryRun=true");
        assertThat(api.last().query()).isEmpty();
        assertThat(api.last().json().text())
                .isEqualTo("{\"reason\":\"x\",\"whole\":true,\"to\":41,\"ifUnchangedSince\":43}");
    }

    @Test
    void onATerminalTheEnvironmentsNameIsAskedFor() {
        planThenDo();
        Run run = rollBack(api.place().on(SCREEN).typing("production\n"), "--to", "41");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEqualTo(PLAN + "Type the environment's name to roll it back: ");
        assertThat(run.out()).isEqualTo(DONE);
    }

    @Test
    void whoTypesAnotherNameOrNothingRollsNothingBack() {
        api.on(ROLLBACKS, 200, PLANNED);
        for (String typed : new String[] {"staging\n", "\n", ""}) {
            Run run = rollBack(api.place().on(SCREEN).typing(typed), "--to", "41");
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).contains("(expected: production)").contains("Nothing has been rolled back");
            assertThat(run.out()).isEmpty();
            assertThat(api.last().query()).isEqualTo("dryRun=true");
        }
    }

    @Test
    void withYesNothingIsAskedButTheDifferenceIsStillShown() {
        planThenDo();
        Run run = rollBack(api.place().on(SCREEN), "--to", "41", "--yes");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEqualTo(PLAN);
    }

    @Test
    void aDryRunOfAWholeEnvironmentChangesNothing() {
        api.on(ROLLBACKS, 200, PLANNED);
        Run run = rollBack(api.place().on(SCREEN), "--to", "41", "--dry-run");
        assertThat(run.out()).isEqualTo(PLAN);
        assertThat(api.asked()).hasSize(1);
        assertThat(rollBack(api.place(), "--to", "41", "--dry-run", "--json")
                        .json()
                        .text())
                .startsWith("{\"dryRun\":true");
    }

    @Test
    void whereNothingIsDifferentNothingIsAskedAndNothingDone() {
        api.on(
                ROLLBACKS,
                200,
                "{'to':41,'toTime':'2026-11-22T14:02:51Z','version':43,'flags':[],'removedFlags':[],'returnedFlags':[],"
                    + "'segments':[],'removedSegments':[],'skipped':[],'changedDependencies':[],'alsoAffected':[]}");
        Run run = rollBack(api.place().on(SCREEN), "--to", "41");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err())
                .isEqualTo("NOTHING TO ROLL BACK  production to version 41 of 2026-11-22 14:02:51.000Z: it is so"
                        + " already\n");
        assertThat(api.asked()).hasSize(1);
    }

    @Test
    void aLongDifferenceIsCutWhereAQuestionFollows() {
        StringBuilder changes = new StringBuilder();
        for (int i = 0; i < 45; i++) {
            changes.append(i == 0 ? "" : ",").append("{'subject':'production/flag/f" + i + "','after':{'on':true}}");
        }
        api.on(ROLLBACKS, 200, "{'dryRun':true,'version':43,'changes':[" + changes + "],'result':{" + RESULT + "}}");
        Run asked = rollBack(api.place().on(SCREEN), "--to", "41");
        assertThat(asked.err()).contains("f39").doesNotContain("f40").contains("and 5 more: --dry-run shows all");
        assertThat(rollBack(api.place(), "--to", "41", "--dry-run").out())
                .contains("f44")
                .doesNotContain("more:");
    }

    @Test
    void refusalsNameTheNearestThatIs() {
        api.on("GET /moments/2099-01-01T00:00:00Z", 400, """
            {'status':400,'title':'A value can’t be accepted','detail':'moment: 2099-01-01T00:00:00Z, which is in the future (expected: a time up to now, 2026-11-22T15:00:00Z)','field':'moment','next':'The newest is version 43, of 2026-11-22T14:55:00Z.'}\
            """);
        Run future = rollBack(api.place(), "--to", "2099-01-01T00:00:00Z");
        assertThat(future.exitCode()).isEqualTo(3);
        assertThat(future.err())
                .contains("which is in the future (expected: a time up to now")
                .contains("The newest is version 43, of 2026-11-22T14:55:00Z.");
        api.on(ROLLBACKS, 404, """
            {'status':404,'title':'There is no such thing','detail':'to: 999 (expected: a version from 1 to 43)','field':'to','next':'The newest is version 43, of 2026-11-22T14:55:00Z.'}\
            """);
        for (String what : new String[] {"--yes", "new-checkout"}) {
            Run none = rollBack(api.place(), what, "--to", "999");
            assertThat(none.exitCode()).isEqualTo(3);
            assertThat(none.out()).isEmpty();
            assertThat(none.err()).contains("a version from 1 to 43").contains("The newest is version 43");
        }
        Run alone = rollBack(api.place(), "--with-dependencies", "--to", "41");
        assertThat(alone.exitCode()).isEqualTo(2);
        assertThat(alone.err()).contains("--with-dependencies: without a flag or segment");
    }

    @Test
    void aRollbackWhoseAnswerWasLostIsNotSaidToBeNothing() {
        api.on(ROLLBACKS, 200, PLANNED).hangUp(ROLLBACKS).on(ROLLBACKS, 200, "{'repeated':true,'version':44}");
        Run run = rollBack(api.place(), "--to", "41");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEqualTo("ROLLED BACK  production, as version 44, by a try whose answer was lost\n");
        assertThat(api.last().header("Idempotency-Key"))
                .isEqualTo(api.asked().get(1).header("Idempotency-Key"));
        api.hangUp(ROLLBACKS).on(ROLLBACKS, 200, "{'repeated':true,'version':45}");
        api.on("GET /log/45", 200, "{'changes':[]}");
        assertThat(rollBack(api.place(), "a", "--to", "41").out())
                .startsWith("ROLLED BACK  a in production, as version");
    }

    @Test
    void aChangeInBetweenStopsIt() {
        api.on(ROLLBACKS, 200, PLANNED).on(ROLLBACKS, 412, """
            {'status':412,'title':'It isn’t the version you expect','detail':'ifUnchangedSince: 43, but production changed in version 44 (expected: no change since; look at what the rollback would do now)'}\
            """);
        Run run = rollBack(api.place(), "--to", "41");
        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("production changed in version 44");
        assertThat(run.out()).isEmpty();
    }
}
