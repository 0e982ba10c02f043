package dev.andon.server.node;

/**
 * Who does what one node of a ledger alone is to do, as far as this node knows.
 *
 * @param mine whether this node may, now; false as soon as it can't be sure of it any more, as when the store is gone
 * @param holder the node that has the lease, or had it when the store answered last; empty if that is nobody
 */
public record Duties(boolean mine, String holder) {
    static final Duties NOBODYS = new Duties(false, "");
}
