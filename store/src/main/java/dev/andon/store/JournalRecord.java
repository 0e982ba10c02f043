package dev.andon.store;

import java.util.Arrays;

/**
 * What a journal keeps.
 *
 * @param key names it for ever, such as a kill's id
 * @param bytes as they were appended; not copied, not to be changed
 */
public record JournalRecord(String key, byte[] bytes) {
    @Override
    public boolean equals(Object other) {
        return other instanceof JournalRecord that && key.equals(that.key) && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return key.hashCode();
    }

    @Override
    public String toString() {
        return "JournalRecord[key=" + key + ", bytes=" + bytes.length + "]";
    }
}
