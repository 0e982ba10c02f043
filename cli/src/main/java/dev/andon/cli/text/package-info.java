/** Text for people: what a terminal can show, tables that fit it, durations and times. */
@NullMarked
package dev.andon.cli.text;

import org.jspecify.annotations.NullMarked;
