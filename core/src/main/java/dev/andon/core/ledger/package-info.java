/** The ledger as an outsider sees it: the hash chain, signed checkpoints, the export's format and its verification. */
@NullMarked
package dev.andon.core.ledger;

import org.jspecify.annotations.NullMarked;
