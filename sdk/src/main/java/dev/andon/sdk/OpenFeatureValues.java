package dev.andon.sdk;

import dev.andon.core.json.Json;
import dev.openfeature.sdk.ImmutableStructure;
import dev.openfeature.sdk.Structure;
import dev.openfeature.sdk.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** JSON as OpenFeature's values, and back. */
final class OpenFeatureValues {
    private static final int MAX_DEPTH = 64;

    private OpenFeatureValues() {}

    static Value value(Json json) {
        if (json instanceof Json.Members object) {
            Map<String, Value> members = new LinkedHashMap<>();
            object.members().forEach((name, member) -> members.put(name, value(member)));
            return new Value(new ImmutableStructure(members));
        }
        if (json instanceof Json.Array array) {
            List<Value> items = new ArrayList<>();
            array.items().forEach(item -> items.add(value(item)));
            return new Value(items);
        }
        if (json instanceof Json.Text text) {
            return new Value(text.value());
        }
        if (json instanceof Json.Bool bool) {
            return new Value(bool.value());
        }
        if (json instanceof Json.Decimal decimal) {
            return new Value(decimal.value());
        }
        if (json instanceof Json.Whole whole) {
            // An Integer where it fits: that is what OpenFeature's users ask for first.
            return whole.value() == (int) whole.value() ? new Value((int) whole.value()) : new Value(whole.value());
        }
        return new Value();
    }

    /** The value as JSON; empty for what JSON hasn't got. */
    static Optional<Json> json(@Nullable Value value) {
        return value == null ? Optional.empty() : Optional.ofNullable(json(value, 0));
    }

    private static @Nullable Json json(Value value, int depth) {
        Object object = value.asObject();
        if (depth > MAX_DEPTH) {
            return null;
        }
        if (object instanceof Structure structure) {
            Json.Builder members = Json.object();
            for (String name : structure.keySet()) {
                Json member = json(structure.getValue(name), depth + 1);
                if (member == null) {
                    return null;
                }
                members.put(name, member);
            }
            return members.build();
        }
        if (object instanceof List<?>) {
            List<Json> items = new ArrayList<>();
            for (Value item : value.asList()) {
                Json one = json(item, depth + 1);
                if (one == null) {
                    return null;
                }
                items.add(one);
            }
            return Json.array(items);
        }
        return plain(object);
    }

    private static @Nullable Json plain(@Nullable Object object) {
        if (object == null) {
            return Json.Null.NULL;
        }
        if (object instanceof Boolean bool) {
            return Json.of(bool);
        }
        if (object instanceof String text) {
            return Json.of(text);
        }
        if (object instanceof Integer || object instanceof Long) {
            return Json.of(((Number) object).longValue());
        }
        if (object instanceof Double number) {
            return Double.isFinite(number) ? Json.of(number) : null;
        }
        return object instanceof Instant ? Json.of(object.toString()) : null;
    }
}
