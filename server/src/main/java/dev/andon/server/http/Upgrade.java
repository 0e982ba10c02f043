package dev.andon.server.http;

import io.vertx.core.http.ServerWebSocket;

/** What becomes of a WebSocket once its caller was let in. Runs on the socket's event loop and must not block. */
@FunctionalInterface
public interface Upgrade {
    /**
     * Sets the socket's handlers, all but the close handler; no frame is lost before it returns.
     *
     * @return what to do, once, when the socket is closed
     */
    Runnable open(Call call, ServerWebSocket socket);
}
