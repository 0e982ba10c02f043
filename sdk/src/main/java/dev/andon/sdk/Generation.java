package dev.andon.sdk;

import dev.andon.core.evaluate.Ruleset;

/**
 * A ruleset in force, and the counts of what it served. Immutable but for the counts.
 *
 * @param number counts up with every change of what is in force
 */
record Generation(long number, Ruleset ruleset, Tally tally) {}
