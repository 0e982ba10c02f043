package dev.andon.store;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.ledger.Checkpoint;

/**
 * A checkpoint as the store holds it.
 *
 * @param version that it was stored for
 * @param body what its node signed
 * @param signature Base64
 */
public record StoredCheckpoint(long version, String body, String signature) {

    /**
     * What it says; {@link Checkpoint#holds} says whether it was signed so.
     *
     * @throws InvalidInput if that can't be read: whoever signed, didn't sign this
     */
    public Checkpoint read() {
        Checkpoint checkpoint = Checkpoint.read(body, signature);
        if (checkpoint.version() != version) {
            throw new InvalidInput("checkpoint.version", "" + checkpoint.version(), "" + version);
        }
        return checkpoint;
    }
}
