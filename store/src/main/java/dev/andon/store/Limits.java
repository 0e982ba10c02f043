package dev.andon.store;

import dev.andon.store.StoreException.Code;
import java.time.Duration;
import java.util.List;

/** The checks before anything is written or asked for. */
final class Limits {
    private Limits() {}

    static void checkAppend(List<byte[]> entries) {
        expect("entries", entries.size(), 1, LedgerStore.MAX_APPEND_ENTRIES, "");
        long total = 0;
        for (byte[] entry : entries) {
            expect("entry", entry.length, 1, LedgerStore.MAX_ENTRY_BYTES, " bytes");
            total += entry.length;
        }
        expect("entries", total, 1, LedgerStore.MAX_APPEND_BYTES, " bytes");
    }

    static void checkRead(long afterVersion, int maxEntries) {
        expect("afterVersion", afterVersion, 0, Long.MAX_VALUE, "");
        expect("maxEntries", maxEntries, 1, LedgerStore.MAX_READ_ENTRIES, "");
    }

    static void checkRange(long first, long last) {
        expect("first", first, 1, Long.MAX_VALUE, "");
        expect("last", last, first, first + LedgerStore.MAX_READ_ENTRIES - 1, "");
    }

    static void checkSnapshot(LedgerPosition position, byte[] bytes) {
        expect("version", position.version(), 1, Long.MAX_VALUE, "");
        expect("snapshot", bytes.length, 1, LedgerStore.MAX_SNAPSHOT_BYTES, " bytes");
    }

    static void checkLease(String name, String holder, Duration time) {
        expect("name", name.length(), 1, 64, " characters");
        expect("holder", holder.length(), 1, 128, " characters");
        expect("time", time.toMillis(), 100, 3_600_000, " ms");
    }

    static void expect(String name, long value, long least, long most, String unit) {
        if (value < least || value > most) {
            String limit = most == Long.MAX_VALUE ? least + unit + " or more" : least + " to " + most + unit;
            throw new StoreException(Code.LIMIT, name + ": " + value + unit + " (expected: " + limit + ")");
        }
    }
}
