package dev.andon.proof.harness;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** Where the processes of each test log to: {@code target/proof/<test>-<n>}. */
public final class Logs {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private Logs() {}

    /** A directory named after the test that asks. */
    public static Path directory() {
        String test = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.map(StackWalker.StackFrame::getDeclaringClass)
                        .filter(type -> type.getName().endsWith("Test"))
                        .findFirst())
                .map(Class::getSimpleName)
                .orElse("other");
        return Path.of("target", "proof", test + "-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet());
    }
}
