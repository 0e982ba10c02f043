package dev.andon.proof.clients;

import dev.andon.proof.harness.Logs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Packages from npm, in a folder for each set of them. */
public final class Npm {
    private static final int SECONDS = 120;
    private static final Path FOLDER = Path.of("target", "npm").toAbsolutePath();

    private Npm() {}

    /** Without Node or the packages, a test that needs them is skipped by name; where {@code CI} is set, it fails. */
    public static synchronized Path folder(String name, List<String> packages) {
        Map<String, String> environment = System.getenv();
        boolean found = List.of(environment.getOrDefault("PATH", "").split(":", -1)).stream()
                .anyMatch(folder ->
                        Files.isExecutable(Path.of(folder, "node")) && Files.isExecutable(Path.of(folder, "npm")));
        Path folder = FOLDER.resolve(name);
        String missing = "node, npm: not found";
        if (found && !Files.exists(folder.resolve("complete"))) {
            missing = install(folder, packages);
        }
        boolean there = Files.exists(folder.resolve("complete"));
        String told = missing + " (expected: on the PATH, with a registry); " + name + " isn't tried";
        if (!there && environment.containsKey("CI")) {
            throw new AssertionError(told);
        }
        Assumptions.assumeTrue(there, told);
        return folder;
    }

    /** As Node says it. */
    static String nodeVersion() {
        try {
            Process node = new ProcessBuilder("node", "--version").start();
            return new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Says what went wrong; marks the folder as complete if nothing did. */
    private static String install(Path folder, List<String> packages) {
        try {
            Files.createDirectories(folder);
            // another process of this build may want the same packages
            try (FileChannel channel = FileChannel.open(
                            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock _ = channel.lock()) {
                return Files.exists(folder.resolve("complete")) ? "" : installLocked(folder, packages);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String installLocked(Path folder, List<String> packages) throws IOException {
        try {
            Files.writeString(folder.resolve("package.json"), "{\"private\":true}");
            Path out = Files.createTempFile(Files.createDirectories(Logs.directory()), "npm", ".log");
            List<String> command =
                    new ArrayList<>(List.of("npm", "install", "--no-audit", "--no-fund", "--save-exact"));
            command.addAll(packages);
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "npm install: not done after " + SECONDS + " s; its output: " + out;
            }
            if (process.exitValue() != 0) {
                return "npm install: exit code " + process.exitValue() + "; its output: " + out;
            }
            Files.writeString(folder.resolve("complete"), String.join("\n", packages));
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
