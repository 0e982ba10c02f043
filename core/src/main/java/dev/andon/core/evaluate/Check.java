package dev.andon.core.evaluate;

import org.jspecify.annotations.Nullable;

/** A condition made ready for evaluation. Immutable; allocates nothing on plain attributes. */
interface Check {
    /** Whether the condition holds; {@code trace} is null unless an explanation is asked for. */
    boolean holds(Context context, @Nullable Trace trace);
}
