package dev.andon.proof.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Logs;
import dev.andon.server.AndonServer;
import dev.andon.server.ServerConfig;
import dev.andon.server.flagd.FlagdConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JavaScript of the page about every language, run as it stands there: it sees a flag that is on, and then a kill. */
class ExamplesTest {
    private static final Pattern JAVASCRIPT = Pattern.compile("(?s)```js\\n(.*?)```");
    private static final Path PAGE =
            Path.of("").toAbsolutePath().resolveSibling("docs").resolve("guide/languages.md");

    @TempDir
    private Path folder;

    @Test
    @Tag("nightly")
    void theProgramsOfThePageSeeAKill() throws Exception {
        List<String> programs = JAVASCRIPT
                .matcher(Files.readString(PAGE))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(programs).hasSize(3);
        seesAKill("node", programs.get(0), ProcessClient.ofrepFolder());
        seesAKill("browser", programs.get(1), ProcessClient.webFolder());
        seesAKill("flagd", programs.get(2), ProcessClient.flagdFolder());
    }

    private void seesAKill(String name, String program, Path packages) throws Exception {
        ServerConfig config = ServerConfig.in(folder.resolve(name))
                .withAddress("127.0.0.1", 0)
                .withFlagd(FlagdConfig.OFF.withSync(0).withEnvironments(List.of("production")));
        try (AndonServer server = AndonServer.start(config);
                Api admin = new Api(
                        server.port(), Files.readString(server.adminTokenFile()).strip())) {
            admin.createFlag("new-checkout").expect(201);
            String key = admin.post(
                            "/api/v1/tokens",
                            Json.object()
                                    .put("name", "page")
                                    .put("role", "client")
                                    .put("environment", "production")
                                    .put("reason", "a client"))
                    .expect(201)
                    .text("secret");
            // What a browser has by itself.
            String browser = name.equals("browser")
                    ? "import { EventSource } from 'eventsource';\nglobalThis.EventSource = EventSource;\n"
                    : "";
            Path script = packages.resolve("example.mjs");
            Files.writeString(
                    script,
                    browser
                            + program.replace(
                                            "http://127.0.0.1:8080",
                                            server.uri().toString())
                                    .replace("andon_client_…", key)
                                    .replace("8015", "" + server.flagdSyncPort().orElseThrow()));
            sees(script, admin);
        }
    }

    private static void sees(Path script, Api admin) throws IOException {
        Path errors = Files.createTempFile(Files.createDirectories(Logs.directory()), "example", ".log");
        Process process = new ProcessBuilder("node", script.toString())
                .redirectError(errors.toFile())
                .start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).as(Files.readString(errors)).isEqualTo("true");
            admin.kill("new-checkout", "it misbehaves").expect(200, 201, 202);
            String seen = lines.readLine();
            while ("true".equals(seen)) {
                seen = lines.readLine();
            }
            assertThat(seen).as(Files.readString(errors)).isEqualTo("false");
        } finally {
            process.destroyForcibly().onExit().join();
        }
    }
}
