package dev.andon.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.store.StoreException.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file system that is really full. */
final class FullDiskTest {
    @TempDir
    Path directory;

    private TinyDisk disk;

    @BeforeEach
    void mount() throws Exception {
        disk = TinyDisk.mount(directory.resolve("tiny"), 4_096);
    }

    @AfterEach
    void unmount() throws Exception {
        if (disk != null) {
            disk.unmount();
        }
    }

    @Test
    void sqliteSaysFullAndKeepsWhatItAcknowledged() throws Exception {
        Path file = disk.directory().resolve("ledger.db");
        Random random = new Random(5);
        List<LedgerPosition> acknowledged = new ArrayList<>();
        try (LedgerStore store = LedgerStores.openFile(file, StoreOptions.DEFAULTS, random)) {
            LedgerPosition position = store.head().position();
            StoreException failure = null;
            while (failure == null) {
                List<byte[]> batch = List.of(new byte[30_000], new byte[30_000]);
                batch.forEach(random::nextBytes);
                try {
                    position = store.append(position, batch).head().position();
                    acknowledged.add(position);
                } catch (StoreException e) {
                    failure = e;
                }
            }
            assertThat(failure.code()).as(failure.toString()).isEqualTo(Code.FULL);
            assertThat(acknowledged).hasSizeGreaterThan(10);
            assertThat(store.head().position()).isEqualTo(position);
            assertThat(ends(store)).isEqualTo(acknowledged);
        }
        try (LedgerStore again = LedgerStores.openFile(file, StoreOptions.DEFAULTS, random)) {
            assertThat(ends(again)).isEqualTo(acknowledged);
        }
    }

    @Test
    void sqliteWorksAgainOnceThereIsRoom() throws Exception {
        Path file = disk.directory().resolve("ledger.db");
        try (LedgerStore store = LedgerStores.openFile(file, StoreOptions.DEFAULTS, new Random(6))) {
            LedgerPosition position = store.append(LedgerPosition.START, List.of(new byte[1_000]))
                    .head()
                    .position();
            Path filler = disk.fill();
            assertThatThrownBy(() -> store.append(position, List.of(new byte[200_000])))
                    .isInstanceOfSatisfying(StoreException.class, e -> {
                        assertThat(e.code()).as(e.toString()).isEqualTo(Code.FULL);
                        assertThat(e.outcomeUnknown()).isFalse();
                    });
            assertThat(store.head().version()).isEqualTo(1);
            Files.delete(filler);
            assertThat(store.append(position, List.of(new byte[200_000]))).isInstanceOf(AppendResult.Appended.class);
            assertThat(store.head().version()).isEqualTo(2);
        }
    }

    /** The positions after each pair of entries. */
    private static List<LedgerPosition> ends(LedgerStore store) {
        return store.read(0, LedgerStore.MAX_READ_ENTRIES).stream()
                .filter(entry -> entry.version() % 2 == 0)
                .map(StoredEntry::position)
                .toList();
    }

    @Test
    void theJournalGoesOnWithTheRoomThatItTook() throws Exception {
        Path file = disk.directory().resolve("kills");
        int taken = 0;
        try (Journal journal = Journal.open(file, Duration.ofSeconds(10), new Random(7))) {
            disk.fill();
            StoreException failure = null;
            while (failure == null) {
                try {
                    journal.append("a-" + (taken + 1), new byte[10_000]);
                    taken++;
                } catch (StoreException e) {
                    failure = e;
                }
            }
            assertThat(failure.code()).as(failure.toString()).isEqualTo(Code.FULL);
            assertThat(taken).isGreaterThan(90);
            for (int i = 1; i <= taken; i++) {
                journal.forget(List.of("a-" + i));
                journal.append("b-" + i, new byte[10_000]);
            }
        }
        try (Journal again = Journal.open(file, Duration.ofSeconds(10), new Random(7))) {
            assertThat(JournalTest.keys(again)).hasSize(taken).allMatch(key -> key.startsWith("b-"));
        }
    }

    @Test
    void aLocalFileKeepsItsOldContent() throws Exception {
        LocalFile file = new LocalFile(disk.directory().resolve("image"));
        byte[] old = new byte[100_000];
        old[5] = 5;
        file.save(old);
        Path filler = disk.fill();
        assertThatThrownBy(() -> file.save(new byte[200_000]))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.FULL));
        assertThat(file.load()).hasValue(old);
        Files.delete(filler);
        file.save(new byte[200_000]);
        assertThat(file.load()).hasValue(new byte[200_000]);
    }
}
