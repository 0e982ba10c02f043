package dev.andon.server.simulation;

import dev.andon.store.AppendResult;
import dev.andon.store.LedgerHead;
import dev.andon.store.LedgerPosition;
import dev.andon.store.StoredEntry;
import dev.andon.store.StoredSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A ledger in memory, which keeps the contract of {@link dev.andon.store.LedgerStore} and never fails by itself. */
final class MemoryLedger implements StoreLink.Source {
    static final String ID = "0123456789abcdef0123456789abcdef";
    static final long FIRST_EPOCH = 1;

    private final Written written;
    private final List<StoredEntry> entries = new ArrayList<>();
    private long epoch = FIRST_EPOCH;

    /** Who is told what becomes of the ledger. */
    interface Written {
        /** An entry is in; told once. */
        void on(StoredEntry entry);

        /** An epoch begins where the ledger ends. */
        void begun(long epoch);
    }

    MemoryLedger(Written written) {
        this.written = written;
    }

    @Override
    public LedgerHead head() {
        return new LedgerHead(ID, epoch, position(entries.size()));
    }

    private LedgerPosition position(int version) {
        return version == 0 ? LedgerPosition.START : entries.get(version - 1).position();
    }

    AppendResult append(LedgerPosition expected, List<byte[]> more) {
        int at = (int) expected.version();
        if (at > entries.size() || !position(at).equals(expected)) {
            return new AppendResult.Conflict(head());
        }
        if (at < entries.size()) {
            int end = at + more.size();
            return areAt(at, more)
                    ? new AppendResult.Appended(new LedgerHead(ID, epoch, position(end)))
                    : new AppendResult.Conflict(head());
        }
        LedgerPosition position = expected;
        for (byte[] entry : more) {
            position = position.next(entry);
            StoredEntry stored = new StoredEntry(epoch, position.version(), entry, position.hash());
            entries.add(stored);
            written.on(stored);
        }
        return new AppendResult.Appended(head());
    }

    /** The newest entries are lost, as when a backup is restored or an asynchronous standby takes over. */
    void lose(int last) {
        entries.subList(entries.size() - last, entries.size()).clear();
    }

    LedgerHead startEpoch(long expected, long later) {
        if (epoch == expected) {
            epoch = later;
            written.begun(later);
        }
        return head();
    }

    private boolean areAt(int at, List<byte[]> more) {
        if (at + more.size() > entries.size()) {
            return false;
        }
        for (int i = 0; i < more.size(); i++) {
            if (!Arrays.equals(entries.get(at + i).bytes(), more.get(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Optional<StoredSnapshot> snapshot(long atMost) {
        return Optional.empty();
    }

    @Override
    public List<StoredEntry> read(long afterVersion, int maxEntries) {
        int from = (int) Math.min(afterVersion, entries.size());
        return List.copyOf(entries.subList(from, Math.min(entries.size(), from + maxEntries)));
    }
}
