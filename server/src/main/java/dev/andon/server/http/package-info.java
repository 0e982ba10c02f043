/**
 * The edge: routes declared as data, their documentation, and the one way from a request to a handler and back to an
 * answer or a problem. Handlers parse, propose and reply; whatever is the same for all of them is done here.
 */
@NullMarked
package dev.andon.server.http;

import org.jspecify.annotations.NullMarked;
