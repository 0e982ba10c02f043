/** The SDK against a real server, through networks that behave and networks that don't. */
@NullMarked
package dev.andon.proof.sdk;

import org.jspecify.annotations.NullMarked;
