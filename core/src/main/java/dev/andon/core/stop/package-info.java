/**
 * The kill path of a node as a deterministic state machine: journal, then broadcast, then settle in the ledger. No files,
 * stores, threads or clocks: drivers feed inputs and carry out effects.
 */
@NullMarked
package dev.andon.core.stop;

import org.jspecify.annotations.NullMarked;
