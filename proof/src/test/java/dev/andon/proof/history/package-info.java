/** Concurrent clients' own account of what they were told, and whether the ledger bears it out. */
@NullMarked
package dev.andon.proof.history;

import org.jspecify.annotations.NullMarked;
