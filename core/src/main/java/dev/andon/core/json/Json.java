package dev.andon.core.json;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON value. Immutable and safe to share between threads. Objects keep the order of their members, so that encoding
 * what was decoded gives the same bytes.
 */
public sealed interface Json {

    /** JSON's {@code null}. */
    enum Null implements Json {
        NULL
    }

    record Bool(boolean value) implements Json {}

    record Text(String value) implements Json {}

    /** A number written without fraction or exponent, within 64 bits. */
    record Whole(long value) implements Json {}

    /** A finite number written with fraction or exponent. */
    record Decimal(double value) implements Json {
        public Decimal {
            if (!Double.isFinite(value)) {
                throw new InvalidInput("number", Double.toString(value), "a finite number");
            }
        }
    }

    record Array(List<Json> items) implements Json {
        public Array {
            items = List.copyOf(items);
        }
    }

    record Members(Map<String, Json> members) implements Json {
        public Members {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }
    }

    static Json of(boolean value) {
        return new Bool(value);
    }

    static Json of(String value) {
        return new Text(value);
    }

    static Json of(long value) {
        return new Whole(value);
    }

    static Json of(double value) {
        return new Decimal(value);
    }

    static Json array(List<? extends Json> items) {
        return new Array(List.copyOf(items));
    }

    static Json texts(Iterable<String> values) {
        List<Json> items = new ArrayList<>();
        values.forEach(value -> items.add(of(value)));
        return new Array(items);
    }

    /** Reads one document of UTF-8 bytes within {@link JsonLimits#DEFAULT}. */
    static Json parse(byte[] utf8) {
        return JsonReader.read(utf8, JsonLimits.DEFAULT);
    }

    /** Reads one document within the given limits. */
    static Json parse(byte[] utf8, JsonLimits limits) {
        return JsonReader.read(utf8, limits);
    }

    /**
     * Reads an object only as far as it takes to have all the named members, and nothing behind that: for the beginning of
     * a document that was whole when it was written. Members that aren't there are missing from what is answered.
     */
    static Json leading(byte[] utf8, JsonLimits limits, java.util.Set<String> names) {
        return JsonReader.readLeading(utf8, limits, names);
    }

    /** Starts an object whose members keep the order in which they are put. */
    static Builder object() {
        return new Builder();
    }

    /** The value as compact UTF-8. The same value always gives the same bytes. */
    default byte[] utf8() {
        return JsonWriter.write(this, false);
    }

    /**
     * An object as compact UTF-8 whose first member is an array of values that are encoded already, and whose others are
     * those of another object.
     *
     * @param items each one value, as {@link #utf8} gives it
     * @param others doesn't have the array's name among its members' names
     */
    static byte[] utf8(String name, List<byte[]> items, Json others) {
        return JsonWriter.write(name, items, others);
    }

    /**
     * The members of two objects, none of them empty, as one object.
     *
     * @param object as {@link #utf8} gives it
     * @param others the same; doesn't have names of the first
     */
    static byte[] utf8(byte[] object, byte[] others) {
        return JsonWriter.joined(object, others);
    }

    /** The value as compact text. */
    default String text() {
        return new String(utf8(), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** The value as indented text for people. */
    default String pretty() {
        return new String(JsonWriter.write(this, true), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** Collects the members of an object. Not thread-safe. */
    final class Builder {
        private final Map<String, Json> members = new LinkedHashMap<>();

        private Builder() {}

        public Builder put(String name, Json value) {
            members.put(name, value);
            return this;
        }

        public Builder put(String name, String value) {
            return put(name, of(value));
        }

        public Builder put(String name, long value) {
            return put(name, of(value));
        }

        public Builder put(String name, double value) {
            return put(name, of(value));
        }

        public Builder put(String name, boolean value) {
            return put(name, of(value));
        }

        public Builder put(String name, Builder value) {
            return put(name, value.build());
        }

        public Builder put(String name, Json... items) {
            return put(name, array(Arrays.asList(items)));
        }

        public Builder put(String name, java.util.Optional<String> value) {
            value.ifPresent(present -> put(name, present));
            return this;
        }

        public Json build() {
            return new Members(members);
        }
    }
}
