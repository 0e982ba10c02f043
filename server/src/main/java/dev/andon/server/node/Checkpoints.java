package dev.andon.server.node;

import dev.andon.core.image.Image;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.Versioned;
import dev.andon.core.ledger.Checkpoint;
import dev.andon.core.model.Node;
import dev.andon.store.LedgerStore;
import dev.andon.store.StoreException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs what this node has folded, and keeps that in the store: when it has joined and every {@link #EVERY_ENTRIES} entries,
 * away from the ledger's thread, and whenever something was verified to its end. Nothing is signed while the ledger is known to be
 * damaged, nor before the ledger has this node's key. One that can't be kept is left to the next. Thread-safe.
 */
final class Checkpoints implements Publisher {
    /** So many entries at most are verified at a start. */
    static final int EVERY_ENTRIES = 100;

    private static final Logger log = LoggerFactory.getLogger(Checkpoints.class);

    private final LedgerStore store;
    private final NodeKey identity;
    private final InstantSource clock;
    private final BooleanSupplier damaged;
    private final AtomicBoolean saving = new AtomicBoolean();
    private volatile long lastVersion = -1;
    private volatile Optional<Checkpoint> last = Optional.empty();

    Checkpoints(LedgerStore store, NodeKey identity, InstantSource clock, BooleanSupplier damaged) {
        this.store = store;
        this.identity = identity;
        this.clock = clock;
        this.damaged = damaged;
    }

    @Override
    public String name() {
        return "checkpoints";
    }

    @Override
    public void publish(Publication publication) {
        long version = publication.position().version();
        boolean joins = knowsMe(publication.after()) && !knowsMe(publication.before()) && !publication.newHistory();
        if (publication.newHistory() || lastVersion < 0) {
            // What came before is verified first, and signed then.
            lastVersion = version;
        }
        if ((joins || version - lastVersion >= EVERY_ENTRIES) && saving.compareAndSet(false, true)) {
            Folded folded = new Folded(publication.after(), publication.position());
            Thread.ofVirtual().name("andon-checkpoint").start(() -> {
                try {
                    save(folded);
                } finally {
                    saving.set(false);
                }
            });
        }
    }

    /** This node's word on what it has folded. */
    Checkpoint sign(Folded folded) {
        Provenance at = folded.image().provenance();
        return Checkpoint.sign(
                at.ledger(),
                at.epoch(),
                folded.position().version(),
                folded.position().hash(),
                identity.node(),
                clock.instant(),
                identity.key());
    }

    /** Signs and keeps it, if that can be done now. */
    void save(Folded folded) {
        if (damaged.getAsBoolean() || !knowsMe(folded.image())) {
            return;
        }
        try {
            Checkpoint checkpoint = sign(folded);
            store.saveCheckpoint(checkpoint);
            last = Optional.of(checkpoint);
            lastVersion = Math.max(lastVersion, folded.position().version());
        } catch (StoreException e) {
            log.warn(
                    "checkpoint of version {}: not saved, the next one will do: {}",
                    folded.position().version(),
                    e.getMessage());
        }
    }

    /** The last one that was kept since the start. */
    Optional<Checkpoint> last() {
        return last;
    }

    private boolean knowsMe(Image image) {
        Versioned<Node> known = image.nodes().get(identity.node().id());
        return known != null && known.value().publicKey().equals(identity.node().publicKey());
    }
}
