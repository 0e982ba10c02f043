package dev.andon.server.node;

import java.util.Optional;

/** Where a time leads in the ledger. */
public sealed interface Sought {

    /**
     * The newest change whose own time is at or before the one that was asked for, or the last of the kills that settled
     * right after it and were taken by then.
     *
     * @param next the entry after it, which is later or doesn't exist yet
     */
    record Reached(Moment moment, Optional<Moment> next) implements Sought {}

    /** All changes are later; this is the earliest. */
    record BeforeAll(Moment earliest) implements Sought {}

    /** It is further back than a search goes; this is how far it went. */
    record TooFar(Moment oldest) implements Sought {}
}
