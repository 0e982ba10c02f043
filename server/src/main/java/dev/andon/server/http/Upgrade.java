package dev.andon.server.http;

import io.vertx.core.http.ServerWebSocket;
import java.time.Duration;
import java.util.Optional;

/** What becomes of a WebSocket once its caller was let in. Runs on the socket's event loop and must not block. */
@FunctionalInterface
public interface Upgrade {
    /**
     * Asked before the handshake: whoever is let in is {@link #open opened} next, or else {@link #failed}.
     *
     * @return when to come back, if there are too many at the moment
     */
    default Optional<Duration> admit() {
        return Optional.empty();
    }

    /** The handshake with one who was let in came to nothing. */
    default void failed() {}

    /**
     * Sets the socket's handlers, all but the close handler; no frame is lost before it returns.
     *
     * @return what to do, once, when the socket is closed
     */
    Runnable open(Call call, ServerWebSocket socket);
}
