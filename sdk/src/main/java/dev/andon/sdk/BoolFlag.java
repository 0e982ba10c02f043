package dev.andon.sdk;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.json.Json;
import dev.andon.core.model.ValueType;

/**
 * A flag that is true or false. Keep it in a field: it is thread-safe, follows every change, and an evaluation through it
 * never throws, blocks or allocates. Where the flag isn't known or is of another type, the caller's default is served.
 */
public final class BoolFlag extends Handle {
    private boolean sawTrue;
    private boolean sawFalse;

    BoolFlag(Engine engine, CallerDefaults defaults, String key) {
        super(engine, defaults, key, ValueType.BOOLEAN);
    }

    /** The value, with false as the default. */
    public boolean isOn(Context context) {
        return value(context, false);
    }

    /** The value, or the default. */
    public boolean value(Context context, boolean otherwise) {
        return decide(context, otherwise).bool(otherwise);
    }

    /** The value, or the default, and how it came about. */
    public Details<Boolean> evaluate(Context context, boolean otherwise) {
        Evaluation evaluation = decide(context, otherwise);
        return Details.of(key(), evaluation.bool(otherwise), evaluation);
    }

    Evaluation decide(Context context, boolean otherwise) {
        see(otherwise);
        return decide(context);
    }

    private void see(boolean otherwise) {
        if (otherwise ? !sawTrue : !sawFalse) {
            if (otherwise) {
                sawTrue = true;
            } else {
                sawFalse = true;
            }
            note(Json.of(otherwise));
        }
    }
}
