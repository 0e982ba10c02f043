/** Starting a server, and what else is done on the server's own machine. */
@NullMarked
package dev.andon.cli.start;

import org.jspecify.annotations.NullMarked;
