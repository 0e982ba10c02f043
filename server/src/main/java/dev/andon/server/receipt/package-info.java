/** Receipts: who has applied a kill, when, and who has not. */
@NullMarked
package dev.andon.server.receipt;

import org.jspecify.annotations.NullMarked;
