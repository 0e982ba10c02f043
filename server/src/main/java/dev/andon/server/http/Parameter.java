package dev.andon.server.http;

import dev.andon.core.json.Json;

/** A parameter of a route outside of its body. */
record Parameter(String name, Place place, boolean required, Schema schema, String description) {
    enum Place {
        PATH("path"),
        QUERY("query"),
        HEADER("header");

        private final String word;

        Place(String word) {
            this.word = word;
        }
    }

    Json toJson() {
        return Json.object()
                .put("name", name)
                .put("in", place.word)
                .put("required", required)
                .put("description", description)
                .put("schema", schema.reference())
                .build();
    }
}
