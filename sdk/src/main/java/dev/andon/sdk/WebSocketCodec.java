package dev.andon.sdk;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.random.RandomGenerator;

/** The frames of a WebSocket as a client writes and reads them (RFC 6455). */
final class WebSocketCodec {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int FINAL = 0x80;
    private static final int RESERVED = 0x70;
    private static final int MASKED = 0x80;
    private static final int MAX_HEAD_BYTES = 14;
    private static final int MAX_CONTROL_BYTES = 125;
    private static final int KEY_BYTES = 16;
    private static final int MASK_BYTES = 4;

    private WebSocketCodec() {}

    /** A message, or a control frame. */
    record Message(int opcode, byte[] payload) {
        /** The close frame's code and reason, for people. */
        String closing() {
            if (payload.length < 2) {
                return "without a reason";
            }
            ByteBuffer bytes = ByteBuffer.wrap(payload);
            int code = Short.toUnsignedInt(bytes.getShort());
            return (code + " " + StandardCharsets.UTF_8.decode(bytes)).strip();
        }
    }

    static String newKey(RandomGenerator random) {
        byte[] bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** What a server answers to a key, to show that it speaks the protocol (section 4.2.2). */
    static String accepted(String key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-1").digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-1 is required of every Java runtime", e);
        }
    }

    /** One whole frame, masked (section 5.3). */
    static byte[] frame(int opcode, byte[] payload, RandomGenerator random) {
        ByteBuffer frame = ByteBuffer.allocate(MAX_HEAD_BYTES + payload.length);
        frame.put((byte) (FINAL | opcode));
        if (payload.length <= MAX_CONTROL_BYTES) {
            frame.put((byte) (MASKED | payload.length));
        } else if (payload.length <= 0xffff) {
            frame.put((byte) (MASKED | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (MASKED | 127)).putLong(payload.length);
        }
        byte[] mask = new byte[MASK_BYTES];
        random.nextBytes(mask);
        frame.put(mask);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ mask[i % MASK_BYTES]));
        }
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }

    /** Reads messages, whose control frames may come in between their parts. Not thread-safe. */
    static final class Reader {
        private final DataInputStream in;
        private final int maxBytes;
        private final ByteArrayOutputStream parts = new ByteArrayOutputStream();
        private int opcode = CONTINUATION;

        Reader(DataInputStream in, int maxBytes) {
            this.in = in;
            this.maxBytes = maxBytes;
        }

        /** The next control frame, or the next message that is complete. */
        Message next() throws IOException {
            while (true) {
                int first = in.readUnsignedByte();
                int second = in.readUnsignedByte();
                int kind = first & 0xf;
                boolean last = (first & FINAL) != 0;
                long length = length(second);
                boolean control = kind >= CLOSE;
                if ((first & RESERVED) != 0 || second >= MASKED || (control && (!last || length > MAX_CONTROL_BYTES))) {
                    throw new IOException("the server breaks the WebSocket protocol");
                }
                if (control) {
                    return new Message(kind, exactly(length));
                }
                if ((kind == CONTINUATION) == (opcode == CONTINUATION)) {
                    throw new IOException("the server sends parts of messages out of turn");
                }
                if (length > maxBytes - parts.size()) {
                    throw new IOException("a message of more than " + maxBytes + " bytes");
                }
                opcode = kind == CONTINUATION ? opcode : kind;
                if (last && parts.size() == 0) {
                    return complete(exactly(length));
                }
                parts.writeBytes(exactly(length));
                if (last) {
                    byte[] whole = parts.toByteArray();
                    parts.reset();
                    return complete(whole);
                }
            }
        }

        private Message complete(byte[] payload) {
            Message message = new Message(opcode, payload);
            opcode = CONTINUATION;
            return message;
        }

        private long length(int second) throws IOException {
            int length = second & 0x7f;
            if (length == 126) {
                return in.readUnsignedShort();
            }
            long exact = length == 127 ? in.readLong() : length;
            if (exact < 0) {
                throw new IOException("the server breaks the WebSocket protocol");
            }
            return exact;
        }

        private byte[] exactly(long length) throws IOException {
            byte[] bytes = in.readNBytes((int) length);
            if (bytes.length < length) {
                throw new java.io.EOFException("the connection ended within a message");
            }
            return bytes;
        }
    }
}
