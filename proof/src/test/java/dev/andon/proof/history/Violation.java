package dev.andon.proof.history;

/**
 * Something that clients were told and the ledger doesn't bear out.
 *
 * @param what in words, with the operations that it is about
 */
record Violation(Kind kind, String what) {
    enum Kind {
        /** Acknowledged, and not in the ledger where it was said to be. */
        LOST,
        /** In the ledger more than once. */
        TWICE,
        /** In the ledger, but nobody asked for it, or it was said that it isn't carried out. */
        PHANTOM,
        /** Carried out on another version than the one that it named. */
        STALE_PRECONDITION,
        /** In the ledger before something that had been answered before it was asked for. */
        ORDER,
        /** An answer about what is there that was right at no time between question and answer. */
        STALE_ANSWER
    }

    @Override
    public String toString() {
        return kind + ": " + what;
    }
}
