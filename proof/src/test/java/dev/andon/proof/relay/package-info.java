/** Nodes without a ledger: kills go through them both ways, and receipts cover their clients. */
@NullMarked
package dev.andon.proof.relay;

import org.jspecify.annotations.NullMarked;
