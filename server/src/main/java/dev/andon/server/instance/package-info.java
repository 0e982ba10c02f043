/** The instances: which processes evaluate, and which of them are silent, unreachable or gone. */
@NullMarked
package dev.andon.server.instance;

import org.jspecify.annotations.NullMarked;
