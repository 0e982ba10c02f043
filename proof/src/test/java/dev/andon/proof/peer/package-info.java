/** Servers on one ledger: kills get from each to each without it. */
@NullMarked
package dev.andon.proof.peer;

import org.jspecify.annotations.NullMarked;
