package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.LinkedHashSet;
import java.util.Set;

/** A named audience that rules share, in one environment. A segment may build on others, without cycles. */
public record Segment(String key, String description, Condition when) {
    public Segment {
        Keys.key("key", key);
        Keys.prose("description", description);
    }

    /** The segments that this one names directly. */
    public Set<String> segments() {
        Set<String> segments = new LinkedHashSet<>();
        when.collectSegments(segments);
        return segments;
    }

    public static Segment read(Fields fields) {
        Fields when = fields.object("when");
        Segment segment = new Segment(fields.text("key"), fields.text("description", ""), Condition.read(when));
        when.end();
        return segment;
    }

    public Json toJson() {
        return Json.object()
                .put("key", key)
                .put("description", description)
                .put("when", when.toJson())
                .build();
    }
}
