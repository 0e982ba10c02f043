package dev.andon.sdk;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.json.Json;
import dev.andon.core.model.ValueType;

/** A flag whose values are numbers, whole ones included; otherwise as {@link BoolFlag}. */
public final class NumberFlag extends Handle {
    private final SeenBits seen = new SeenBits();

    NumberFlag(Engine engine, CallerDefaults defaults, String key) {
        super(engine, defaults, key, ValueType.NUMBER);
    }

    /** The value, or the default. */
    public double value(Context context, double otherwise) {
        return decide(context, otherwise).number(otherwise);
    }

    /** The value, or the default, and how it came about. */
    public Details<Double> evaluate(Context context, double otherwise) {
        Evaluation evaluation = decide(context, otherwise);
        return Details.of(key(), evaluation.number(otherwise), evaluation);
    }

    Evaluation decide(Context context, double otherwise) {
        see(otherwise);
        return decide(context);
    }

    private void see(double otherwise) {
        if (seen.add(Double.doubleToRawLongBits(otherwise)) && Double.isFinite(otherwise)) {
            note(Json.of(otherwise));
        }
    }
}
