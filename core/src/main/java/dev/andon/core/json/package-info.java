/** JSON as an immutable tree, with one reader, one writer and typed access; every limit on foreign input starts here. */
@NullMarked
package dev.andon.core.json;

import org.jspecify.annotations.NullMarked;
