package dev.andon.proof.harness;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Reads along with what a WebSocket client sends: skips the HTTP request of the handshake and then gives the text of
 * every message (RFC 6455, section 5.2; without extensions). For one connection; not thread-safe.
 */
final class ClientTexts {
    private static final String END_OF_HEAD = "\r\n\r\n";
    private static final int TEXT = 0x1;
    private static final int FIRST_CONTROL = 0x8;

    private final Consumer<String> reader;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private byte[] held = new byte[0];
    private boolean handshakeDone;
    private boolean readingText;

    ClientTexts(Consumer<String> reader) {
        this.reader = reader;
    }

    void feed(byte[] bytes, int length) {
        byte[] joined = new byte[held.length + length];
        System.arraycopy(held, 0, joined, 0, held.length);
        System.arraycopy(bytes, 0, joined, held.length, length);
        int at = handshakeDone ? 0 : endOfHandshake(joined);
        for (int next = frameEnd(joined, at); handshakeDone && next > 0; next = frameEnd(joined, at)) {
            readFrame(joined, at, next);
            at = next;
        }
        held = java.util.Arrays.copyOfRange(joined, at, joined.length);
    }

    private int endOfHandshake(byte[] bytes) {
        int end = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(END_OF_HEAD);
        handshakeDone = end >= 0;
        return handshakeDone ? end + END_OF_HEAD.length() : 0;
    }

    /** Where the frame that begins at {@code at} ends, or -1 if it isn't all there. */
    private static int frameEnd(byte[] bytes, int at) {
        if (bytes.length - at < 2) {
            return -1;
        }
        int lengthBytes = lengthBytes(bytes, at);
        if (bytes.length - at < 2 + lengthBytes) {
            return -1;
        }
        long end = payload(bytes, at) + length(bytes, at);
        return end <= bytes.length ? (int) end : -1;
    }

    private static int lengthBytes(byte[] bytes, int at) {
        return switch (bytes[at + 1] & 0x7f) {
            case 126 -> 2;
            case 127 -> 8;
            default -> 0;
        };
    }

    private static long length(byte[] bytes, int at) {
        int lengthBytes = lengthBytes(bytes, at);
        if (lengthBytes == 0) {
            return bytes[at + 1] & 0x7f;
        }
        long length = 0;
        for (int i = 0; i < lengthBytes; i++) {
            length = length << 8 | (bytes[at + 2 + i] & 0xff);
        }
        return length;
    }

    private static int payload(byte[] bytes, int at) {
        int maskBytes = (bytes[at + 1] & 0x80) == 0 ? 0 : 4;
        return at + 2 + lengthBytes(bytes, at) + maskBytes;
    }

    private void readFrame(byte[] bytes, int at, int end) {
        int opcode = bytes[at] & 0x0f;
        if (opcode >= FIRST_CONTROL) {
            return;
        }
        readingText = opcode == TEXT || (opcode == 0 && readingText);
        int payload = payload(bytes, at);
        boolean masked = (bytes[at + 1] & 0x80) != 0;
        for (int i = payload; i < end; i++) {
            message.write(masked ? bytes[i] ^ bytes[payload - 4 + (i - payload) % 4] : bytes[i]);
        }
        boolean last = (bytes[at] & 0x80) != 0;
        if (last) {
            String text = message.toString(StandardCharsets.UTF_8);
            message.reset();
            if (readingText) {
                reader.accept(text);
            }
        }
    }
}
