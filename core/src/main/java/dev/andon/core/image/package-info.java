/** The state that events fold to: images, deltas, marks of settled kills, digests. */
@NullMarked
package dev.andon.core.image;

import org.jspecify.annotations.NullMarked;
