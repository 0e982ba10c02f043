package dev.andon.core.stream;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames of many clients, and acks faster: after a broadcast all clients acknowledge the same in the same bytes, but for
 * the time that it took them. Such a one is read once, and what it says is shared. Not thread-safe.
 */
public final class AckReader {
    private static final byte[] TIME = ",\"applyMicros\":".getBytes(StandardCharsets.US_ASCII);

    /** Fewer than make a number of more than 64 bits. */
    private static final int MAX_DIGITS = 18;

    /** The last ack's bytes up to its time, which comes last. */
    private byte[] known = {};

    private Frame.@Nullable Ack said;

    /** As {@link FrameCodec#decode} does, from a client. */
    public Frame read(byte[] utf8) {
        Frame.Ack last = said;
        if (last != null && begins(utf8, known)) {
            long micros = number(utf8, known.length);
            if (micros >= 0) {
                return new Frame.Ack(last.state(), last.pending(), micros);
            }
        }
        Frame frame = FrameCodec.decode(utf8, FrameCodec.FROM_CLIENT);
        if (frame instanceof Frame.Ack ack) {
            remember(utf8, ack);
        }
        return frame;
    }

    private void remember(byte[] utf8, Frame.Ack ack) {
        int digits = utf8.length - 1;
        while (digits > 0 && utf8[digits - 1] >= '0' && utf8[digits - 1] <= '9') {
            digits--;
        }
        byte[] head = Arrays.copyOf(utf8, digits);
        boolean timeLast = digits >= TIME.length
                && Arrays.equals(utf8, digits - TIME.length, digits, TIME, 0, TIME.length)
                && number(utf8, digits) == ack.applyMicros();
        said = timeLast ? new Frame.Ack(ack.state(), List.copyOf(ack.pending()), 0) : null;
        known = timeLast ? head : new byte[0];
    }

    private static boolean begins(byte[] utf8, byte[] head) {
        return utf8.length > head.length && Arrays.equals(utf8, 0, head.length, head, 0, head.length);
    }

    /** The number that, with the object's end, is all that is left; -1 if it isn't plainly one. */
    private static long number(byte[] utf8, int from) {
        int end = utf8.length - 1;
        boolean plain =
                end > from && end - from <= MAX_DIGITS && utf8[end] == '}' && (utf8[from] != '0' || end - from == 1);
        long number = 0;
        for (int i = from; plain && i < end; i++) {
            plain = utf8[i] >= '0' && utf8[i] <= '9';
            number = number * 10 + utf8[i] - '0';
        }
        return plain ? number : -1;
    }
}
