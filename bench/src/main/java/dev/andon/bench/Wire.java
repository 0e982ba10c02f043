package dev.andon.bench;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** WebSocket frames (RFC 6455) as bytes: what a server writes, and what a client does. */
final class Wire {
    static final byte[] UPGRADED =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);

    private static final int LAST_TEXT = 0x81;
    private static final int MASKED = 0x80;
    private static final int SHORT = 125;
    private static final int TWO_BYTES = 126;
    private static final int MAX_PAYLOAD_BYTES = 0xFFFF;

    private Wire() {}

    /** A server's text message of so many bytes that mean nothing. */
    static byte[] frame(int bytes) {
        byte[] payload = new byte[bytes];
        Arrays.fill(payload, (byte) 'x');
        return frame(payload, false);
    }

    /** A client's text message. Its mask is zero, which leaves it as it is. */
    static byte[] masked(byte[] payload) {
        return frame(payload, true);
    }

    private static byte[] frame(byte[] payload, boolean masked) {
        if (payload.length > MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException(
                    "payload: " + payload.length + " bytes (expected: at most " + MAX_PAYLOAD_BYTES + ")");
        }
        boolean small = payload.length <= SHORT;
        int header = (small ? 2 : 4) + (masked ? 4 : 0);
        byte[] frame = new byte[header + payload.length];
        frame[0] = (byte) LAST_TEXT;
        frame[1] = (byte) ((masked ? MASKED : 0) | (small ? payload.length : TWO_BYTES));
        if (!small) {
            frame[2] = (byte) (payload.length >> 8);
            frame[3] = (byte) payload.length;
        }
        System.arraycopy(payload, 0, frame, header, payload.length);
        return frame;
    }

    /** How long the server's frame at the reader's place is, header included; 0 if there isn't enough of it to tell. */
    static int length(ByteBuf bytes) {
        int readable = bytes.readableBytes();
        int header = headerLength(bytes);
        if (header == 0 || readable < header) {
            return 0;
        }
        int at = bytes.readerIndex();
        int small = bytes.getUnsignedByte(at + 1) & 0x7F;
        if (small <= SHORT) {
            return header + small;
        }
        return header + (small == TWO_BYTES ? bytes.getUnsignedShort(at + 2) : (int) bytes.getLong(at + 2));
    }

    /** Of the server's frame at the reader's place; 0 if there isn't enough of it to tell. */
    static int headerLength(ByteBuf bytes) {
        if (bytes.readableBytes() < 2) {
            return 0;
        }
        int small = bytes.getUnsignedByte(bytes.readerIndex() + 1) & 0x7F;
        return small <= SHORT ? 2 : small == TWO_BYTES ? 4 : 10;
    }
}
