package dev.andon.server.http;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what is under way and refuses more than the limits. Thread-safe; never blocks. */
final class Admission {
    private final HttpLimits limits;
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicLong bufferedBytes = new AtomicLong();

    Admission(HttpLimits limits) {
        this.limits = limits;
    }

    /** Refuses with 503 when too much is under way; urgent requests are always let in. */
    void enter(boolean urgent) {
        if (underWay.incrementAndGet() > limits.underWay() && !urgent) {
            underWay.decrementAndGet();
            throw busy("requests under way: " + limits.underWay());
        }
    }

    void leave() {
        underWay.decrementAndGet();
    }

    /** Refuses with 503 when too much is buffered, unless it is urgent. */
    void buffer(int bytes, boolean urgent) {
        if (bufferedBytes.addAndGet(bytes) > limits.bufferedBytes() && !urgent) {
            bufferedBytes.addAndGet(-bytes);
            throw busy("bytes of requests under way: " + limits.bufferedBytes());
        }
    }

    void release(int bytes) {
        bufferedBytes.addAndGet(-bytes);
    }

    int underWay() {
        return underWay.get();
    }

    private static ProblemException busy(String detail) {
        return new ProblemException(Problem.of(503, "busy", "Andon is busy", detail + " (expected: less)")
                .next("Nothing was changed. Try again in a second or more, with some jitter."));
    }
}
