/** The rules that keep the code the way ARCHITECTURE.md and CONTRIBUTING.md describe it. */
@NullMarked
package dev.andon.proof.architecture;

import org.jspecify.annotations.NullMarked;
