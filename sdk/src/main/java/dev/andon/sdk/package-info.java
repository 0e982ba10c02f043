/** The Java SDK: native flag handles and an OpenFeature provider. */
@NullMarked
package dev.andon.sdk;

import org.jspecify.annotations.NullMarked;
