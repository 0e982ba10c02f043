package dev.andon.proof.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.core.ledger.ExportCheck;
import dev.andon.core.ledger.ExportVerdict;
import dev.andon.core.ledger.ExportVerifier;
import dev.andon.core.ledger.ExportVerifier.Step;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.server.AndonServer;
import dev.andon.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An outsider has an export, a public key and no server; each damage is found, and by both verifiers in the same place. */
class OutsiderTest {
    private static final int ENTRIES = 100;

    @TempDir
    private static Path folder;

    private static AndonServer server;
    private static CommandLine andon;
    private static byte[] export;

    @BeforeAll
    static void exportAHundredEntries() throws IOException {
        server = AndonServer.start(ServerConfig.in(folder.resolve("data")).withAddress("127.0.0.1", 0));
        andon = new CommandLine(server, folder);
        String token = Files.readString(server.adminTokenFile()).strip();
        try (Api api = new Api(server.port(), token)) {
            for (int i = 0; i < 5; i++) {
                api.createFlag("flag-" + i).expect(201);
            }
            api.kill("flag-1", "errors „quoted\" \\ and 🌵").expect(200, 201, 202);
            api.restore("flag-1", "repaired").expect(200, 201);
            for (int i = 0; version(api) < ENTRIES; i++) {
                api.post(
                                "/api/v1/environments",
                                Json.object().put("key", "e" + i).put("reason", "r"))
                        .expect(201);
            }
        }
        assertThat(andon.run("ledger", "export", "ledger.ndjson").exitCode()).isZero();
        Files.writeString(
                folder.resolve("andon.pub"), andon.run("ledger", "key").out());
        export = Files.readAllBytes(folder.resolve("ledger.ndjson"));
    }

    private static long version(Api api) {
        Answer ledger = api.get("/api/v1/ledger").expect(200);
        return ledger.whole("version");
    }

    @AfterAll
    static void close() {
        server.close();
    }

    /** The verifier as it is before each line, and where that begins. */
    private record Begin(int at, ExportVerifier verifier) {}

    private static List<Begin> begins() {
        List<Begin> begins = new ArrayList<>();
        ExportVerifier verifier = ExportVerifier.expecting(Set.of());
        int start = 0;
        for (int i = 0; i < export.length; i++) {
            if (export[i] == '\n') {
                begins.add(new Begin(start, verifier));
                verifier = ((Step.On) verifier.take(Arrays.copyOfRange(export, start, i))).next();
                start = i + 1;
            }
        }
        return begins;
    }

    /** Each verdict goes on from the state before the flipped line, which depends on the lines before it alone. */
    private static List<String> flips(int bits) {
        List<String> verdicts = new ArrayList<>();
        List<Begin> begins = begins();
        int line = 0;
        for (int at = 0; at < export.length; at++) {
            line += line + 1 < begins.size() && begins.get(line + 1).at() <= at ? 1 : 0;
            Begin begin = begins.get(line);
            byte before = export[at];
            for (int bit = 0; bit < bits; bit++) {
                export[at] = (byte) (before ^ 1 << ((at + bit) % 8));
                ExportCheck check = new ExportCheck(begin.verifier());
                check.take(export, begin.at(), export.length - begin.at());
                verdicts.add(check.end() instanceof ExportVerdict.Bad bad ? bad.line() + " " + bad.entry() : "0 0");
            }
            export[at] = before;
        }
        return verdicts;
    }

    private static void everyFlipIsFoundByBoth(int bits) {
        List<String> ours = flips(bits);
        assertThat(ours).hasSize(export.length * bits).doesNotContain("0 0");
        assertThat(Python.flips(folder.resolve("ledger.ndjson"), bits)).isEqualTo(ours);
    }

    @Test
    void aFlipOfAnyByteOfAHundredEntriesIsFoundByBothVerifiersInTheSamePlace() {
        Python.require();
        everyFlipIsFoundByBoth(1);
    }

    @Test
    @Tag("nightly")
    void aFlipOfAnyBitIsFoundByBothVerifiersInTheSamePlace() {
        Python.require();
        everyFlipIsFoundByBoth(8);
    }

    /** As an outsider runs them, on whole files. */
    @Test
    void bothProgramsSayTheSameOfWholeFilesGoodAndDamaged() throws IOException {
        Python.require();
        List<String> files = new ArrayList<>(List.of("ledger.ndjson"));
        List<String> lines = Files.readAllLines(folder.resolve("ledger.ndjson"));
        for (int i = 0; i < lines.size(); i += 7) {
            List<String> without = new ArrayList<>(lines);
            without.remove(i);
            files.add(write("without-" + i, without, "\n"));
            List<String> twice = new ArrayList<>(lines);
            twice.add(i, lines.get(i));
            files.add(write("twice-" + i, twice, "\n"));
            files.add(write("cut-" + i, lines.subList(0, i), "\n"));
        }
        files.add(write("no-last-line-break", lines, ""));
        files.add(write("carriage-returns", lines, "\r\n"));
        files.add(write("nothing", List.of(), ""));
        files.add(write("more", lines.reversed(), "\n"));

        Python.Ran python = Python.verify(
                files.stream().map(name -> folder.resolve(name).toString()).toList());

        assertThat(python.exitCode()).isEqualTo(3);
        assertThat(python.lines()).hasSameSizeAs(files);
        for (int i = 0; i < files.size(); i++) {
            CommandLine.Run ours = andon.run("ledger", "verify", "--json", files.get(i));
            String said = python.lines()
                    .get(i)
                    .substring(folder.resolve(files.get(i)).toString().length());
            String place = ours.exitCode() == 0
                    ? ": GOOD "
                    : ": BAD line " + ours.member("line") + ", entry " + ours.member("entry") + ": ";
            assertThat(said).as(files.get(i) + ", ours: " + ours.out()).startsWith(place);
            assertThat(ours.exitCode() == 0).as(files.get(i)).isEqualTo(i == 0);
        }
    }

    private static String write(String name, List<String> lines, String end) throws IOException {
        Files.writeString(
                folder.resolve(name), lines.isEmpty() ? "" : String.join(end.isEmpty() ? "\n" : end, lines) + end);
        return name;
    }

    @Test
    void bothTakeTheNodesKeyAndNoOther() throws IOException {
        Python.require();
        String file = folder.resolve("ledger.ndjson").toString();
        String key = folder.resolve("andon.pub").toString();
        String pem = Files.readString(folder.resolve("andon.pub"));
        String base64 =
                pem.lines().filter(line -> line.startsWith("MCow")).findFirst().orElseThrow();
        String other = base64.substring(0, 58) + (base64.charAt(58) == 'A' ? 'E' : 'A') + "=";

        assertThat(andon.run("ledger", "verify", file, "--key", key).exitCode()).isZero();
        assertThat(Python.verify(List.of("--key", key, file)).exitCode()).isZero();
        assertThat(Python.verify(List.of("--key", base64, file)).lines().getFirst())
                .contains("GOOD up to version " + ENTRIES)
                .doesNotContain("forged");
        assertThat(Python.verify(List.of(file)).lines().getFirst()).contains("perhaps forged");
        assertThat(andon.run("ledger", "verify", file, "--key", other).exitCode())
                .isEqualTo(3);
        assertThat(Python.verify(List.of("--key", other, file)).exitCode()).isEqualTo(3);
        assertThat(Python.verify(List.of("--key", "no key", file)).exitCode()).isEqualTo(2);
        assertThat(Python.verify(List.of("missing")).exitCode()).isEqualTo(2);
        assertThat(Python.verify(List.of()).exitCode()).isEqualTo(2);
    }
}
