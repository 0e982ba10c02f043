/** Benchmarks: figures are ratios within one run, with their spread. */
@NullMarked
package dev.andon.bench;

import org.jspecify.annotations.NullMarked;
