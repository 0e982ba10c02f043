/** Going back to an earlier version, as a new change. */
@NullMarked
package dev.andon.server.rollback;

import org.jspecify.annotations.NullMarked;
