package dev.andon.server.node;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.ledger.Checkpoint;
import dev.andon.core.model.Node;
import dev.andon.store.LedgerPosition;
import dev.andon.store.StoredCheckpoint;
import dev.andon.store.StoredEntry;
import java.util.List;
import java.util.Optional;

/**
 * One walk along the ledger that checks every entry against the chain, and every checkpoint against the entries. Goes on
 * after a break, from either hash of the broken entry: whether the ledger was continued after it, only a later entry says.
 * Not thread-safe.
 */
final class Pass {
    private final Image image;
    private LedgerPosition position;
    private Optional<LedgerPosition> alternative = Optional.empty();
    private Optional<Broken> broken = Optional.empty();
    private long epoch;

    /** @param reason {@code name: value (expected: …)} */
    record Broken(long entry, String reason) {
        @Override
        public String toString() {
            return "entry " + entry + ": " + reason;
        }
    }

    /**
     * @param image with the nodes whose checkpoints count, and the ledger that they must be of
     * @param from what is known to be right
     */
    Pass(Image image, LedgerPosition from) {
        this.image = image;
        this.position = from;
    }

    /** How far it got. */
    LedgerPosition position() {
        return position;
    }

    /** The first entry that is wrong and after which nobody continued. */
    Optional<Broken> broken() {
        return broken;
    }

    /** @param checkpoints those of the versions of {@code entries} */
    void check(List<StoredEntry> entries, List<StoredCheckpoint> checkpoints) {
        int next = 0;
        for (StoredEntry entry : entries) {
            check(entry);
            while (next < checkpoints.size() && checkpoints.get(next).version() <= entry.version()) {
                check(checkpoints.get(next++), entry);
            }
        }
    }

    private void check(StoredEntry entry) {
        LedgerPosition follows = position.next(entry.bytes());
        boolean right = entry.position().equals(follows)
                || alternative
                        .filter(other -> entry.position().equals(other.next(entry.bytes())))
                        .isPresent();
        alternative = Optional.empty();
        if (entry.version() != follows.version()) {
            breaks(follows.version(), "version: " + entry.version() + " (expected: " + follows.version() + ")");
        } else if (!right) {
            breaks(entry.version(), "hash: " + entry.hash() + " (expected: " + follows.hash() + ")");
            alternative = Optional.of(follows);
        } else if (entry.epoch() < epoch) {
            breaks(entry.version(), "epoch: " + entry.epoch() + " (expected: " + epoch + " or later)");
        } else if (broken.isPresent() && continues(entry, broken.get().entry())) {
            broken = Optional.empty();
        }
        epoch = Math.max(epoch, entry.epoch());
        position = entry.position();
    }

    private static boolean continues(StoredEntry entry, long after) {
        try {
            return Entry.decode(entry.bytes()).events().stream()
                    .anyMatch(event -> event instanceof Event.LedgerContinued on && on.entry() == after);
        } catch (InvalidInput e) {
            return false;
        }
    }

    private void check(StoredCheckpoint stored, StoredEntry entry) {
        wrong(image, stored, entry).ifPresent(reason -> breaks(stored.version(), reason));
    }

    /** What is wrong with a checkpoint of an entry. */
    static Optional<String> wrong(Image image, StoredCheckpoint stored, StoredEntry entry) {
        Checkpoint checkpoint;
        try {
            checkpoint = stored.read();
        } catch (InvalidInput e) {
            return Optional.of("checkpoint: " + e.getMessage());
        }
        Versioned<Node> node = image.nodes().get(checkpoint.node());
        if (node == null || !checkpoint.isOf(node.value())) {
            return Optional.of("checkpoint: signed by node " + checkpoint.node()
                    + " (expected: a node of the ledger, and a signature that holds)");
        }
        if (!checkpoint.ledger().equals(image.provenance().ledger())) {
            return Optional.of("checkpoint.ledger: " + checkpoint.ledger() + " (expected: "
                    + image.provenance().ledger() + ")");
        }
        if (checkpoint.version() != entry.version() || !checkpoint.hash().equals(entry.hash())) {
            return Optional.of("hash: " + entry.hash() + " (expected: " + checkpoint.hash() + ", as node "
                    + checkpoint.node() + " signed it)");
        }
        return Optional.empty();
    }

    private void breaks(long entry, String reason) {
        if (broken.isEmpty()) {
            broken = Optional.of(new Broken(entry, reason));
        }
    }
}
