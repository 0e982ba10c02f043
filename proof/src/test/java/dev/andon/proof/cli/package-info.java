/** The command line as a process. */
@NullMarked
package dev.andon.proof.cli;

import org.jspecify.annotations.NullMarked;
