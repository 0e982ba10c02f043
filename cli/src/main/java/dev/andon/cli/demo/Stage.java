package dev.andon.cli.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * What was set up for the story and must be gone after it, however it ends: closed in the reverse order, once, by the story
 * or by whoever ends the process. Thread-safe.
 */
final class Stage implements AutoCloseable {
    private final Deque<AutoCloseable> props = new ArrayDeque<>();
    private boolean closed;
    private volatile boolean interrupted;

    Stage() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::interrupt, "demo's end"));
    }

    private void interrupt() {
        interrupted = !isClosed();
        close();
    }

    /** Whether the process is being ended from outside. */
    boolean interrupted() {
        return interrupted;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** Takes something that is to be closed; closes it at once if the story is over. */
    synchronized <T extends AutoCloseable> T add(T prop) {
        props.push(prop);
        if (closed) {
            clear();
            throw new DemoFailure(DemoFailure.DEFECT, "interrupted");
        }
        return prop;
    }

    /** A directory of its own. */
    Path directory() {
        try {
            Path directory = Files.createTempDirectory("andon-demo-");
            add(() -> delete(directory));
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException("no directory for temporary files: " + e.getMessage(), e);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        clear();
    }

    private void clear() {
        while (!props.isEmpty()) {
            closeQuietly(props.pop());
        }
    }

    @SuppressWarnings("CatchingUnchecked")
    private static void closeQuietly(AutoCloseable prop) {
        try {
            prop.close();
        } catch (Exception e) {
            // The rest is to be cleared away all the same.
        }
    }

    private static void delete(Path directory) throws IOException {
        List<Path> paths;
        try (Stream<Path> found = Files.walk(directory)) {
            paths = found.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
