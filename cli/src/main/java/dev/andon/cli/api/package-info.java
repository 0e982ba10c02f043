/** The HTTP API as a client sees it: one request, one answer or one kind of failure. */
@NullMarked
package dev.andon.cli.api;

import org.jspecify.annotations.NullMarked;
