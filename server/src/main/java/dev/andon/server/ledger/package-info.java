/** The ledger for those who check it: its soundness, its export, its signers, and going on after damage. */
@NullMarked
package dev.andon.server.ledger;

import org.jspecify.annotations.NullMarked;
