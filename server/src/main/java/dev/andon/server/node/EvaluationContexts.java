package dev.andon.server.node;

import dev.andon.core.evaluate.Attributes;
import dev.andon.core.evaluate.Context;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Serve;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads evaluation contexts that come as JSON. */
public final class EvaluationContexts {
    private EvaluationContexts() {}

    /** @param members {@code targetingKey} and attributes; those that are null count as absent */
    public static Attributes read(Map<String, Json> members) {
        // At once: one by one, each attribute would copy all before it.
        Map<String, Object> values = new HashMap<>();
        for (Map.Entry<String, Json> member : members.entrySet()) {
            if (member.getKey().equals(Serve.TARGETING_KEY) && !(member.getValue() instanceof Json.Text)) {
                throw new InvalidInput("context.targetingKey", member.getValue().text(), "a string");
            }
            if (member.getValue() != Json.Null.NULL) {
                values.put(member.getKey(), attribute(member.getValue()));
            }
        }
        return Context.EMPTY.withAll(values);
    }

    private static Object attribute(Json value) {
        return switch (value) {
            case Json.Text text -> text.value();
            case Json.Bool bool -> bool.value();
            case Json.Whole whole -> whole.value();
            case Json.Decimal decimal -> decimal.value();
            case Json.Array array -> {
                List<Object> elements = new ArrayList<>();
                array.items().forEach(item -> elements.add(attribute(item)));
                yield elements;
            }
            case Json.Members members -> members;
            case Json.Null nothing -> nothing;
        };
    }
}
