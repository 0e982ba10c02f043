package dev.andon.server.node;

import dev.andon.core.image.ImageCodec;
import dev.andon.store.LedgerStore;
import dev.andon.store.StoreException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts an image into the store every so many entries, so that a start needn't fold the whole ledger. */
final class Snapshots implements Publisher {
    private static final Logger log = LoggerFactory.getLogger(Snapshots.class);

    private final LedgerStore store;
    private final int everyEntries;
    private final BooleanSupplier mine;
    private final AtomicBoolean saving = new AtomicBoolean();
    private long lastVersion = -1;

    /** @param mine whether it is this node that saves them: one that knew it just before the store was lost saves one for nothing */
    Snapshots(LedgerStore store, int everyEntries, BooleanSupplier mine) {
        this.store = store;
        this.everyEntries = everyEntries;
        this.mine = mine;
    }

    @Override
    public String name() {
        return "snapshots";
    }

    @Override
    public void publish(Publication publication) {
        long version = publication.position().version();
        if (publication.newHistory() || lastVersion < 0) {
            lastVersion = version - version % everyEntries;
        }
        if (version - lastVersion >= everyEntries && mine.getAsBoolean() && saving.compareAndSet(false, true)) {
            lastVersion = version;
            Thread.ofVirtual().name("andon-snapshot").start(() -> save(publication));
        }
    }

    /** Puts an image into the store at once. */
    void saveNow(Folded folded) {
        store.saveSnapshot(folded.position(), ImageCodec.encode(folded.image()));
    }

    private void save(Publication publication) {
        long version = publication.position().version();
        try {
            byte[] bytes = ImageCodec.encode(publication.after());
            if (bytes.length > LedgerStore.MAX_SNAPSHOT_BYTES) {
                log.warn(
                        "snapshot at version {}: {} bytes (expected: at most {}); starts will take longer",
                        version,
                        bytes.length,
                        LedgerStore.MAX_SNAPSHOT_BYTES);
                return;
            }
            store.saveSnapshot(publication.position(), bytes);
            log.info("snapshot at version {}: {} bytes", version, bytes.length);
        } catch (StoreException e) {
            log.warn("snapshot at version {}: not saved, the next one will do: {}", version, e.getMessage());
        } finally {
            saving.set(false);
        }
    }
}
