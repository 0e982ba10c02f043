/** Segments: named audiences that rules share. */
@NullMarked
package dev.andon.server.segment;

import org.jspecify.annotations.NullMarked;
