/** The guides' snippets, compiled and run. */
@NullMarked
package dev.andon.proof.docs;

import org.jspecify.annotations.NullMarked;
