package dev.andon.sdk;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.json.Json;
import dev.andon.core.model.ValueType;

/** A flag whose values are JSON objects or arrays; otherwise as {@link BoolFlag}. Values are immutable and shared. */
public final class ObjectFlag extends Handle {
    private final Seen<Json> seen = new Seen<>();

    ObjectFlag(Engine engine, CallerDefaults defaults, String key) {
        super(engine, defaults, key, ValueType.OBJECT);
    }

    /** The value, or the default. */
    public Json value(Context context, Json otherwise) {
        return decide(context, otherwise).json(otherwise);
    }

    /** The value, or the default, and how it came about. */
    public Details<Json> evaluate(Context context, Json otherwise) {
        Evaluation evaluation = decide(context, otherwise);
        return Details.of(key(), evaluation.json(otherwise), evaluation);
    }

    Evaluation decide(Context context, Json otherwise) {
        see(otherwise);
        return decide(context);
    }

    private void see(Json otherwise) {
        if (seen.add(otherwise)) {
            note(otherwise);
        }
    }
}
