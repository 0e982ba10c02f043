/** Andon's evaluation and flagd's engines on what Andon serves to these: they give the same answers. */
@NullMarked
package dev.andon.proof.differential;

import org.jspecify.annotations.NullMarked;
