package dev.andon.store;

import dev.andon.core.ledger.ChainHash;

/**
 * A place in the ledger: the version of an entry and its chain hash, which together name one history.
 *
 * @param version 0 before the first entry
 * @param hash {@link ChainHash#ZERO} before the first entry
 */
public record LedgerPosition(long version, ChainHash hash) {
    public static final LedgerPosition START = new LedgerPosition(0, ChainHash.ZERO);

    public LedgerPosition {
        if (version < 0) {
            throw new IllegalArgumentException("version: " + version + " (expected: 0 or more)");
        }
    }

    /** The position of {@code entry} appended here. */
    public LedgerPosition next(byte[] entry) {
        return new LedgerPosition(version + 1, hash.next(version + 1, entry));
    }
}
