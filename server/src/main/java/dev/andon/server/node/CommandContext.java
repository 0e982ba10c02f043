package dev.andon.server.node;

import java.util.Optional;

/**
 * Who asks, and how.
 *
 * @param actor as the log shows it, such as {@code token:ci (k3f9a2)}
 * @param reason in the actor's words, not blank
 * @param correlation ties log lines, the entry and the answer together
 * @param dryRun to be told what would happen, and change nothing
 */
public record CommandContext(
        String actor, String reason, String correlation, Optional<Idempotency> idempotency, boolean dryRun) {

    /**
     * @param key the caller's, with the caller's identity before it
     * @param digest lower-case hexadecimal SHA-256 over the request: the same key with another request is refused
     */
    public record Idempotency(String key, String digest) {}
}
