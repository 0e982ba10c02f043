/** The control plane. */
@NullMarked
package dev.andon.server;

import org.jspecify.annotations.NullMarked;
