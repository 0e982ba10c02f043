/** The ledger as an outsider checks it, with our verifier and with another one. */
@NullMarked
package dev.andon.proof.ledger;

import org.jspecify.annotations.NullMarked;
