package dev.andon.proof.fault;

import dev.andon.sdk.SavedState;
import dev.andon.store.Journal;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LedgerStore;
import dev.andon.store.LedgerStores;
import dev.andon.store.LocalFile;
import dev.andon.store.StoreOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** What Andon keeps on a disk, each by the code that does it and by nothing around it. */
enum Keeping {
    /** A kill in a journal that was just made. */
    JOURNAL {
        @Override
        void keep(Path folder) {
            journal(folder).append("k", CONTENT);
        }

        @Override
        boolean isThere(Path folder) {
            try (Journal journal = journal(folder)) {
                return journal.records().size() == 1;
            }
        }

        private static Journal journal(Path folder) {
            return Journal.open(folder.resolve("journal"), Journal.DEFAULT_TIMEOUT, new Random(0));
        }
    },
    /** A file that is replaced, such as a node's image. */
    FILE {
        @Override
        void keep(Path folder) {
            file(folder).save(new byte[0]);
            file(folder).save(CONTENT);
        }

        @Override
        boolean isThere(Path folder) {
            return file(folder)
                    .load()
                    .filter(found -> found.length == CONTENT.length)
                    .isPresent();
        }

        private static LocalFile file(Path folder) {
            return new LocalFile(folder.resolve("file"));
        }
    },
    /** A file that people read: the first admin token. */
    TEXT {
        @Override
        void keep(Path folder) throws IOException {
            LocalFile.replace(folder.resolve("text"), CONTENT);
        }

        @Override
        boolean isThere(Path folder) throws IOException {
            Path file = folder.resolve("text");
            return Files.exists(file) && Files.size(file) == CONTENT.length;
        }
    },
    /** The first entry of a ledger on SQLite. */
    LEDGER {
        @Override
        void keep(Path folder) {
            ledger(folder).append(LedgerPosition.START, List.of(CONTENT));
        }

        @Override
        boolean isThere(Path folder) {
            try (LedgerStore store = ledger(folder)) {
                return store.head().version() == 1;
            }
        }

        private static LedgerStore ledger(Path folder) {
            return LedgerStores.openFile(
                    folder.resolve("ledger.db"),
                    StoreOptions.DEFAULTS.withCallTimeout(Duration.ofSeconds(20)),
                    new Random(0));
        }
    },
    /** A process's state: one whole state, old or new. */
    STATE {
        @Override
        void keep(Path folder) {
            SavedState.save(folder.resolve("state"));
        }

        @Override
        boolean isThere(Path folder) throws IOException {
            return SavedState.isWhole(folder.resolve("state"));
        }
    };

    private static final byte[] CONTENT = "kept".repeat(1_000).getBytes(StandardCharsets.US_ASCII);

    abstract void keep(Path folder) throws Exception;

    abstract boolean isThere(Path folder) throws Exception;
}
