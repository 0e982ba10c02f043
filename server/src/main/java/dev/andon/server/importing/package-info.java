/** Taking over what other products describe. */
@NullMarked
package dev.andon.server.importing;

import org.jspecify.annotations.NullMarked;
