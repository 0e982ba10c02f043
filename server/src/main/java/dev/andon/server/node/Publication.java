package dev.andon.server.node;

import dev.andon.core.image.Image;
import dev.andon.store.LedgerPosition;
import java.util.List;

/**
 * The image moved on.
 *
 * @param position of the last entry that {@code after} contains
 * @param entries what led from {@code before} to {@code after}; empty for the first image and for a new history
 * @param newHistory whether {@code after} isn't a continuation of {@code before}: the first image, or the ledger's other
 *     history after a fork
 */
public record Publication(
        Image before, Image after, LedgerPosition position, List<History.Recorded> entries, boolean newHistory) {
    public Publication {
        entries = List.copyOf(entries);
    }
}
