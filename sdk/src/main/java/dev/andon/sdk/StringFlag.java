package dev.andon.sdk;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.json.Json;
import dev.andon.core.model.ValueType;

/** A flag whose values are strings; otherwise as {@link BoolFlag}. */
public final class StringFlag extends Handle {
    private final Seen<String> seen = new Seen<>();

    StringFlag(Engine engine, CallerDefaults defaults, String key) {
        super(engine, defaults, key, ValueType.STRING);
    }

    /** The value, or the default. */
    public String value(Context context, String otherwise) {
        return decide(context, otherwise).text(otherwise);
    }

    /** The value, or the default, and how it came about. */
    public Details<String> evaluate(Context context, String otherwise) {
        Evaluation evaluation = decide(context, otherwise);
        return Details.of(key(), evaluation.text(otherwise), evaluation);
    }

    Evaluation decide(Context context, String otherwise) {
        see(otherwise);
        return decide(context);
    }

    private void see(String otherwise) {
        if (seen.add(otherwise)) {
            note(Json.of(otherwise));
        }
    }
}
