/** Tests that see every part at once. */
@NullMarked
package dev.andon.proof;

import org.jspecify.annotations.NullMarked;
