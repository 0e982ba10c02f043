/** What every part of Andon shares: model, evaluation, events and image, without I/O and without a clock. */
@NullMarked
package dev.andon.core;

import org.jspecify.annotations.NullMarked;
