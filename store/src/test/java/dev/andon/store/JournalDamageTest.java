package dev.andon.store;

import static dev.andon.store.JournalTest.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.andon.store.JournalFormat.Found;
import dev.andon.store.JournalFormat.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whatever happens to a journal's files, it opens, invents nothing and keeps all that can be read. */
final class JournalDamageTest {
    private static final int CAPACITY = 10_240;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Map<String, byte[]> kept = new LinkedHashMap<>();
    private final Map<String, byte[]> forgotten = new LinkedHashMap<>();
    private final FakeDisk disk = new FakeDisk(new Random(1));

    private static Journal open(FakeDisk disk) {
        return Journal.open(disk, "kills", CAPACITY, TIMEOUT, new Random(9));
    }

    private void fill(Journal journal, int from, int to) {
        for (int i = from; i <= to; i++) {
            byte[] content = bytes("{\"kill\":" + i + "," + "x".repeat(i * 7) + "}");
            journal.append("a-" + i, content);
            kept.put("a-" + i, content);
        }
    }

    private void forget(Journal journal, String key) {
        journal.forget(List.of(key));
        forgotten.put(key, kept.remove(key));
    }

    /** Without the journal's thread: this happens some ten thousand times. */
    private void check(FakeDisk damaged, String description, List<String> required) {
        try {
            JournalFiles files = new JournalFiles(damaged, "kills", CAPACITY, new Random(9));
            Map<String, byte[]> found = files.open();
            found.forEach((key, content) -> {
                if (!Arrays.equals(content, kept.getOrDefault(key, forgotten.get(key)))) {
                    fail(description + ": " + key + " was never written so");
                }
            });
            if (!found.keySet().containsAll(required)) {
                fail(description + ": " + found.keySet() + " (expected: " + required + ")");
            }
            byte[] content = bytes("still works");
            found.put("new", content);
            files.write(List.of(new Found(Kind.KEPT, "new", content)), found);
            Map<String, byte[]> again = new JournalFiles(damaged, "kills", CAPACITY, new Random(9)).open();
            if (!again.keySet().equals(found.keySet())) {
                fail(description + ": " + again.keySet() + " the next time (expected: " + found.keySet() + ")");
            }
        } catch (IOException e) {
            fail(description, e);
        }
    }

    /** Where a slot's records lie. */
    private record Extent(String key, int start, int end) {}

    private List<Extent> extents(byte[] slot) {
        List<Extent> extents = new ArrayList<>();
        kept.forEach((key, content) -> {
            int start = positionOf(slot, key);
            if (start >= 0) {
                extents.add(new Extent(key, start, start + 16 + key.length() + content.length));
            }
        });
        return extents;
    }

    /** Every byte that means something, and some of the zeros that fill the rest. */
    private static int step(byte[] slot, int at) {
        boolean header = at % 4_096 < 64 && at < JournalFormat.RECORDS_START;
        boolean records = at >= JournalFormat.RECORDS_START && at <= lastByte(slot) + 16;
        return header || records ? 1 : 32;
    }

    /** The slot in use. */
    private String current() {
        return Stream.of("kills.0", "kills.1")
                .max(Comparator.comparingLong(name ->
                        JournalFormat.readHeader(disk.get(name)).orElseThrow().generation()))
                .orElseThrow();
    }

    private static int lastByte(byte[] slot) {
        int last = slot.length - 1;
        while (last >= 0 && slot[last] == 0) {
            last--;
        }
        return last;
    }

    /** Where each record begins in a slot, found by its key. */
    private static int positionOf(byte[] slot, String key) {
        byte[] sought = bytes(key + "{");
        for (int i = 0; i + sought.length <= slot.length; i++) {
            if (Arrays.equals(slot, i, i + sought.length, sought, 0, sought.length)) {
                return i - 16;
            }
        }
        return -1;
    }

