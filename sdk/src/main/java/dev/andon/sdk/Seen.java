package dev.andon.sdk;

import org.jspecify.annotations.Nullable;

/**
 * The few values that a caller gave so far. Any thread may add; two threads that add the same value at once may both be
 * told that it is new.
 */
final class Seen<T> {
    private Object[] values = new Object[0];

    /** Whether the value is new; not of null, nor once {@link CallerDefaults#MAX_PER_FLAG} are known. */
    boolean add(@Nullable T value) {
        Object[] known = values;
        for (Object one : known) {
            if (one.equals(value)) {
                return false;
            }
        }
        if (value == null || known.length == CallerDefaults.MAX_PER_FLAG) {
            return false;
        }
        Object[] more = java.util.Arrays.copyOf(known, known.length + 1);
        more[known.length] = value;
        values = more;
        return true;
    }
}
