package dev.andon.server.http;

import io.vertx.core.http.ServerWebSocket;
import java.time.Duration;
import java.util.Optional;

/** What becomes of a WebSocket once its caller was let in. Runs on the socket's event loop and must not block. */
@FunctionalInterface
public interface Upgrade {
    /**
     * Asked before the handshake; keeps no place, as the handshake may come to nothing.
     *
     * @return when to come back, if there are too many at the moment
     */
    default Optional<Duration> admit(Call call) {
        return Optional.empty();
    }

    /**
     * Sets the socket's handlers, all but the close handler; no frame is lost before it returns.
     *
     * @return what to do, once, when the socket is closed
     */
    Runnable open(Call call, ServerWebSocket socket);
}
