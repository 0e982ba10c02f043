package dev.andon.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a process has used, as the kernel counts it. */
final class Usage {
    private static final String RESIDENT = "VmRSS:";

    private Usage() {}

    /** Processor time of all threads that live, in nanoseconds. */
    static long cpuNanos(long pid) {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
            long sum = 0;
            for (Path thread : threads.toList()) {
                sum += onProcessor(thread);
            }
            return sum;
        } catch (IOException e) {
            throw new UncheckedIOException("processor time: unknown (expected: a Linux)", e);
        }
    }

    private static long onProcessor(Path thread) throws IOException {
        try {
            String figures = Files.readString(thread.resolve("schedstat"));
            return Long.parseLong(figures.substring(0, figures.indexOf(' ')));
        } catch (NoSuchFileException ended) {
            return 0;
        }
    }

    /** Memory that the process has, in bytes. */
    static long residentBytes(long pid) {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/" + pid + "/status"));
            for (String line : lines) {
                if (line.startsWith(RESIDENT)) {
                    String figure = line.substring(RESIDENT.length()).replace("kB", "");
                    return 1_024 * Long.parseLong(figure.strip());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("memory: unknown (expected: a Linux)", e);
        }
        throw new IllegalStateException("memory: the kernel doesn't say");
    }
}
