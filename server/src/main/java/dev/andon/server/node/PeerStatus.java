package dev.andon.server.node;

import java.time.Instant;
import java.util.Optional;

/**
 * How a node gets on with another one.
 *
 * @param node the other's id
 * @param address where it is dialled, if the ledger says so
 * @param connected whether a link to it stands, dialled here or there
 * @param since when that became so
 * @param heard when something was heard of it last; never, if it wasn't since this process began
 * @param unconfirmed how many of the kills that stand here it hasn't said to know; 0 while it isn't connected
 * @param detail why no link stands, as a sentence; empty while one does
 */
public record PeerStatus(
        String node,
        Optional<String> address,
        boolean connected,
        Instant since,
        Optional<Instant> heard,
        int unconfirmed,
        String detail) {}
