package dev.andon.server.node;

import dev.andon.core.image.Image;
import dev.andon.store.LedgerHead;
import dev.andon.store.LedgerPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the ledger's thread has folded, on the way from the published image to where the ledger ended when it was asked.
 * Nobody else sees it before it is there: half-way, a kill may be missing, and a feature that was restored and killed again
 * would be on. Immutable.
 *
 * @param entries what led here from the published image; empty unless {@code whole}
 * @param whole whether that is known, and not more than {@link #MAX_ENTRIES}
 * @param newHistory as in {@link Publication}
 * @param lost as in {@link Publication}
 */
record Ahead(
        Folded folded,
        List<History.Recorded> entries,
        boolean whole,
        boolean newHistory,
        Optional<LedgerPosition> lost) {
    /** Who is told of more at a time looks at the image alone. */
    private static final int MAX_ENTRIES = 4_000;

    /** Nothing that isn't published. */
    static Ahead of(Folded published) {
        return new Ahead(published, List.of(), true, false, Optional.empty());
    }

    /** @param lost the last entry of the history that this one takes the place of */
    static Ahead inNewHistory(Folded folded, Optional<LedgerPosition> lost) {
        return new Ahead(folded, List.of(), false, true, lost);
    }

    /** At a later image of the same history. */
    Ahead jump(Folded image) {
        return new Ahead(image, List.of(), false, newHistory, lost);
    }

    Ahead step(Folded.Step step) {
        boolean all = whole && entries.size() + step.entries().size() <= MAX_ENTRIES;
        List<History.Recorded> more = new ArrayList<>();
        if (all) {
            more.addAll(entries);
            more.addAll(step.entries());
        }
        return new Ahead(step.folded(), more, all, newHistory, lost);
    }

    /** In the head's epoch, if it has come to the head: one that begins there has no entry yet. */
    Ahead at(LedgerHead head) {
        boolean later = head.epoch() > folded.image().provenance().epoch();
        return later && folded.position().equals(head.position())
                ? inNewHistory(folded.inEpoch(head.epoch()), lost)
                : this;
    }

    Publication publication(Image before) {
        return new Publication(before, folded.image(), folded.position(), entries, newHistory, lost);
    }
}
