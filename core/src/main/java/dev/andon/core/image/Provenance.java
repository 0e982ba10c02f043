package dev.andon.core.image;

/**
 * Where an image comes from. States of the same ledger are ordered by epoch, then version; states of different ledgers
 * can't be compared.
 *
 * @param ledger the ledger's id; empty for {@link #NONE}
 * @param epoch counts up when a ledger is continued from a backup or after a fork
 * @param version the last entry that the image contains; in a client's image, the last that changed its environment
 */
public record Provenance(String ledger, long epoch, long version) {
    /** Of an image that holds nothing. */
    public static final Provenance NONE = new Provenance("", 0, 0);

    public Provenance {
        if (epoch < 0 || version < 0) {
            throw new IllegalArgumentException("epoch, version: " + epoch + ", " + version + " (expected: >= 0)");
        }
    }

    public boolean sameLedger(Provenance other) {
        return ledger.equals(other.ledger);
    }

    /** Whether this state is older than the other one of the same ledger. */
    public boolean olderThan(Provenance other) {
        return sameLedger(other) && (epoch < other.epoch || (epoch == other.epoch && version < other.version));
    }

    public Provenance at(long newVersion) {
        return new Provenance(ledger, epoch, newVersion);
    }

    @Override
    public String toString() {
        return ledger + "/" + epoch + "/" + version;
    }
}
