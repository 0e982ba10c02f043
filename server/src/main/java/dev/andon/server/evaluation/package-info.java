/** What a flag serves to whom, and why. */
@NullMarked
package dev.andon.server.evaluation;

import org.jspecify.annotations.NullMarked;
