package dev.andon.store;

import dev.andon.core.ledger.ChainHash;

/**
 * Where a ledger ends.
 *
 * @param ledgerId 32 hexadecimal digits, made at random when the ledger was created
 * @param epoch 1 at first; higher after each break in history, such as a restored backup
 * @param position that of the last entry
 */
public record LedgerHead(String ledgerId, long epoch, LedgerPosition position) {
    public long version() {
        return position.version();
    }

    public ChainHash hash() {
        return position.hash();
    }
}
