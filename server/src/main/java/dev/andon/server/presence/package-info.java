/** What the nodes of a ledger know of each other's clients, so that each one's receipts are complete. */
@NullMarked
package dev.andon.server.presence;

import org.jspecify.annotations.NullMarked;
