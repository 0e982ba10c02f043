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

    public boolean writable() {
        return state == State.CONNECTED;
    }
}
