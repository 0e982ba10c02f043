/** The spine end to end: real processes, a real network, and every number measured. */
@NullMarked
package dev.andon.proof.spine;

import org.jspecify.annotations.NullMarked;
