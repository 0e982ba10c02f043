package dev.andon.store;

import dev.andon.core.ledger.Checkpoint;
import dev.andon.core.model.Node;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;

/** Someone who signs checkpoints, always at the same time. */
record Signer(KeyPair key) {
    static Signer create() {
        try {
            return new Signer(KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    Checkpoint checkpoint(String ledger, LedgerPosition position, String node) {
        String publicKey = Base64.getEncoder().encodeToString(key.getPublic().getEncoded());
        return Checkpoint.sign(
                ledger,
                1,
                position.version(),
                position.hash(),
                new Node(node, publicKey),
                Instant.parse("2026-11-22T14:03:00Z"),
                key.getPrivate());
    }
}
