/** Clients that others have written, unmodified, against a server. */
@NullMarked
package dev.andon.proof.clients;

import org.jspecify.annotations.NullMarked;
