package dev.andon.server.delivery;

import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.nio.ByteBuffer;

/**
 * A frame as bytes, encoded once and sent to any number of clients. Immutable.
 *
 * <p>It holds what goes over the wire, the headers of its WebSocket frames included (RFC 6455, 5.2): Vert.x would make a frame, a header
 * and a future for each client.
 */
final class Message {
    /** Within what clients of other make take as one WebSocket frame by default. */
    private static final int MAX_FRAGMENT_BYTES = 60 << 10;

    private static final byte TEXT = 1;
    private static final byte CONTINUATION = 0;
    private static final byte FINAL = (byte) 0x80;

    /** The first length that doesn't fit into the header's second byte, which says so with it. */
    private static final int LONG = 126;

    private static final int LONG_HEADER_BYTES = 4;

    private final byte[] wire;
    private final int length;

    private Message(byte[] wire, int length) {
        this.wire = wire;
        this.length = length;
    }

    static Message of(Frame frame) {
        byte[] bytes = FrameCodec.encode(frame);
        int fragments = (bytes.length + MAX_FRAGMENT_BYTES - 1) / MAX_FRAGMENT_BYTES;
        int last = bytes.length - (fragments - 1) * MAX_FRAGMENT_BYTES;
        ByteBuffer wire = ByteBuffer.allocate(bytes.length + (fragments - 1) * LONG_HEADER_BYTES + headerBytes(last));
        for (int from = 0; from < bytes.length; from += MAX_FRAGMENT_BYTES) {
            int size = Math.min(MAX_FRAGMENT_BYTES, bytes.length - from);
            byte type = from == 0 ? TEXT : CONTINUATION;
            wire.put(from + size == bytes.length ? (byte) (FINAL | type) : type);
            if (size < LONG) {
                wire.put((byte) size);
            } else {
                wire.put((byte) LONG).putShort((short) size);
            }
            wire.put(bytes, from, size);
        }
        return new Message(wire.array(), bytes.length);
    }

    private static int headerBytes(int size) {
        return size < LONG ? 2 : LONG_HEADER_BYTES;
    }

    /** Without headers. */
    int length() {
        return length;
    }

    /** Without headers; a copy. */
    byte[] bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        for (int from = 0; bytes.hasRemaining(); ) {
            int size = Math.min(MAX_FRAGMENT_BYTES, bytes.remaining());
            from += headerBytes(size);
            bytes.put(wire, from, size);
            from += size;
        }
        return bytes.array();
    }

    /** On the channel's event loop; to be flushed. One that misses anything is closed, so that its client comes back. */
    void writeTo(ChannelHandlerContext channel) {
        int most = LONG_HEADER_BYTES + MAX_FRAGMENT_BYTES;
        for (int from = 0; from < wire.length; from += most) {
            int size = Math.min(most, wire.length - from);
            var _ = channel.write(Unpooled.wrappedBuffer(wire, from, size))
                    .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        }
    }
}
