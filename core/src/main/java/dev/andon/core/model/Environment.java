package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;

/** A self-contained place of use, such as {@code production}: everything that evaluation reads belongs to one. */
public record Environment(String key, String description) {
    public Environment {
        Keys.key("key", key);
        Keys.prose("description", description);
    }

    public static Environment read(Fields fields) {
        return new Environment(fields.text("key"), fields.text("description", ""));
    }

    public Json toJson() {
        return Json.object().put("key", key).put("description", description).build();
    }
}
