/** The OpenFeature Remote Evaluation Protocol: flags evaluated here for clients of any language. */
@NullMarked
package dev.andon.server.ofrep;

import org.jspecify.annotations.NullMarked;
