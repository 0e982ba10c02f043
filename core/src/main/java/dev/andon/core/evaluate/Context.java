package dev.andon.core.evaluate;

import org.jspecify.annotations.Nullable;

/**
 * Whom a flag is evaluated for. Evaluation reads it on the calling thread, any number of times and only until it
 * returns, so that an implementation may be a view of the caller's own objects.
 */
public interface Context {
    /** Without a targeting key and without attributes. */
    Attributes EMPTY = Attributes.NONE;

    /** How many elements of a list evaluation looks at; those beyond count as absent. */
    int MAX_ELEMENTS = 10_000;

    /** Identifies whom the evaluation is for; null if nobody is named. */
    @Nullable
    String targetingKey();

    /**
     * An attribute's value: a String, Boolean, Number or {@link java.time.Instant}, or a List of such; null if it is
     * absent. Anything else is of no type that a condition asks for. Never asked for {@code targetingKey}, which is the
     * name of the targeting key.
     */
    @Nullable
    Object attribute(String name);

    static Attributes of(String targetingKey) {
        return Attributes.NONE.withTargetingKey(targetingKey);
    }
}
