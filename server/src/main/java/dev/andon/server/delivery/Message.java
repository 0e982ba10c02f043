package dev.andon.server.delivery;

import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import io.netty.buffer.Unpooled;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.http.WebSocketFrameType;
import io.vertx.core.http.impl.ws.WebSocketFrameImpl;

/**
 * A frame as bytes, encoded once and sent to any number of clients without being copied. Immutable.
 *
 * <p>Vert.x's public interface takes text messages as strings, which it would encode anew for every client.
 */
final class Message {
    /** Within what clients of other make take as one WebSocket frame by default. */
    private static final int MAX_FRAGMENT_BYTES = 60 << 10;

    private final byte[] bytes;

    private Message(byte[] bytes) {
        this.bytes = bytes;
    }

    static Message of(Frame frame) {
        return new Message(FrameCodec.encode(frame));
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return bytes.length;
    }

    void writeTo(ServerWebSocket socket) {
        int from = 0;
        do {
            int to = Math.min(bytes.length, from + MAX_FRAGMENT_BYTES);
            WebSocketFrameType type = from == 0 ? WebSocketFrameType.TEXT : WebSocketFrameType.CONTINUATION;
            WebSocketFrame fragment =
                    new WebSocketFrameImpl(type, Unpooled.wrappedBuffer(bytes, from, to - from), to == bytes.length);
            socket.writeFrame(fragment);
            from = to;
        } while (from < bytes.length);
    }
}
