/** Evaluation: from one environment's image and a context to a variant and the reason for it, without I/O or clock. */
@NullMarked
package dev.andon.core.evaluate;

import org.jspecify.annotations.NullMarked;
