package dev.andon.store;

/**
 * An image at one version, so that a start needn't fold the whole ledger.
 *
 * @param position the entry that the image includes last, with its hash in the ledger: reading and verifying goes on
 *     from here
 * @param bytes as they were saved, checked against their digest; not copied, not to be changed
 */
public record StoredSnapshot(long epoch, LedgerPosition position, byte[] bytes) {
    public long version() {
        return position.version();
    }
}
