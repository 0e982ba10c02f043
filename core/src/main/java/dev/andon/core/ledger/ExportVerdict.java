package dev.andon.core.ledger;

/** What verifying an export came to. */
public sealed interface ExportVerdict {

    /**
     * Every entry follows from the one before, and the last one is vouched for.
     *
     * @param after the version after which the export begins
     * @param checkpoints how many there are, the last one included; the signatures of all of them hold
     * @param end the last one
     * @param expectedKey whether the last one was signed with one of the keys that the verifier was given; without such
     *     keys, a good export is undamaged, but may be forged
     */
    record Good(long after, long checkpoints, Checkpoint end, boolean expectedKey) implements ExportVerdict {}

    /**
     * @param line the first line that is wrong, from 1
     * @param entry the version that the line is about; 0 for the header
     * @param reason {@code name: value (expected: …)}
     */
    record Bad(long line, long entry, String reason) implements ExportVerdict {}
}
