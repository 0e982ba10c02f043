package dev.andon.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Power losses and failing disks at random moments: what was acknowledged is there, nothing else ever was. */
final class JournalCrashTest {
    private static final int LIVES = 1_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final Map<String, byte[]> attempted = new HashMap<>();
    private final Set<String> acknowledged = new HashSet<>();
    private final Set<String> forgetAcknowledged = new HashSet<>();

    @Test
    void acknowledgedRecordsSurviveEveryPowerLoss() {
        run(20260101, false);
    }

    @Test
    void acknowledgedRecordsSurvivePowerLossesOfAFailingDisk() {
        run(20260102, true);
    }

    private void run(long seed, boolean failing) {
        Random random = new Random(seed);
        FakeDisk disk = new FakeDisk(random);
        int number = 0;
        for (int life = 1; life <= LIVES; life++) {
            String description = "seed " + seed + ", life " + life;
            try (Journal journal = Journal.open(disk, "kills", 10_240, TIMEOUT, random)) {
                check(journal, description, failing);
                for (int operations = random.nextInt(12); operations > 0; operations--) {
                    if (failing && random.nextInt(3) == 0) {
                        disk.failAfter(random.nextInt(9), 1 + random.nextInt(3));
                    }
                    number = appendOrForget(journal, number, random);
                }
                if (random.nextInt(4) > 0) {
                    disk.failAfter(random.nextInt(9), 100);
                    number = appendOrForget(journal, number, random);
                }
            }
            disk = disk.afterCrash();
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
            forgetAcknowledged.addAll(chosen);
        } catch (StoreException e) {
            assertThat(e.outcomeUnknown()).isTrue();
        }
    }

    private void check(Journal journal, String description, boolean failing) {
        Set<String> found = new HashSet<>();
        for (JournalRecord record : journal.records()) {
            assertThat(found.add(record.key())).as(description).isTrue();
            assertThat(record.bytes()).as(description + ", " + record.key()).isEqualTo(attempted.get(record.key()));
        }
        assertThat(found).as(description).containsAll(acknowledged);
        if (!failing && !forgetAcknowledged.isEmpty()) {
            assertThat(found).as(description).doesNotContainAnyElementsOf(forgetAcknowledged);
        }
    }
}
