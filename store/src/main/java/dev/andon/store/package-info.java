/**
 * What a node keeps: the ledger (SQLite or PostgreSQL), the kill journal and small files on local disk.
 *
 * <p>Everything here works on bytes; what they mean is the business of whoever wrote them.
 */
@NullMarked
package dev.andon.store;

import org.jspecify.annotations.NullMarked;
