package dev.andon.server.node;

/** What became of a command. */
public sealed interface Outcome<R> {

    /** It is in the ledger, durably, and this node's image shows it. */
    record Done<R>(Committed committed, R reply) implements Outcome<R> {}

    /** It already was as asked: nothing was written. */
    record Unchanged<R>(Committed committed, R reply) implements Outcome<R> {}

    /** A dry run: nothing was written, and this is what would be. */
    record Rehearsed<R>(Committed committed, R reply) implements Outcome<R> {}

    /**
     * The same request, by its idempotency key, was carried out before, in the entry of this version. The reply is not
     * kept: whoever asks reads the present state, or the entry.
     */
    record Repeated<R>(long version) implements Outcome<R> {}
}
