package dev.andon.server.node;

import java.time.Instant;

/**
 * One entry's place in the ledger and its own time: that of the clock of the node that wrote it. Clocks jump and nodes'
 * clocks differ, so times may fall while versions rise; only versions are in order.
 *
 * @param kill whether the entry settles a kill. Its time is that at which the kill was taken, which may be long before the
 *     store was there to take it: such an entry says nothing about when its neighbours were written
 */
public record Moment(long version, Instant at, boolean kill) {}
