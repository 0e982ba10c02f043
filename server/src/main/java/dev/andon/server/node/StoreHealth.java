package dev.andon.server.node;

import dev.andon.store.StoreDescription;
import java.time.Instant;
import java.util.Optional;

/**
 * How the node gets on with its ledger store.
 *
 * @param since when it got into this state
 * @param detail what is wrong, as a sentence; empty if nothing is
 * @param brokenEntry the first entry that can't be trusted, where one is known
 */
public record StoreHealth(
        State state, Instant since, String detail, Optional<Long> brokenEntry, StoreDescription description) {
    public enum State {
        /** Answering; the image is or is about to be the newest. */
        CONNECTED,
        /** Refusing, silent or out of reach: the node serves and kills, and writes nothing else. */
        CUT_OFF,
        /** Answering, but what it holds can't be trusted: the node serves and kills, and writes nothing else. */
        DAMAGED
    }

    /** Of a store in which no entry is known to be broken. */
    public StoreHealth(State state, Instant since, String detail, StoreDescription description) {
        this(state, since, detail, Optional.empty(), description);
    }

    /** Whether changes are taken here. */
    public boolean writable() {
        return connected() && !relayed();
    }

    public boolean connected() {
        return state == State.CONNECTED;
    }

    /** What a node without an image can start from. */
    String neededToStart() {
        if (state == State.DAMAGED) {
            return "a node with an image, which can continue the ledger, or a backup";
        }
        return relayed()
                ? "an upstream that answers and takes the token, for the first start"
                : "a store that works, for the first start";
    }

    /** Whether the node is a relay, whose store is another node's. */
    public boolean relayed() {
        return description.kind() == StoreDescription.Kind.UPSTREAM;
    }
}
