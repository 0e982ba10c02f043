package dev.andon.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A file system of a few megabytes, for as long as a test runs. */
final class TinyDisk {
    private final Path directory;

    private TinyDisk(Path directory) {
        this.directory = directory;
    }

    /** Skips the test, saying why, where the user may not mount. */
    static TinyDisk mount(Path directory, int kilobytes) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=" + kilobytes + "k", "tmpfs", directory.toString());
        Assumptions.assumeTrue(mounted, "skipped: filling a disk needs the right to mount a small one");
        return new TinyDisk(directory);
    }

    Path directory() {
        return directory;
    }

    /** Takes all the room that is left, and answers the file that has it. */
    Path fill() throws IOException {
        Path filler = directory.resolve("filler");
        byte[] block = new byte[4_096];
        try (var out = Files.newOutputStream(filler)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            return filler;
        }
    }

    void unmount() throws IOException, InterruptedException {
        if (!run("umount", directory.toString())) {
            run("umount", "--lazy", directory.toString());
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }
}
