package dev.andon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.start.RunningServer;
import dev.andon.core.json.Fields;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wide kills from the command line, against a real server. */
class WideKillLiveTest {
    @TempDir
    Path directory;

    private RunningServer server;

    @BeforeEach
    void start() {
        server = RunningServer.start(
                new RunningServer.Settings(directory.resolve("data"), "127.0.0.1", 0, Optional.empty()));
        for (String flag : new String[] {"pay", "refund"}) {
            assertThat(andon("flag", "create", flag, "--owner", "payments", "--tag", "vendor:stripe", "-r", "x")
                            .exitCode())
                    .isZero();
        }
        assertThat(andon("flag", "create", "search", "--owner", "discovery", "-r", "x")
                        .exitCode())
                .isZero();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Run andon(String... arguments) {
        return Run.place()
                .in(directory)
                .with("ANDON_SERVER", server.address().toString())
                .with("ANDON_DATA", "data")
                .andon(arguments);
    }

    private void assertNothingStopped() {
        assertThat(andon("flag", "list", "-e", "production").out()).doesNotContain("KILLED");
    }

    @Test
    void aTagIsStoppedOnceWithItsCountAndRestoredByItsName() {
        Run unconfirmed = andon("kill", "tag:vendor:stripe", "-e", "production", "-r", "x");
        assertThat(unconfirmed.exitCode()).isEqualTo(2);
        assertThat(unconfirmed.err()).contains("--confirm: nothing (expected: 2,");
        Run wrong = andon("kill", "tag:vendor:stripe", "-e", "production", "-r", "x", "--confirm", "3");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertNothingStopped();

        Run killed = andon("kill", "tag:vendor:stripe", "-e", "production", "-r", "x", "--confirm", "2", "--json");
        assertThat(killed.exitCode()).as(killed.err()).isZero();
        Fields kill = Fields.lenient(killed.json());
        assertThat(kill.texts("flags")).containsExactly("pay", "refund");
        assertThat(andon("flag", "list", "-e", "production").out())
                .containsPattern("pay +KILLED")
                .containsPattern("refund +KILLED");

        Run again = andon("kill", "tag:vendor:stripe", "-e", "production", "-r", "x", "--json");
        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(Fields.lenient(again.json()).text("id")).isEqualTo(kill.text("id"));

        Run one = andon("restore", "pay", "-e", "production", "-r", "y");
        assertThat(one.exitCode()).isEqualTo(3);
        assertThat(one.err()).contains("pay, which kill " + kill.text("id") + " of tag:vendor:stripe holds");
        Run all = andon("restore", "tag:vendor:stripe", "-e", "production", "-r", "y");
        assertThat(all.out())
                .startsWith("RESTORED  tag:vendor:stripe in production")
                .contains(kill.text("id") + " (tag:vendor:stripe, 2 flags)");
        assertNothingStopped();
    }

    @Test
    void mistakesAreRefusedByNameAndStopNothing() {
        assertThat(andon("kill", "tag:vendor:strip", "-e", "production", "-r", "x", "--confirm", "2")
                        .err())
                .contains("target.tag: vendor:strip")
                .contains("Did you mean vendor:stripe?");
        assertThat(andon("kill", "owner:paymens", "-e", "production", "-r", "x", "--confirm", "2")
                        .err())
                .contains("Did you mean payments?");
        assertThat(andon("kill", "kind:ops", "-e", "production", "-r", "x", "--confirm", "1")
                        .err())
                .contains("a kind that flags of environment production have: release");
        assertThat(andon("kill", "seach", "-e", "production", "-r", "x").err()).contains("Did you mean search?");
        assertThat(andon("kill", "tag:vendor:stripe", "-e", "prodution", "-r", "x", "--confirm", "2")
                        .err())
                .contains("Did you mean production?");
        assertThat(andon("kill", "pay", "-e", "production", "-r", "x", "--segment", "stuff")
                        .exitCode())
                .isEqualTo(3);
        assertThat(andon("kill", "pay", "-e", "production", "-r", " ").exitCode())
                .isEqualTo(2);
        assertThat(andon("restore", "everything", "-e", "production", "-r", "x").exitCode())
                .isEqualTo(3);
        assertNothingStopped();
    }
}
