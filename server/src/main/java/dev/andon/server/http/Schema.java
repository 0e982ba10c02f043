package dev.andon.server.http;

import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The shape of a JSON value, as JSON Schema 2020-12. A schema with a name becomes a component of the API document, and is
 * referred to wherever it is used. Immutable.
 */
public final class Schema {
    private final String name;
    private final Json json;
    private final List<Schema> parts;

    private Schema(String name, Json json, List<Schema> parts) {
        this.name = name;
        this.json = json;
        this.parts = List.copyOf(parts);
    }

    public static Schema text(String description) {
        return plain(Json.object().put("type", "string").put("description", description));
    }

    public static Schema text(int minChars, int maxChars, String description) {
        return plain(Json.object()
                .put("type", "string")
                .put("minLength", minChars)
                .put("maxLength", maxChars)
                .put("description", description));
    }

    /** A string in one of JSON Schema's formats, such as {@code date-time}. */
    public static Schema format(String format, String description) {
        return plain(Json.object().put("type", "string").put("format", format).put("description", description));
    }

    public static Schema words(Collection<String> words, String description) {
        return plain(Json.object()
                .put("type", "string")
                .put("enum", Json.texts(words))
                .put("description", description));
    }

    public static Schema whole(long min, long max, String description) {
        Json.Builder schema = Json.object().put("type", "integer").put("minimum", min);
        if (max != Long.MAX_VALUE) {
            schema.put("maximum", max);
        }
        return plain(schema.put("description", description));
    }

    public static Schema number(String description) {
        return plain(Json.object().put("type", "number").put("description", description));
    }

    public static Schema bool(String description) {
        return plain(Json.object().put("type", "boolean").put("description", description));
    }

    public static Schema anything(String description) {
        return plain(Json.object().put("description", description));
    }

    /** An object whose members aren't fixed. */
    public static Schema openObject(String description) {
        return plain(Json.object().put("type", "object").put("description", description));
    }

    public static Schema array(Schema items, String description) {
        Json json = Json.object()
                .put("type", "array")
                .put("items", items.reference())
                .put("description", description)
                .build();
        return new Schema("", json, List.of(items));
    }

    /** An object used as a map. */
    public static Schema map(Schema values, String description) {
        Json json = Json.object()
                .put("type", "object")
                .put("additionalProperties", values.reference())
                .put("description", description)
                .build();
        return new Schema("", json, List.of(values));
    }

    /** One of several shapes. */
    public static Schema oneOf(List<Schema> shapes, String description) {
        Json json = Json.object()
                .put("oneOf", Json.array(shapes.stream().map(Schema::reference).toList()))
                .put("description", description)
                .build();
        return new Schema("", json, shapes);
    }

    /** Refers to a named schema that is declared elsewhere, which lets a schema contain itself. */
    public static Schema named(String name) {
        return new Schema("", referenceTo(name), List.of());
    }

    public static Members object() {
        return new Members();
    }

    /** A page of a list: the items, and where the next page begins unless this is the last. */
    public static Schema page(Schema item) {
        return object().required("items", array(item, "This page's items"))
                .optional("next", text("Give it as `after` to get the next page; missing on the last"))
                .build();
    }

    /** The same schema as a component of the API document. */
    public Schema as(String componentName) {
        return new Schema(componentName, json, parts);
    }

    /** How others refer to this schema: by name if it has one. */
    Json reference() {
        return name.isEmpty() ? json : referenceTo(name);
    }

    /** Calls {@code component} for every named schema in this one. */
    void components(BiConsumer<String, Json> component) {
        if (!name.isEmpty()) {
            component.accept(name, json);
        }
        parts.forEach(part -> part.components(component));
    }

    private static Schema plain(Json.Builder json) {
        return new Schema("", json.build(), List.of());
    }

    private static Json referenceTo(String name) {
        return Json.object().put("$ref", "#/components/schemas/" + name).build();
    }

    /** Collects an object's members, in order. Not thread-safe. */
    public static final class Members {
        private final Map<String, Schema> members = new LinkedHashMap<>();
        private final List<String> required = new ArrayList<>();

        private Members() {}

        public Members required(String name, Schema schema) {
            required.add(name);
            return optional(name, schema);
        }

        public Members optional(String name, Schema schema) {
            members.put(name, schema);
            return this;
        }

        public Schema build() {
            Json.Builder properties = Json.object();
            members.forEach((name, schema) -> properties.put(name, schema.reference()));
            Json.Builder json = Json.object().put("type", "object").put("properties", properties);
            if (!required.isEmpty()) {
                json.put("required", Json.texts(required));
            }
            return new Schema("", json.build(), new ArrayList<>(members.values()));
        }

        public Schema named(String name) {
            return build().as(name);
        }
    }
}
