/** What the ledger records: state-carrying events in an envelope, and their exact bytes. */
@NullMarked
package dev.andon.core.event;

import org.jspecify.annotations.NullMarked;
