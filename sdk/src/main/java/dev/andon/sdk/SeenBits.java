package dev.andon.sdk;

import java.util.Arrays;

/** As {@link Seen}, for numbers of 64 bits, without boxes. */
final class SeenBits {
    private long[] values = new long[0];

    boolean add(long value) {
        long[] known = values;
        for (long one : known) {
            if (one == value) {
                return false;
            }
        }
        if (known.length == CallerDefaults.MAX_PER_FLAG) {
            return false;
        }
        long[] more = Arrays.copyOf(known, known.length + 1);
        more[known.length] = value;
        values = more;
        return true;
    }
}
