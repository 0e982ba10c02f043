/** Whether the server lives, is ready, and gets on with its ledger. */
@NullMarked
package dev.andon.server.health;

import org.jspecify.annotations.NullMarked;
