package dev.andon.server.node;

import dev.andon.core.image.Image;
import dev.andon.store.LedgerPosition;
import java.util.List;
import java.util.Optional;

/**
 * The image moved on.
 *
 * @param position of the last entry that {@code after} contains
 * @param entries what led from {@code before} to {@code after}; empty for the first image and for a new history
 * @param newHistory whether {@code after} isn't a continuation of {@code before}: the first image, or the ledger's other
 *     history after a fork
 * @param lost the last entry of {@code before}, if the ledger has another history than the one with that entry
 */
public record Publication(
        Image before,
        Image after,
        LedgerPosition position,
        List<History.Recorded> entries,
        boolean newHistory,
        Optional<LedgerPosition> lost) {
    /** Of a ledger that hasn't forked. */
    public Publication(
            Image before, Image after, LedgerPosition position, List<History.Recorded> entries, boolean newHistory) {
        this(before, after, position, entries, newHistory, Optional.empty());
    }

    public Publication {
        entries = List.copyOf(entries);
    }
}
