/** What tests of other packages ask of the command line's inside. */
@NullMarked
package dev.andon.cli;

import org.jspecify.annotations.NullMarked;
