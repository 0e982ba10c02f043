/** What was: the version that a time stands for, and what differs between two versions. */
@NullMarked
package dev.andon.server.past;

import org.jspecify.annotations.NullMarked;
