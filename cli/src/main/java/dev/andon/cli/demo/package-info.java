/**
 * The demonstration: a small shop of several processes, and the story of a feature that goes wrong in it. Whatever the
 * screen shows was measured.
 */
@NullMarked
package dev.andon.cli.demo;

import org.jspecify.annotations.NullMarked;
