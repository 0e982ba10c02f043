package dev.andon.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes killed at random moments while they write: what they had acknowledged is there. */
final class KillNineTest {
    private static final int KILLS = 4;
    private static final long SEED = 20260103;

    @TempDir
    Path directory;

    @Test
    void aJournalKeepsWhatAKilledProcessAcknowledged() throws Exception {
        Random random = new Random(SEED);
        Path file = directory.resolve("kills");
        Map<String, String> expected = new HashMap<>();
        for (int kill = 1; kill <= KILLS; kill++) {
            List<String> acknowledged = Victim.killAfter(1 + random.nextInt(400), "journal", file, "k" + kill);
            assertThat(acknowledged).isNotEmpty();
            acknowledged.forEach(key -> expected.put(key, "content of " + key));
            try (Journal journal = Journal.open(file, Duration.ofSeconds(30), random)) {
                Map<String, String> found = new HashMap<>();
                journal.records().forEach(record -> found.put(record.key(), new String(record.bytes(), UTF_8).strip()));
                assertThat(found).as("seed %s, kill %s", SEED, kill).containsAllEntriesOf(expected);
                assertThat(found.size() - expected.size()).as("unacknowledged").isBetween(0, kill);
                expected.putAll(found);
            }
        }
    }

    @Test
    void sqliteKeepsWhatAKilledProcessAcknowledged() throws Exception {
        Random random = new Random(SEED);
        Path file = directory.resolve("ledger.db");
        for (int kill = 1; kill <= KILLS; kill++) {
            List<String> acknowledged = Victim.killAfter(1 + random.nextInt(400), "sqlite", file, "k" + kill);
            assertThat(acknowledged).isNotEmpty();
            try (LedgerStore store = LedgerStores.openFile(file, StoreOptions.DEFAULTS, random)) {
                LedgerHead head = store.head();
                List<StoredEntry> entries = store.read(0, LedgerStore.MAX_READ_ENTRIES);
                assertThat(ChainVerifier.verify(LedgerPosition.START, entries))
                        .isEqualTo(new ChainVerifier.Verdict.Intact(head.position()));
                for (String line : acknowledged) {
                    int version = Integer.parseInt(line.substring(0, line.indexOf(' ')));
                    assertThat(new String(entries.get(version - 1).bytes(), UTF_8))
                            .as("seed %s, kill %s", SEED, kill)
                            .startsWith(line.substring(line.indexOf(' ') + 1) + "/");
                }
                String last = new String(entries.getLast().bytes(), UTF_8);
                int parts = Integer.parseInt(last.substring(last.length() - 1));
                assertThat(last).as("the last batch is whole").contains("/" + (parts - 1) + " of ");
            }
        }
    }
}
