/** What was changed, by whom, when, why, before and after. */
@NullMarked
package dev.andon.server.log;

import org.jspecify.annotations.NullMarked;
