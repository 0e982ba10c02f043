package dev.andon.core.evaluate;

import dev.andon.core.model.Serve;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A context that holds its attributes itself. Immutable. */
public final class Attributes implements Context {
    static final Attributes NONE = new Attributes(null, Map.of());

    private final @Nullable String targetingKey;
    private final Map<String, Object> attributes;

    private Attributes(@Nullable String targetingKey, Map<String, Object> attributes) {
        this.targetingKey = targetingKey;
        this.attributes = attributes;
    }

    public Attributes withTargetingKey(String key) {
        return new Attributes(key, attributes);
    }

    /** This context with one more attribute, or another value for it. Lists are copied. */
    public Attributes with(String name, Object value) {
        if (name.equals(Serve.TARGETING_KEY) && value instanceof String key) {
            return withTargetingKey(key);
        }
        Map<String, Object> copy = new HashMap<>(attributes);
        copy.put(name, value instanceof List<?> list ? Collections.unmodifiableList(new ArrayList<>(list)) : value);
        return new Attributes(targetingKey, copy);
    }

    /** This context with more attributes, or other values for them, as {@link #with} takes one. */
    public Attributes withAll(Map<String, Object> values) {
        Map<String, Object> copy = new HashMap<>(attributes);
        String key = targetingKey;
        for (Map.Entry<String, Object> entry : values.entrySet()) {
            Object value = entry.getValue();
            if (entry.getKey().equals(Serve.TARGETING_KEY) && value instanceof String named) {
                key = named;
            } else {
                copy.put(
                        entry.getKey(),
                        value instanceof List<?> list ? Collections.unmodifiableList(new ArrayList<>(list)) : value);
            }
        }
        return new Attributes(key, copy);
    }

    @Override
    public @Nullable String targetingKey() {
        return targetingKey;
    }

    @Override
    public @Nullable Object attribute(String name) {
        return attributes.get(name);
    }

    /** All attributes but the targeting key. */
    public Map<String, Object> values() {
        return Collections.unmodifiableMap(attributes);
    }

    @Override
    public String toString() {
        return targetingKey + " " + attributes;
    }
}
