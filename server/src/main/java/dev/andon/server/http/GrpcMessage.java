package dev.andon.server.http;

import io.vertx.core.buffer.Buffer;

/**
 * A message as gRPC frames it: a byte that says whether it is compressed, its length in four bytes, and the message. Made once,
 * it may be sent on any number of calls, which share the bytes. Immutable.
 */
public final class GrpcMessage {
    static final int PREFIX_BYTES = 5;

    private final Buffer framed;

    private GrpcMessage(Buffer framed) {
        this.framed = framed;
    }

    /** @param message not compressed */
    public static GrpcMessage of(byte[] message) {
        byte[] framed = new byte[PREFIX_BYTES + message.length];
        framed[1] = (byte) (message.length >>> 24);
        framed[2] = (byte) (message.length >>> 16);
        framed[3] = (byte) (message.length >>> 8);
        framed[4] = (byte) message.length;
        System.arraycopy(message, 0, framed, PREFIX_BYTES, message.length);
        return new GrpcMessage(Buffer.buffer(framed));
    }

    /** With its frame. */
    public int bytes() {
        return framed.length();
    }

    Buffer framed() {
        return framed;
    }
}
