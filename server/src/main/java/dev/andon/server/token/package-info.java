/** Bearer tokens: their secrets and who holds them. */
@NullMarked
package dev.andon.server.token;

import org.jspecify.annotations.NullMarked;
