package dev.andon.server.http;

import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** Which part of a list is asked for. */
public record Page(int limit, Optional<String> after) {
    public static final int MAX_LIMIT = 1_000;

    static final int USUAL_LIMIT = 100;

    /** The page of {@code items}, in the order of their keys. */
    public <T> Json of(Collection<T> items, Function<T, String> key, Function<T, Json> json) {
        TreeMap<String, T> sorted = new TreeMap<>();
        items.forEach(item -> sorted.put(key.apply(item), item));
        List<Json> shown = new ArrayList<>();
        String last = "";
        for (var item :
                after.map(start -> sorted.tailMap(start, false)).orElse(sorted).entrySet()) {
            if (shown.size() == limit) {
                return body(shown, Optional.of(last));
            }
            shown.add(json.apply(item.getValue()));
            last = item.getKey();
        }
        return body(shown, Optional.empty());
    }

    /** A page's body. */
    public static Json body(List<Json> items, Optional<String> next) {
        return Json.object().put("items", Json.array(items)).put("next", next).build();
    }
}
