package dev.andon.sdk;

import dev.andon.core.evaluate.Context;
import dev.openfeature.sdk.EvaluationContext;
import dev.openfeature.sdk.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An OpenFeature context as evaluation reads it. An empty targeting key counts as none. */
final class OpenFeatureContext implements Context {
    private final EvaluationContext context;

    private OpenFeatureContext(EvaluationContext context) {
        this.context = context;
    }

    static Context of(@Nullable EvaluationContext context) {
        return context == null ? Context.EMPTY : new OpenFeatureContext(context);
    }

    @Override
    public @Nullable String targetingKey() {
        String key = context.getTargetingKey();
        return key == null || key.isEmpty() ? null : key;
    }

    @Override
    public @Nullable Object attribute(String name) {
        return plain(context.getValue(name));
    }

    private static @Nullable Object plain(@Nullable Value value) {
        if (value == null) {
            return null;
        }
        List<Value> list = value.isList() ? value.asList() : null;
        if (list == null) {
            return value.asObject();
        }
        int size = Math.min(list.size(), MAX_ELEMENTS);
        List<@Nullable Object> items = new ArrayList<>(size);
        for (Value item : list.subList(0, size)) {
            items.add(plain(item));
        }
        return items;
    }
}
