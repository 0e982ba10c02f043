package dev.andon.store;

import dev.andon.core.ledger.ChainHash;
import java.util.Arrays;
import java.util.Objects;

/**
 * One entry as the store holds it.
 *
 * @param bytes exactly as they were appended; not copied, not to be changed
 * @param hash as it was written; {@link ChainVerifier} says whether it is right
 */
public record StoredEntry(long epoch, long version, byte[] bytes, ChainHash hash) {
    public LedgerPosition position() {
        return new LedgerPosition(version, hash);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StoredEntry that
                && epoch == that.epoch
                && version == that.version
                && hash.equals(that.hash)
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(epoch, version, hash);
    }

    @Override
    public String toString() {
        return "StoredEntry[epoch=" + epoch + ", version=" + version + ", bytes=" + bytes.length + ", hash=" + hash
                + "]";
    }
}
