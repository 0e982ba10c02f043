/** Whom a client trusts: the same for applications, the command line, servers and relays. */
@NullMarked
package dev.andon.core.tls;

import org.jspecify.annotations.NullMarked;