    @Test
    void anyCutKeepsWhatWasBeforeIt() {
        try (Journal journal = open(disk)) {
            fill(journal, 1, 8);
            forget(journal, "a-3");
        }
        String name = current();
        byte[] slot = disk.get(name);
        List<Extent> extents = extents(slot);
        for (int length = 0; length < slot.length; length += step(slot, length)) {
            FakeDisk cut = disk.copy();
            cut.put(name, Arrays.copyOf(slot, length));
            int end = length;
            List<String> required = extents.stream()
                    .filter(extent -> extent.end() <= end)
                    .map(Extent::key)
                    .toList();
            check(cut, "cut to " + length, required);
        }
    }

    @Test
    void anyFlippedByteCostsNoRecordButItsOwn() {
        try (Journal journal = open(disk)) {
            fill(journal, 1, 8);
            forget(journal, "a-3");
            fill(journal, 9, 9);
        }
        flipEveryByteOf(current());
    }

    @Test
    void anyFlippedByteAfterATakeOverCostsNoRecordButItsOwn() {
        try (Journal journal = open(disk)) {
            for (int i = 1; i <= 24; i++) {
                fill(journal, i, i);
                if (i > 3) {
                    forget(journal, "a-" + (i - 3));
                }
            }
        }
        String current = current();
        assertThat(positionOf(disk.get(current), "a-1")).isNegative();
        for (String slot : List.of("kills.0", "kills.1")) {
            assertThat(positionOf(disk.get(slot), "a-" + (slot.equals(current) ? 24 : 1)))
                    .isPositive();
            flipEveryByteOf(slot);
        }
    }

    private void flipEveryByteOf(String name) {
        byte[] slot = disk.get(name);
        List<Extent> extents = extents(slot);
        for (int i = 0; i < slot.length; i += step(slot, i)) {
            int at = i;
            List<String> damaged = extents.stream()
                    .filter(extent -> at >= extent.start() && at < extent.end())
                    .map(Extent::key)
                    .toList();
            List<String> required =
                    kept.keySet().stream().filter(key -> !damaged.contains(key)).toList();
            for (int mask : new int[] {0xff, 1 << (i % 8)}) {
                FakeDisk flipped = disk.copy();
                byte[] bytes = slot.clone();
                bytes[i] ^= (byte) mask;
                flipped.put(name, bytes);
                check(flipped, name + ": byte " + i + " flipped by " + mask, required);
            }
        }
    }

    @Test
    void aLostHeaderCostsNoRecordWhileTheOtherFileHasOne() {
        try (Journal journal = open(disk)) {
            for (int i = 1; i <= 40; i++) {
                fill(journal, i, i);
                if (i > 2) {
                    forget(journal, "a-" + (i - 2));
                }
            }
        }
        for (String name : List.of("kills.0", "kills.1")) {
            byte[] slot = disk.get(name);
            Arrays.fill(slot, 0, JournalFormat.RECORDS_START, (byte) 7);
            FakeDisk damaged = disk.copy();
            damaged.put(name, slot);
            check(damaged, name + " without header", List.copyOf(kept.keySet()));
        }
    }

    @Test
    void aDamagedFileIsSetAside() {
        try (Journal journal = open(disk)) {
            fill(journal, 1, 5);
        }
        String name = current();
        byte[] slot = disk.get(name);
        slot[positionOf(slot, "a-2") + 20] ^= 1;
        disk.put(name, slot);
        open(disk).close();
        assertThat(disk.names()).contains(name + ".damaged-1");
        assertThat(disk.get(name + ".damaged-1")).isEqualTo(slot);
    }

    @Test
    void aRecordInsideARecordIsNotOne() {
        byte[] slot;
        try (Journal journal = open(disk)) {
            fill(journal, 1, 1);
            slot = disk.get(current());
        }
        int start = positionOf(slot, "a-1");
        byte[] smuggled = Arrays.copyOfRange(slot, start, start + 64);
        try (Journal journal = open(disk)) {
            journal.append("b-1", smuggled);
            kept.put("b-1", smuggled);
        }
        String name = current();
        byte[] damaged = disk.get(name);
        int outer = start + JournalFormat.recordLength("a-1", kept.get("a-1"));
        damaged[outer] ^= 1;
        disk.put(name, damaged);
        try (Journal journal = open(disk)) {
            assertThat(JournalTest.keys(journal)).containsExactly("a-1");
        }
    }
}
