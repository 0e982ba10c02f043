package dev.andon.proof.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.Andon;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.proof.harness.Child;
import dev.andon.proof.harness.Logs;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code andon server} as a process: one line when it is ready, exit code 0 when it is told to end. */
class ServerCommandTest {
    private static final Duration START = Duration.ofMinutes(1);
    private static final Duration END = Duration.ofSeconds(60);

    @TempDir
    Path data;

    @Test
    void saysInOneLineWhereEverythingIsAndEndsInOrder() {
        List<String> arguments = List.of(
                "server",
                "--data",
                data.toString(),
                "--port",
                "0",
                "--ofrep",
                "0",
                "--flagd-sync",
                "0",
                "--flagd-evaluation",
                "0",
                "--json");
        try (Child server = Child.start("server-command", Logs.directory(), List.of(), Andon.class, arguments)) {
            String line = server.awaitLine("that it is ready", 0, START, said -> said.contains("address"));
            Fields ready = Fields.lenient(Json.parse(line.getBytes(StandardCharsets.UTF_8)));
            assertThat(ready.text("address")).startsWith("http://127.0.0.1:");
            assertThat(ready.text("ofrep")).startsWith("http://127.0.0.1:").isNotEqualTo(ready.text("address"));
            assertThat(ready.text("flagdEvaluation")).startsWith("127.0.0.1:").isNotEqualTo(ready.text("flagdSync"));
            assertThat(ready.text("store")).contains("SQLite").contains(data.toString());
            assertThat(Path.of(ready.text("adminToken"))).isRegularFile();
            assertThat(server.terminate(END)).isZero();
            assertThat(server.lines()).hasSize(1);
            assertThat(Files.exists(data)).isTrue();
        }
    }
}
