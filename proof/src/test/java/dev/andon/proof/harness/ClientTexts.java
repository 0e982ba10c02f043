package dev.andon.proof.harness;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
    private int heldLength;
    private boolean handshakeDone;
    private boolean readingText;

    ClientTexts(Consumer<String> reader) {
        this.reader = reader;
    }

    void feed(byte[] bytes, int length) {
        if (heldLength + length > held.length) {
            held = Arrays.copyOf(held, 2 * (heldLength + length));
        }
        System.arraycopy(bytes, 0, held, heldLength, length);
        heldLength += length;
        int at = handshakeDone ? 0 : endOfHandshake();
        for (int next = frameEnd(at); handshakeDone && next > 0; next = frameEnd(at)) {
            readFrame(held, at, next);
            at = next;
        }
        System.arraycopy(held, at, held, 0, heldLength - at);
        heldLength -= at;
    }

    private int endOfHandshake() {
        int end = new String(held, 0, heldLength, StandardCharsets.ISO_8859_1).indexOf(END_OF_HEAD);
        handshakeDone = end >= 0;
        return handshakeDone ? end + END_OF_HEAD.length() : 0;
    }

    /** Where the frame that begins at {@code at} ends, or -1 if it isn't all there. */
    private int frameEnd(int at) {
        if (heldLength - at < 2 || heldLength - at < 2 + lengthBytes(held, at)) {
            return -1;
        }
        long end = payload(held, at) + length(held, at);
        return end <= heldLength ? (int) end : -1;
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
