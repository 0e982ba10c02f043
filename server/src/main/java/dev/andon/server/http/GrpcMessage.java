package dev.andon.server.http;

import io.vertx.core.buffer.Buffer;

/**
 * A message as gRPC frames it: a byte that says whether it is compressed, its length in four bytes, and the message. Made once,
 * it may be sent on any number of calls, which share the bytes. Immutable.
 */
public final class GrpcMessage {
    static final int PREFIX_BYTES = 5;

    private final Buffer framed;
    private final boolean shared;

    private GrpcMessage(Buffer framed, boolean shared) {
        this.framed = framed;
        this.shared = shared;
    }

    /** @param message not compressed */
    public static GrpcMessage of(byte[] message) {
        return new GrpcMessage(frame(message), false);
    }

    /** Of which many calls send the same: that one client doesn't read it takes no memory. */
    public static GrpcMessage shared(byte[] message) {
        return new GrpcMessage(frame(message), true);
    }

    private static Buffer frame(byte[] message) {
        byte[] framed = new byte[PREFIX_BYTES + message.length];
        framed[1] = (byte) (message.length >>> 24);
        framed[2] = (byte) (message.length >>> 16);
        framed[3] = (byte) (message.length >>> 8);
        framed[4] = (byte) message.length;
        System.arraycopy(message, 0, framed, PREFIX_BYTES, message.length);
        return Buffer.buffer(framed);
    }

    /** With its frame. */
    public int bytes() {
        return framed.length();
    }

    boolean shared() {
        return shared;
    }

    Buffer framed() {
        return framed;
    }
}
