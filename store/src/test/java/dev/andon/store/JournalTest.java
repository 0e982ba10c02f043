package dev.andon.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.store.StoreException.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JournalTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final List<Journal> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(Journal::close);
    }

    private Journal open() {
        Journal journal = Journal.open(directory.resolve("kills"), TIMEOUT, new Random(1));
        opened.add(journal);
        return journal;
    }

    private Journal open(FakeDisk disk, Duration timeout) {
        Journal journal = Journal.open(disk, "kills", 1 << 14, timeout, new Random(1));
        opened.add(journal);
        return journal;
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static List<String> keys(Journal journal) {
        return journal.records().stream().map(JournalRecord::key).toList();
    }

    @Test
    void recordsComeBackInOrderAfterClosingAndWithoutClosing() {
        Journal first = open();
        first.append("a-1", bytes("one"));
        first.append("b-7", bytes(""));
        first.append("a-2", bytes("two"));

        Journal second = open();
        assertThat(second.records())
                .containsExactly(
                        new JournalRecord("a-1", bytes("one")),
                        new JournalRecord("b-7", bytes("")),
                        new JournalRecord("a-2", bytes("two")));
        second.close();
        assertThat(keys(open())).containsExactly("a-1", "b-7", "a-2");
    }

    @Test
    void aForgottenRecordStaysForgotten() {
        Journal first = open();
        first.append("a-1", bytes("one"));
        first.append("a-2", bytes("two"));
        first.forget(List.of("a-1", "unknown"));
        first.forget(List.of());
        assertThat(keys(first)).containsExactly("a-2");
        assertThat(keys(open())).containsExactly("a-2");
    }

    @Test
    void aRecordThatIsThereStaysAsItIs() {
        Journal journal = open();
        journal.append("a-1", bytes("one"));
        journal.append("a-1", bytes("one"));
        assertThatThrownBy(() -> journal.append("a-1", bytes("other")))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.LIMIT));
        assertThat(open().records()).containsExactly(new JournalRecord("a-1", bytes("one")));
    }

    @Test
    void refusesWhatIsOutsideItsLimits() {
        Journal journal = open();
        for (String key : List.of("", "with blank", "ünicode", "x".repeat(Journal.MAX_KEY_LENGTH + 1))) {
            assertThatThrownBy(() -> journal.append(key, bytes("x")))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.LIMIT));
        }
        assertThatThrownBy(() -> journal.append("a-1", new byte[Journal.MAX_RECORD_BYTES + 1]))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.LIMIT));
        assertThat(keys(journal)).isEmpty();
    }

    @Test
    void takesFarMoreThanItsRoomAsLongAsRecordsAreForgotten() throws Exception {
        Journal journal = open();
        byte[] large = new byte[100_000];
        for (int i = 1; i <= 40; i++) {
            journal.append("a-" + i, large);
            if (i > 2) {
                journal.forget(List.of("a-" + (i - 2)));
            }
        }
        assertThat(keys(open())).containsExactly("a-39", "a-40");
        assertThat(Files.size(directory.resolve("kills.0"))).isEqualTo(JournalFiles.FIRST_CAPACITY);
        assertThat(Files.size(directory.resolve("kills.1"))).isEqualTo(JournalFiles.FIRST_CAPACITY);
    }

    @Test
    void growsWithWhatItHasToKeep() {
        Journal journal = open();
        byte[] large = new byte[Journal.MAX_RECORD_BYTES];
        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= 8; i++) {
            large[0] = (byte) i;
            journal.append("a-" + i, large.clone());
            expected.add("a-" + i);
        }
        assertThat(keys(open())).isEqualTo(expected);
        assertThat(open().records().get(4).bytes()[0]).isEqualTo((byte) 5);
    }

    @Test
    void onlyItsOwnerMayReadIt() throws Exception {
        open().append("a-1", bytes("one"));
        for (String slot : List.of("kills.0", "kills.1")) {
            assertThat(Files.getPosixFilePermissions(directory.resolve(slot)))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test
    void aFullDiskLeavesItTheRoomThatItTook() {
        FakeDisk disk = new FakeDisk(new Random(2));
        Journal journal = open(disk, TIMEOUT);
        disk.leaveRoom(0);
        byte[] kilobyte = new byte[990];
        int taken = 0;
        StoreException failure = null;
        while (failure == null) {
            try {
                journal.append("a-" + (taken + 1), kilobyte);
                taken++;
            } catch (StoreException e) {
                failure = e;
            }
        }
        assertThat(failure.code()).isEqualTo(Code.FULL);
        assertThat(taken).isGreaterThanOrEqualTo(7);
        assertThat(keys(journal)).hasSize(taken);

        journal.append("small", bytes("x"));
        journal.forget(List.of("a-1", "a-2", "a-3"));
        journal.append("b-1", kilobyte);
        journal.append("b-2", kilobyte);
        assertThat(keys(open(disk.afterCrash(), TIMEOUT)))
                .hasSize(taken)
                .contains("small", "a-4", "b-1", "b-2")
                .doesNotContain("a-1", "a-2", "a-3");

        disk.leaveRoom(1 << 20);
        for (int i = 1; i <= 20; i++) {
            journal.append("c-" + i, kilobyte);
        }
        assertThat(keys(open(disk.afterCrash(), TIMEOUT))).hasSize(taken + 20).contains("c-1", "c-20");
    }

    @Test
    void opensOnAFullDiskAndWorksOnceThereIsRoom() {
        FakeDisk disk = new FakeDisk(new Random(3));
        disk.leaveRoom(100);
        Journal journal = open(disk, TIMEOUT);
        assertThatThrownBy(() -> journal.append("a-1", bytes("one")))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.FULL));
        assertThat(keys(journal)).isEmpty();

        disk.leaveRoom(1 << 20);
        journal.append("a-1", bytes("one"));
        assertThat(keys(open(disk.afterCrash(), TIMEOUT))).containsExactly("a-1");
    }

    @Test
    void aDiskThatHangsCostsABoundedTimeOnceAndNoTimeThen() {
        FakeDisk disk = new FakeDisk(new Random(4));
        Journal journal = open(disk, Duration.ofSeconds(2));
        journal.append("a-1", bytes("one"));
        CountDownLatch latch = new CountDownLatch(1);
        disk.hang(latch);
        try {
            assertThatThrownBy(() -> journal.append("a-2", bytes("two")))
                    .isInstanceOfSatisfying(StoreException.class, e -> {
                        assertThat(e.code()).isEqualTo(Code.TIMEOUT);
                        assertThat(e.outcomeUnknown()).isTrue();
                    });
            assertThatThrownBy(() -> journal.append("a-3", bytes("three")))
                    .isInstanceOfSatisfying(StoreException.class, e -> {
                        assertThat(e.code()).isEqualTo(Code.TIMEOUT);
                        assertThat(e.outcomeUnknown()).isFalse();
                        assertThat(e).hasMessageContaining("still hangs");
                    });
        } finally {
            latch.countDown();
        }
        org.awaitility.Awaitility.await()
                .ignoreExceptionsInstanceOf(StoreException.class)
                .until(() -> {
                    journal.append("a-4", bytes("four"));
                    return true;
                });
        assertThat(keys(journal)).containsExactly("a-1", "a-2", "a-4");
    }

    @Test
    void aJournalThatIsNotAJournalIsSetAside() throws Exception {
        Files.writeString(directory.resolve("kills.0"), "something else");
        Journal journal = open();
        assertThat(keys(journal)).isEmpty();
        journal.append("a-1", bytes("one"));
        assertThat(keys(open())).containsExactly("a-1");
        assertThat(directory.resolve("kills.0.damaged-1")).hasContent("something else");
    }

    @Test
    void aFolderThatIsNotThereIsAnError() {
        Path missing = directory.resolve("missing/kills");
        Journal journal = Journal.open(missing, TIMEOUT, new Random(1));
        opened.add(journal);
        assertThatThrownBy(() -> journal.append("a-1", bytes("one"))).isInstanceOf(StoreException.class);
    }

    @Test
    void aClosedJournalSaysSo() {
        Journal journal = open();
        journal.close();
        journal.close();
        assertThatThrownBy(() -> journal.append("a-1", bytes("one")))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.CLOSED));
    }
}
