/** The command at the repository's root. */
@NullMarked
package dev.andon.proof.launcher;

import org.jspecify.annotations.NullMarked;
