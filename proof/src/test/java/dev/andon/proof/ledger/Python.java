package dev.andon.proof.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.proof.harness.Logs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** The other verifier, {@code docs/verify-ledger.py}. */
final class Python {
    private static final int SECONDS = 300;
    private static final Path SCRIPT =
            Path.of("").toAbsolutePath().resolveSibling("docs").resolve("verify-ledger.py");

    private Python() {}

    /** What a run printed. */
    record Ran(int exitCode, List<String> lines) {}

    /** Without Python, a test that needs it is skipped by name; where {@code CI} is set, it fails. */
    static void require() {
        Map<String, String> environment = System.getenv();
        boolean found = List.of(environment.getOrDefault("PATH", "").split(":", -1)).stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "python3")));
        if (!found && environment.containsKey("CI")) {
            throw new AssertionError("python3: not found (expected: on the PATH, wherever CI is set)");
        }
        Assumptions.assumeTrue(found, "python3: not found; the second verifier of exports isn't tried");
    }

    static Ran verify(List<String> arguments) {
        List<String> all = new ArrayList<>(List.of(SCRIPT.toString()));
        all.addAll(arguments);
        return run(all);
    }

    /** The verdict on every flip: line and entry, or {@code 0 0}. */
    static List<String> flips(Path export, int bits) {
        Path script =
                Path.of("src/test/resources/dev/andon/proof/ledger/flips.py").toAbsolutePath();
        Ran ran = run(List.of(script.toString(), SCRIPT.toString(), export.toString(), "" + bits));
        assertThat(ran.exitCode()).as(ran.lines().toString()).isZero();
        return ran.lines();
    }

    private static Ran run(List<String> arguments) {
        try {
            Path out = Files.createTempFile(Files.createDirectories(Logs.directory()), "python", ".log");
            List<String> command = new ArrayList<>(List.of("python3", "-I", "-B"));
            command.addAll(arguments);
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(command + ": not done after " + SECONDS + " s; its output: " + out);
            }
            return new Ran(process.exitValue(), Files.readAllLines(out));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
