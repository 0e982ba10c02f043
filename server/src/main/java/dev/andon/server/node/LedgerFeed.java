package dev.andon.server.node;

import dev.andon.core.image.ImageCodec;
import dev.andon.core.image.Provenance;
import dev.andon.store.LedgerHead;
import dev.andon.store.LedgerStore;
import dev.andon.store.StoreDescription;
import dev.andon.store.StoredEntry;
import dev.andon.store.StoredSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The ledger as a node has folded it, for relays below it: never more than that, so that what a relay is given never seems to
 * be taken back. Thread-safe.
 */
public final class LedgerFeed {
    /** A page of entries ends with the one that gets it there. */
    public static final int PAGE_BYTES = 1 << 20;

    public static final int PAGE_ENTRIES = 500;

    private final Supplier<Folded> current;
    private final LedgerStore store;

    LedgerFeed(Supplier<Folded> current, LedgerStore store) {
        this.current = current;
        this.store = store;
    }

    /** Where it ends here. From memory. */
    public LedgerHead head() {
        Folded folded = current.get();
        Provenance at = folded.image().provenance();
        return new LedgerHead(at.ledger(), at.epoch(), folded.position());
    }

    /** What should be known about the ledger's store. From memory. */
    public StoreDescription description() {
        return store.describe();
    }

    /**
     * The entries after a version, up to the {@link #head}: as many as make a page.
     *
     * @throws dev.andon.store.StoreException if the store doesn't answer
     */
    public List<StoredEntry> entries(long after, int most) {
        long left = head().version() - after;
        if (left <= 0) {
            return List.of();
        }
        List<StoredEntry> page = new ArrayList<>();
        long bytes = 0;
        for (StoredEntry entry : store.read(after, (int) Math.min(left, Math.min(most, PAGE_ENTRIES)))) {
            page.add(entry);
            bytes += entry.bytes().length;
            if (bytes >= PAGE_BYTES) {
                break;
            }
        }
        return page;
    }

    /**
     * The newest image that isn't newer than a version: this node's, if it will do, for which no store is asked.
     *
     * @throws dev.andon.store.StoreException if the store doesn't answer
     */
    public Optional<StoredSnapshot> snapshot(long atMost) {
        Folded folded = current.get();
        boolean begun = folded.position().version() > 0;
        return begun && folded.position().version() <= atMost
                ? Optional.of(new StoredSnapshot(
                        folded.image().provenance().epoch(), folded.position(), ImageCodec.encode(folded.image())))
                : store.snapshotAtOrBefore(atMost);
    }
}
