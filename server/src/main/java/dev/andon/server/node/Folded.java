package dev.andon.server.node;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.InvalidInput;
import dev.andon.store.ChainVerifier;
import dev.andon.store.LedgerPosition;
import dev.andon.store.StoredEntry;
import java.util.ArrayList;
import java.util.List;

/** An image and the place in the ledger that it was folded up to. Immutable. */
record Folded(Image image, LedgerPosition position) {

    /** What folding a run of entries came to. */
    record Step(Folded folded, List<History.Recorded> entries) {}

    /** @throws Damage if the entries don't continue this state, or can't be read */
    Step fold(String ledgerId, List<StoredEntry> stored) {
        if (ChainVerifier.verify(position, stored) instanceof ChainVerifier.Verdict.Broken broken) {
            throw new Damage(
                    broken.version(),
                    "entry " + broken.version() + " doesn't continue the one before it: " + broken.reason());
        }
        ImageDelta delta = new ImageDelta(image);
        List<History.Recorded> entries = new ArrayList<>(stored.size());
        StoredEntry last = stored.getLast();
        for (StoredEntry one : stored) {
            try {
                Entry entry = Entry.decode(one.bytes());
                for (Event event : entry.events()) {
                    delta.apply(one.version(), event);
                }
                entries.add(new History.Recorded(one.version(), entry));
            } catch (InvalidInput e) {
                throw new Damage(
                        one.version(),
                        "entry " + one.version() + " can't be read: " + e.getMessage()
                                + ". If a newer Andon wrote it, update this node");
            }
        }
        long epoch = Math.max(image.provenance().epoch(), last.epoch());
        Provenance provenance = new Provenance(ledgerId, epoch, last.version());
        return new Step(new Folded(delta.build(provenance), last.position()), entries);
    }

    /** Whether it is of the same place in the same history. */
    boolean isAt(Folded other) {
        return position.equals(other.position) && image.provenance().equals(other.image.provenance());
    }

    Folded inEpoch(long epoch) {
        Provenance now = image.provenance();
        return epoch <= now.epoch()
                ? this
                : new Folded(new ImageDelta(image).build(new Provenance(now.ledger(), epoch, now.version())), position);
    }
}
