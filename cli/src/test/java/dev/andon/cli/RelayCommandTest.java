package dev.andon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.start.RunningServer;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.server.node.NodeLimits;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Relays that don't start, each with the reason; and what a relay's token is good for. */
@Timeout(300)
class RelayCommandTest {
    @TempDir
    Path directory;

    private Run andon(String... words) {
        return Run.place().in(directory).andon(words);
    }

    private static void saysOnUsage(Run run, String message) {
        assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(message);
    }

    @Test
    void refusesWhatItCantUnderstand() {
        saysOnUsage(andon("relay", "--data", "d", "--region", "eu"), "--upstream: nothing");
        saysOnUsage(andon("relay", "--data", "d", "--upstream", "http://a:1"), "--region: nothing");
        saysOnUsage(
                andon("relay", "--data", "d", "--upstream", "a:1", "--region", "eu", "--token", "t"),
                "--upstream: \"a:1\" (expected: scheme, host and port");
        saysOnUsage(
                andon("relay", "--data", "d", "--upstream", "http://a:1", "--region", "eu"),
                "--token, --token-file or ANDON_TOKEN: nothing (expected: the secret of a token of role relay)");
        saysOnUsage(
                andon("relay", "--data", "d", "--upstream", "http://a:1", "--region", "eu", "--token", " "),
                "--token: nothing (expected: the secret of a token of role relay)");
        saysOnUsage(
                andon("relay", "--data", "d", "--upstream", "http://a:1", "--region", "eu", "--token-file", "none"),
                "none (expected: a file that can be read");
        saysOnUsage(
                andon("relay", "--data", "d", "--upstream", "http://a:1", "--region", "eu", "--token", "two words"),
                "token: 9 characters (expected: the secret of a token of role relay)");
    }

    @Test
    void aTokenThatIsntTakenIsSaidAtOnceAndNotShown() throws Exception {
        RunningServer.Settings settings =
                new RunningServer.Settings(directory.resolve("up"), "127.0.0.1", 0, Optional.empty());
        try (RunningServer server = RunningServer.start(settings)) {
            String address = server.address().toString();
            String admin = Files.readString(directory.resolve("up/admin.token")).strip();
            Files.writeString(directory.resolve("wrong.token"), "andon_wrong\n");
            long startNanos = System.nanoTime();
            for (String[] given : new String[][] {{"--token-file", "wrong.token"}, {"--token", admin}}) {
                Run run = andon(
                        "relay",
                        "--data",
                        "d",
                        "--port",
                        "0",
                        "--upstream",
                        address,
                        "--region",
                        "eu",
                        given[0],
                        given[1]);
                assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
                assertThat(run.err())
                        .contains(address, "(expected: a token of role relay that is in force")
                        .doesNotContain(admin, "andon_wrong");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos).toMillis())
                    .as("what both would wait for a store that may yet come")
                    .isLessThan(2 * NodeLimits.DEFAULT.startMs());

            Run.Place operator =
                    Run.place().in(directory).with("ANDON_SERVER", address).with("ANDON_TOKEN", admin);
            Run made = operator.andon("token", "create", "eu", "--role", "relay", "-r", "x", "--json");
            String token = Fields.lenient(Json.parse(made.out().getBytes(StandardCharsets.UTF_8)))
                    .text("secret");
            Run reads = operator.with("ANDON_TOKEN", token).andon("flag", "list");
            assertThat(reads.exitCode()).isEqualTo(3);
            assertThat(reads.err()).contains("relay (expected: a token of role viewer");
        }
    }
}
