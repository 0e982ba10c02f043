package dev.andon.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What was set up for the story and must be gone after it, however it ends: closed in the reverse order, once, by the story
 * or by whoever ends the process. Whoever ends the process waits for what is being set up right now, so that this is
 * cleared away, too. Thread-safe.
 */
final class Stage implements AutoCloseable {
    private static final long LONGEST_SET_UP_MS = 15_000;

    private final Deque<AutoCloseable> props = new ArrayDeque<>();
    private final ReentrantLock setUp = new ReentrantLock();
    private final Curtain curtain;
    private boolean closed;
    private boolean endedByItself;

    /** @param curtain falls when the process is ended from outside */
    Stage(Curtain curtain) {
        this.curtain = curtain;
        Runtime.getRuntime().addShutdownHook(new Thread(this::interrupt, "demo's end"));
    }

    /** After the story has ended by itself, this does nothing. */
    private void interrupt() {
        curtain.fall();
        if (!idle()) {
            curtain.say("Something is still being set up: look for andon-demo- among the temporary files.");
            return;
        }
        try {
            if (!endedByItself) {
                close();
                curtain.say("The shop is closed, and everything is cleared away.");
            }
        } finally {
            setUp.unlock();
        }
    }

    /** Whether nothing is being set up, and nothing will be before the lock is given back. */
    private boolean idle() {
        try {
            return setUp.tryLock(LONGEST_SET_UP_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Sets something up that is to be closed. */
    <T extends AutoCloseable> T add(Supplier<T> prop) {
        return use(() -> {
            T made = prop.get();
            props.push(made);
            return made;
        });
    }

    /** Does something that leaves more to be cleared away by what was set up before. */
    <T> T use(Supplier<T> work) {
        setUp.lock();
        try {
            if (closed) {
                throw new DemoFailure(DemoFailure.DEFECT, "interrupted");
            }
            return work.get();
        } finally {
            setUp.unlock();
        }
    }

    /** A directory of its own. */
    Path directory() {
        return add(Directory::create).path();
    }

    @Override
    public void close() {
        setUp.lock();
        try {
            closed = true;
            endedByItself |= !curtain.isFallen();
            while (!props.isEmpty()) {
                clear(props.pop());
            }
        } finally {
            setUp.unlock();
        }
    }

    /** The rest is cleared away all the same. */
    @SuppressWarnings("CatchingUnchecked")
    private void clear(AutoCloseable prop) {
        try {
            prop.close();
        } catch (Exception e) {
            curtain.say(prop + " can't be cleared away: " + e);
        }
    }

    private record Directory(Path path) implements AutoCloseable {
        static Directory create() {
            try {
                return new Directory(Files.createTempDirectory("andon-demo-"));
            } catch (IOException e) {
                throw new DemoFailure(
                        DemoFailure.REFUSED,
                        "temporary files: " + System.getProperty("java.io.tmpdir")
                                + " can't be written (expected: a folder that this user may write; " + e + ")");
            }
        }

        @Override
        public void close() throws IOException {
            List<Path> paths;
            try (Stream<Path> found = Files.walk(path)) {
                paths = found.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : paths) {
                Files.deleteIfExists(file);
            }
        }
    }
}
