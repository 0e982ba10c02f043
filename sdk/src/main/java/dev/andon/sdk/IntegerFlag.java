package dev.andon.sdk;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.json.Json;
import dev.andon.core.model.ValueType;

/** A flag whose values are whole numbers within 64 bits; otherwise as {@link BoolFlag}. */
public final class IntegerFlag extends Handle {
    private final SeenBits seen = new SeenBits();

    IntegerFlag(Engine engine, CallerDefaults defaults, String key) {
        super(engine, defaults, key, ValueType.INTEGER);
    }

    /** The value, or the default. */
    public long value(Context context, long otherwise) {
        return decide(context, otherwise).whole(otherwise);
    }

    /** The value, or the default, and how it came about. */
    public Details<Long> evaluate(Context context, long otherwise) {
        Evaluation evaluation = decide(context, otherwise);
        return Details.of(key(), evaluation.whole(otherwise), evaluation);
    }

    Evaluation decide(Context context, long otherwise) {
        see(otherwise);
        return decide(context);
    }

    private void see(long otherwise) {
        if (seen.add(otherwise)) {
            note(Json.of(otherwise));
        }
    }
}
