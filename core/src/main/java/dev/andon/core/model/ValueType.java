package dev.andon.core.model;

import dev.andon.core.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/** The type of all of a flag's values. */
public enum ValueType {
    BOOLEAN("boolean"),
    STRING("string"),
    /** A whole number within 64 bits. */
    INTEGER("integer"),
    /** A 64-bit floating-point number; whole numbers are taken as such. */
    NUMBER("number"),
    /** A JSON object or array. */
    OBJECT("object");

    public static final Map<String, ValueType> WORDS = words();

    private final String word;

    ValueType(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    public boolean accepts(Json value) {
        return switch (this) {
            case BOOLEAN -> value instanceof Json.Bool;
            case STRING -> value instanceof Json.Text;
            case INTEGER -> value instanceof Json.Whole;
            case NUMBER -> value instanceof Json.Whole || value instanceof Json.Decimal;
            case OBJECT -> value instanceof Json.Members || value instanceof Json.Array;
        };
    }

    private static Map<String, ValueType> words() {
        Map<String, ValueType> words = new LinkedHashMap<>();
        for (ValueType type : values()) {
            words.put(type.word, type);
        }
        return words;
    }
}
