/** Links between nodes, over which kills flow without the store. */
@NullMarked
package dev.andon.server.peer;

import org.jspecify.annotations.NullMarked;
