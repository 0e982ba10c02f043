/**
 * The native stream: frames, their codec, and the deterministic state machines at both ends. No sockets, threads or
 * clocks: drivers feed inputs and carry out effects.
 */
@NullMarked
package dev.andon.core.stream;

import org.jspecify.annotations.NullMarked;
