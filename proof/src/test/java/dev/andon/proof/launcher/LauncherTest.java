package dev.andon.proof.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./andon} with what this build has made; that it builds by itself is for a fresh clone to show. */
class LauncherTest {

    private static final int SECONDS = 60;

    private final Path root = Path.of("").toAbsolutePath().getParent();

    @TempDir
    private Path folder;

    private record Ran(int exitCode, String out, String err) {}

    @BeforeEach
    void theCommandIsBuilt() {
        assumeTrue(
                Files.exists(root.resolve("cli/target/andon/lib/andon.jar")), "nothing built (expected: mvn verify)");
    }

    @Test
    void itRunsThroughASymbolicLinkInAFolderWithSpaces() throws Exception {
        Path link = Files.createSymbolicLink(
                Files.createDirectory(folder.resolve("a folder")).resolve("brake"), root.resolve("andon"));

        Ran ran = run(folder, link.toString(), "--version");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out()).startsWith("andon ");
    }

    @Test
    void neitherItNorTheJvmSaysAnythingOfItsOwn() throws Exception {
        assertThat(run(root, "./andon", "--version").err()).isEmpty();
    }

    @Test
    void argumentsArriveAsTheyWereGivenAndTheExitCodeGoesBack() throws Exception {
        Ran ran = run(root, "./andon", "no such word");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("no such word");
    }

    private Ran run(Path from, String... command) throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(from.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("ANDON_NO_BUILD", "1");
        Process process = builder.start();
        try {
            assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS))
                    .as("ends in time")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Ran(
                process.exitValue(),
                Files.readString(out, StandardCharsets.UTF_8),
                Files.readString(err, StandardCharsets.UTF_8));
    }
}
