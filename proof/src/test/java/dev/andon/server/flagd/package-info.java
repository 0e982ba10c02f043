/** What tests of other packages ask of the flagd documents' inside. */
@NullMarked
package dev.andon.server.flagd;

import org.jspecify.annotations.NullMarked;
