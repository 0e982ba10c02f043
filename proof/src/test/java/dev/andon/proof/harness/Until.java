package dev.andon.proof.harness;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** Waits for conditions. */
public final class Until {
    private static final Duration POLL = Duration.ofMillis(10);

    private Until() {}

    /** The first answer that is accepted; the message of a failure holds the last answer. */
    public static <T> T accepted(String what, Duration atMost, Callable<T> ask, Predicate<T> accepts) {
        return Awaitility.await(what)
                .atMost(atMost)
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL)
                .pollInSameThread()
                .until(ask, accepts);
    }

    public static void holds(String what, Duration atMost, Callable<Boolean> condition) {
        accepted(what, atMost, condition, holds -> holds);
    }
}
