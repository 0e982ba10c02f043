package dev.andon.server.token;

import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Token;
import java.time.Instant;
import java.util.Optional;

/** Finds out whose secret it is. */
public final class Tokens {
    private Tokens() {}

    /** The token that accepts the secret at that time; empty for wrong, expired and revoked ones. */
    public static Optional<Token> accepting(Image image, String secret, Instant now) {
        String hash = Secret.hash(secret);
        for (Versioned<Token> token : image.tokens().values()) {
            if (token.value().accepts(hash, now)) {
                return Optional.of(token.value());
            }
        }
        return Optional.empty();
    }
}
