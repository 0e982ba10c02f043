package dev.andon.server.node;

import dev.andon.core.image.Image;
import java.time.Instant;

/**
 * Decides what a request amounts to; changes nothing itself. It may be asked again on a newer image when the ledger moved
 * on meanwhile, so it has no side effects.
 *
 * @param <R> what the request is answered with
 */
@FunctionalInterface
public interface Command<R> {

    /**
     * @param image the newest that the node has folded
     * @param kills what stands, on its way to the ledger or in it
     * @throws dev.andon.core.json.InvalidInput if a field can't be as it is given
     * @throws Refused if what is there stands against it
     */
    Decision<R> decide(Image image, KnownKills kills, Instant now);
}
