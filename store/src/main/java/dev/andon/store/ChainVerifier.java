package dev.andon.store;

import java.util.List;

/** Checks that entries follow each other without a gap and that each hash is that of the bytes before it. Immutable. */
public final class ChainVerifier {
    private ChainVerifier() {}

    public sealed interface Verdict {
        /** @param end the position of the last entry checked */
        record Intact(LedgerPosition end) implements Verdict {}

        /**
         * @param version the first one that is wrong
         * @param reason what is wrong with it, as a sentence
         */
        record Broken(long version, String reason) implements Verdict {}
    }

    /** Checks a run of entries that should go on from {@code start}. */
    public static Verdict verify(LedgerPosition start, List<StoredEntry> entries) {
        LedgerPosition position = start;
        long epoch = Long.MIN_VALUE;
        for (StoredEntry entry : entries) {
            LedgerPosition next = position.next(entry.bytes());
            if (entry.version() != next.version()) {
                return new Verdict.Broken(
                        next.version(), "version: " + entry.version() + " (expected: " + next.version() + ")");
            }
            if (!entry.hash().equals(next.hash())) {
                return new Verdict.Broken(next.version(), "hash: " + entry.hash() + " (expected: " + next.hash() + ")");
            }
            if (entry.epoch() < epoch) {
                return new Verdict.Broken(
                        next.version(), "epoch: " + entry.epoch() + " (expected: " + epoch + " or later)");
            }
            epoch = entry.epoch();
            position = next;
        }
        return new Verdict.Intact(position);
    }
}
