package dev.andon.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Power losses and failing disks at random moments: what was acknowledged is there, nothing else ever was. */
final class JournalCrashTest {
    private static final int LIVES = 1_000;
    private static final long SEED = 20260103;

    /** So often is the journal tried without one of its syncs, until something is lost. */
    private static final int TRIES = 40;

    /** Sound disks, failing disks, and processes that die. */
    private static final int KINDS = 3;

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Map<String, byte[]> attempted = new HashMap<>();
    private final Set<String> acknowledged = new HashSet<>();

    @Test
    void acknowledgedRecordsSurviveEveryPowerLoss() {
        run(20260101, false);
    }

    @Test
    void acknowledgedRecordsSurvivePowerLossesOfAFailingDisk() {
        run(20260102, true);
    }

    /** Each sync in the journal's code is there for something: without it, what was acknowledged is lost. */
    @Test
    void withoutAnyOneSyncSomethingIsLost() {
        Set<String> syncs = new TreeSet<>();
        for (int i = 0; i < KINDS; i++) {
            FakeDisk disk = new FakeDisk(new Random(SEED + i));
            assertThat(lost(i, disk)).isEmpty();
            syncs.addAll(disk.syncs());
        }
        List<String> unnoticed = new ArrayList<>();
        for (String sync : syncs) {
            if (!isMissed(sync)) {
                unnoticed.add(sync);
            }
        }
        assertThat(syncs).isNotEmpty();
        assertThat(unnoticed).isEmpty();
    }

    private static boolean isMissed(String sync) {
        for (int i = 0; i < TRIES; i++) {
            FakeDisk disk = new FakeDisk(new Random(SEED + i));
            disk.leaveOut(sync);
            if (lost(i, disk).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private static Optional<AssertionError> lost(int number, FakeDisk disk) {
        try {
            new JournalCrashTest().run(SEED + number, number % KINDS == 1, number % KINDS == 2, disk);
            return Optional.empty();
        } catch (AssertionError e) {
            return Optional.of(e);
        }
    }

    private void run(long seed, boolean failing) {
        run(seed, failing, false, new FakeDisk(new Random(seed)));
    }

    /** @param dying whether the process dies now and then, and the machine doesn't */
    private void run(long seed, boolean failing, boolean dying, FakeDisk fresh) {
        Random random = new Random(seed);
        FakeDisk disk = fresh;
        int number = 0;
        for (int life = 1; life <= LIVES; life++) {
            String description = "seed " + seed + ", life " + life;
            boolean clean;
            try (Journal journal = Journal.open(disk, "kills", 10_240, TIMEOUT, random)) {
                check(journal, description);
                for (int operations = random.nextInt(12); operations > 0; operations--) {
                    if (failing && random.nextInt(3) == 0) {
                        disk.failAfter(random.nextInt(9), 1 + random.nextInt(3));
                    }
                    number = appendOrForget(journal, number, random);
                }
                // The process dies after it has written and before it has synced, and the machine doesn't.
                clean = dying && random.nextInt(4) == 0;
                if (!clean) {
                    disk.failAfter(random.nextInt(9), 100);
                    number = appendOrForget(journal, number, random);
                } else {
                    number++;
                    disk.hold(true);
                    attempted.put("a-" + number, new byte[number % 700]);
                    journal.append("a-" + number, attempted.get("a-" + number));
                    disk.hold(false);
                }
            }
            if (!clean) {
                disk = disk.afterCrash();
            }
        }
    }

    private int appendOrForget(Journal journal, int number, Random random) {
        if (random.nextInt(3) > 0 || acknowledged.isEmpty()) {
            append(journal, "a-" + (number + 1), random);
        } else {
            forget(journal, random);
        }
        return number + 1;
    }

    private void append(Journal journal, String key, Random random) {
        byte[] content = new byte[random.nextInt(700)];
        random.nextBytes(content);
        attempted.put(key, content);
        try {
            journal.append(key, content);
            acknowledged.add(key);
        } catch (StoreException e) {
            assertThat(e.outcomeUnknown()).isTrue();
        }
    }

    private void forget(Journal journal, Random random) {
        List<String> present = JournalTest.keys(journal);
        List<String> chosen =
                present.stream().filter(key -> random.nextBoolean()).toList();
        acknowledged.removeAll(chosen);
        try {
            journal.forget(chosen);
        } catch (StoreException e) {
            assertThat(e.outcomeUnknown()).isTrue();
        }
    }

    private void check(Journal journal, String description) {
        Set<String> found = new HashSet<>();
        for (JournalRecord record : journal.records()) {
            assertThat(found.add(record.key())).as(description).isTrue();
            assertThat(record.bytes()).as(description + ", " + record.key()).isEqualTo(attempted.get(record.key()));
        }
        assertThat(found).as(description).containsAll(acknowledged);
        // Whoever starts goes by what is there.
        acknowledged.addAll(found);
        // What was forgotten may come back when a take-over was cut short; the marks of the image say that it is over.
    }
}
