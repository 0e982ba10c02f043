/** The native stream's transports: WebSockets and long polls, and what is sent through them. */
@NullMarked
package dev.andon.server.delivery;

import org.jspecify.annotations.NullMarked;
