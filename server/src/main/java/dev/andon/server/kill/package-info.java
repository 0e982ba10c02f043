/** Stopping and restoring over HTTP. */
@NullMarked
package dev.andon.server.kill;

import org.jspecify.annotations.NullMarked;
