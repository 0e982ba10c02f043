package dev.andon.proof.harness;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** A file system of a few megabytes that can be filled up and freed. Needs the right to mount. */
public final class SmallDisk implements AutoCloseable {
    private static final int CHUNK_BYTES = 4_096;
    private static final long PAUSE_NANOS = 100_000;
    private static final Duration FULL = Duration.ofSeconds(20);

    private final Path directory;
    private final Path filler;
    private Optional<Thread> greed = Optional.empty();

    private SmallDisk(Path directory) {
        this.directory = directory;
        this.filler = directory.resolve("filler");
    }

    /** Mounts one on a new directory, if this process may. */
    public static Optional<SmallDisk> mount(Path directory, int megabytes) {
        try {
            Files.createDirectories(directory);
            Process mount = new ProcessBuilder(
                            "mount",
                            "-t",
                            "tmpfs",
                            "-o",
                            "size=" + megabytes + "m",
                            "andon-proof",
                            directory.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (mount.waitFor() != 0) {
                return Optional.empty();
            }
            Warden.unmountAtEnd(directory);
            return Optional.of(new SmallDisk(directory));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public Path directory() {
        return directory;
    }

    /** Takes every byte that is free or becomes free, until {@link #free}. */
    public void fill() {
        if (greed.isEmpty()) {
            greed = Optional.of(Thread.ofPlatform().daemon().name("filler").start(this::takeAll));
        }
        Until.holds("the disk is full", FULL, () -> directory.toFile().getUsableSpace() == 0);
    }

    private void takeAll() {
        byte[] chunk = new byte[CHUNK_BYTES];
        try (OutputStream out = Files.newOutputStream(filler, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (!Thread.currentThread().isInterrupted()) {
                if (directory.toFile().getUsableSpace() == 0) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                } else {
                    write(out, chunk);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Somebody else may have been faster. */
    private static void write(OutputStream out, byte[] chunk) {
        try {
            out.write(chunk);
        } catch (IOException e) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    public void free() {
        greed.ifPresent(SmallDisk::end);
        greed = Optional.empty();
        try {
            Files.deleteIfExists(filler);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void end(Thread thread) {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        free();
        try {
            new ProcessBuilder("umount", "-l", directory.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
