/** What Prometheus scrapes. */
@NullMarked
package dev.andon.server.metrics;

import org.jspecify.annotations.NullMarked;
