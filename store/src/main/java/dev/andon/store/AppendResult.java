package dev.andon.store;

/** What an append came to. */
public sealed interface AppendResult {
    LedgerHead head();

    /**
     * The entries are in the ledger, durably.
     *
     * @param head as it was right after the last of these entries
     */
    record Appended(LedgerHead head) implements AppendResult {}

    /**
     * The ledger had gone on from the expected position, or never was there; nothing was written.
     *
     * @param head as it is
     */
    record Conflict(LedgerHead head) implements AppendResult {}
}
