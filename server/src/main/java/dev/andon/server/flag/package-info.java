/** Flags: creating, describing, configuring and archiving them. */
@NullMarked
package dev.andon.server.flag;

import org.jspecify.annotations.NullMarked;
