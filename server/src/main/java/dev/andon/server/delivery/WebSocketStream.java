package dev.andon.server.delivery;

import dev.andon.core.stream.Frame;
import dev.andon.core.stream.ServerInput;
import io.vertx.core.http.ServerWebSocket;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stream on a WebSocket. On the socket's event loop only, but for {@link #end}. */
final class WebSocketStream implements Session.Transport {
    private static final Logger log = LoggerFactory.getLogger(WebSocketStream.class);
    private static final short NORMAL = 1000;

    private final EventLoop loop;
    private final ServerWebSocket socket;
    private final Session session;
    private long unwrittenBytes;
    private boolean full;

    WebSocketStream(
            EventLoop loop, ServerWebSocket socket, String environment, String token, String secretHash, Feed feed) {
        this.loop = loop;
        this.socket = socket;
        this.session = new Session(loop.hub(), this, environment, token, secretHash, feed);
    }

    Session session() {
        return session;
    }

    void open() {
        loop.add(this);
        socket.setWriteQueueMaxSize(loop.hub().limits().queueBytes());
        socket.textMessageHandler(text -> received(text.getBytes(StandardCharsets.UTF_8)));
        socket.binaryMessageHandler(bytes -> received(bytes.getBytes()));
        socket.drainHandler(drained -> {
            full = false;
            unwrittenBytes = 0;
            session.step(new ServerInput.Drained());
            afterWriting();
        });
        socket.exceptionHandler(e -> log.debug("stream: {}", e.toString()));
        // Whatever was offered between finding the feed and being on the loop's list.
        loop.hub().feeds().feed(session.environment()).ifPresent(session::offered);
    }

    private void received(byte[] bytes) {
        session.received(bytes);
        afterWriting();
    }

    /** Tells the session when the socket has no more room. */
    void afterWriting() {
        if (!full && !socket.isClosed() && socket.writeQueueFull()) {
            full = true;
            session.step(new ServerInput.Filled(unwrittenBytes));
        }
        if (!full) {
            unwrittenBytes = 0;
        }
    }

    void closed() {
        loop.remove(this);
        session.step(new ServerInput.Closed());
        loop.hub().leave();
    }

    @Override
    public void send(Message message) {
        if (!socket.isClosed()) {
            unwrittenBytes += message.length();
            message.writeTo(socket);
        }
    }

    @Override
    public void close() {
        if (!socket.isClosed()) {
            socket.close(NORMAL);
        }
    }

    @Override
    public void end(Frame.Refused why) {
        loop.context().runOnContext(go -> session.step(new ServerInput.End(why)));
    }
}
