/** Relays, nodes without a ledger of their own: what one is fed with, and how it is asked for. */
@NullMarked
package dev.andon.server.relay;

import org.jspecify.annotations.NullMarked;
