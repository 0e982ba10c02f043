package dev.andon.server.http;

import io.vertx.core.Context;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands work from other threads to an event loop. */
public final class OnLoop {
    private static final Logger log = LoggerFactory.getLogger(OnLoop.class);

    private OnLoop() {}

    /**
     * Runs something on a loop, soon and in order. On one that has ended, with every connection that it served, it never runs: a
     * server closes while others of its threads may still have something to tell.
     */
    public static void run(Context loop, Runnable action) {
        try {
            loop.runOnContext(go -> action.run());
        } catch (RejectedExecutionException ended) {
            log.debug("event loop: ended; what was for it is dropped");
        }
    }
}
