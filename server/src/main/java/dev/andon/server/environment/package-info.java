/** Environments: self-contained places in which flags are configured. */
@NullMarked
package dev.andon.server.environment;

import org.jspecify.annotations.NullMarked;
