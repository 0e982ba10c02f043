/**
 * Andon in the terms of flagd: environments as flagd documents, and the services that unmodified flagd clients use to get
 * them or to have flags evaluated.
 */
@NullMarked
package dev.andon.server.flagd;

import org.jspecify.annotations.NullMarked;
