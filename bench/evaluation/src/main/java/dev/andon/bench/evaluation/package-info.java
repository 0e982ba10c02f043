/**
 * What an application pays for an evaluation, with Andon and with others: each engine as its documentation sets it up, offline, with the same
 * flags. Run by {@code ./andon bench evaluation}.
 */
@org.jspecify.annotations.NullMarked
package dev.andon.bench.evaluation;
