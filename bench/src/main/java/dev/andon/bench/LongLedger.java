package dev.andon.bench;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.store.AppendResult;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LedgerStore;
import dev.andon.store.LedgerStores;
import dev.andon.store.StoreOptions;
import dev.andon.store.StoredEntry;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Makes a ledger long: a change of one flag, again and again, as its server would have written it. */
final class LongLedger {
    private LongLedger() {}

    /**
     * Until the ledger has so many entries.
     *
     * @param data a server's folder; nobody has it open, and a flag was created there
     */
    static void fill(Path data, long entries) {
        try (LedgerStore store =
                LedgerStores.openFile(data.resolve("ledger.db"), StoreOptions.DEFAULTS, new SecureRandom())) {
            Entry change = change(store.read(0, LedgerStore.MAX_READ_ENTRIES));
            LedgerPosition end = store.head().position();
            while (end.version() < entries) {
                int more = (int) Math.min(LedgerStore.MAX_APPEND_ENTRIES, entries - end.version());
                List<byte[]> batch = new ArrayList<>();
                for (int i = 0; i < more; i++) {
                    batch.add(again(change).encode());
                }
                if (!(store.append(end, batch) instanceof AppendResult.Appended appended)) {
                    throw new IllegalStateException("ledger: went on by itself (expected: nobody else writes)");
                }
                end = appended.head().position();
            }
        }
    }

    private static Entry change(List<StoredEntry> entries) {
        for (StoredEntry stored : entries.reversed()) {
            Entry entry = Entry.decode(stored.bytes());
            List<Event> changes = entry.events().stream()
                    .filter(event -> event instanceof Event.ConfigurationSaved)
                    .toList();
            if (!changes.isEmpty()) {
                return new Entry(
                        "flag.configure",
                        entry.actor(),
                        entry.at(),
                        entry.reason(),
                        entry.cause(),
                        entry.correlation(),
                        entry.previous(),
                        changes);
            }
        }
        throw new IllegalStateException("ledger: no flag was ever configured (expected: one)");
    }

    private static Entry again(Entry change) {
        return new Entry(
                change.type(),
                change.actor(),
                change.at(),
                change.reason(),
                change.cause(),
                UUID.randomUUID().toString(),
                change.previous(),
                change.events());
    }
}
