/** What people configure: flags, configurations, conditions, segments, kills, tokens. Immutable, validated on construction. */
@NullMarked
package dev.andon.core.model;

import org.jspecify.annotations.NullMarked;
