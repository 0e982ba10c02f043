package dev.andon.core.json;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Typed access to the members of a JSON object. Every refusal is an {@link InvalidInput} that names the path, the value
 * and what was expected. Strict access also refuses members that nobody asked for, which catches misspelt names in what
 * people write; lenient access ignores them, so that frames and entries of later minor formats stay readable. Not
 * thread-safe.
 */
public final class Fields {
    private final Map<String, Json> members;
    private final String path;
    private final boolean strict;
    private final Set<String> asked = new HashSet<>();

    private Fields(Map<String, Json> members, String path, boolean strict) {
        this.members = members;
        this.path = path;
        this.strict = strict;
    }

    /** Access for documents that people write; call {@link #end()} once everything was read. */
    public static Fields strict(Json json) {
        return of(json, "", true);
    }

    /** Access for documents that programs write. */
    public static Fields lenient(Json json) {
        return of(json, "", false);
    }

    private static Fields of(Json json, String path, boolean strict) {
        if (json instanceof Json.Members object) {
            return new Fields(object.members(), path, strict);
        }
        throw new InvalidInput(path.isEmpty() ? "body" : path, json.text(), "an object");
    }

    /** The path of a member of this object, as it stands in messages. */
    public String pathOf(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    public boolean has(String name) {
        return member(name) != null;
    }

    public Json json(String name) {
        Json value = member(name);
        if (value == null) {
            throw new InvalidInput(pathOf(name), "nothing", "a value");
        }
        return value;
    }

    public String text(String name) {
        return asText(require(name, "a string"), pathOf(name));
    }

    /** A string of 1 to {@code maxChars} characters that isn't blank. */
    public String text(String name, int maxChars) {
        String value = text(name);
        if (value.isBlank() || value.length() > maxChars) {
            throw new InvalidInput(pathOf(name), Json.of(value).text(), "1 to " + maxChars + " characters, not blank");
        }
        return value;
    }

    public String text(String name, String otherwise) {
        Json value = member(name);
        return value == null ? otherwise : asText(value, pathOf(name));
    }

    public Optional<String> optionalText(String name) {
        return Optional.ofNullable(member(name)).map(value -> asText(value, pathOf(name)));
    }

    public boolean bool(String name) {
        return asBool(require(name, "true or false"), pathOf(name));
    }

    public boolean bool(String name, boolean otherwise) {
        Json value = member(name);
        return value == null ? otherwise : asBool(value, pathOf(name));
    }

    public long whole(String name, long min, long max) {
        return asWhole(require(name, range(min, max)), pathOf(name), min, max);
    }

    public long whole(String name, long min, long max, long otherwise) {
        Json value = member(name);
        return value == null ? otherwise : asWhole(value, pathOf(name), min, max);
    }

    /** A number, with or without a fraction. */
    public double number(String name) {
        Json value = require(name, "a number");
        if (value instanceof Json.Whole whole) {
            return whole.value();
        }
        if (value instanceof Json.Decimal decimal) {
            return decimal.value();
        }
        throw new InvalidInput(pathOf(name), value.text(), "a number");
    }

    public Fields object(String name) {
        return of(require(name, "an object"), pathOf(name), strict);
    }

    public Optional<Fields> optionalObject(String name) {
        return Optional.ofNullable(member(name)).map(value -> of(value, pathOf(name), strict));
    }

    /** The items of an array; an absent member counts as empty. */
    public List<Json> items(String name) {
        Json value = member(name);
        if (value == null) {
            return List.of();
        }
        if (value instanceof Json.Array array) {
            return array.items();
        }
        throw new InvalidInput(pathOf(name), value.text(), "an array");
    }

    /** An array of objects, each read by {@code read}; an absent member counts as empty. */
    public <T> List<T> objects(String name, Function<Fields, T> read) {
        List<T> read0 = new ArrayList<>();
        List<Json> items = items(name);
        for (int i = 0; i < items.size(); i++) {
            Fields fields = of(items.get(i), pathOf(name) + "[" + i + "]", strict);
            read0.add(read.apply(fields));
            fields.end();
        }
        return List.copyOf(read0);
    }

    /** An array of strings; an absent member counts as empty. */
    public List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        List<Json> items = items(name);
        for (int i = 0; i < items.size(); i++) {
            texts.add(asText(items.get(i), pathOf(name) + "[" + i + "]"));
        }
        return List.copyOf(texts);
    }

    /** An object used as a map, in its own order; an absent member counts as empty. */
    public Map<String, Json> map(String name) {
        Json value = member(name);
        if (value == null) {
            return Map.of();
        }
        if (value instanceof Json.Members object) {
            return object.members();
        }
        throw new InvalidInput(pathOf(name), value.text(), "an object");
    }

    /** An object used as a map whose values are objects, each read by {@code read}. */
    public <T> Map<String, T> objectMap(String name, Function<Fields, T> read) {
        Map<String, T> map = new LinkedHashMap<>();
        map(name).forEach((key, value) -> {
            Fields fields = of(value, pathOf(name) + "." + key, strict);
            map.put(key, read.apply(fields));
            fields.end();
        });
        return map;
    }

    /** A string out of a closed list of words. */
    public <T> T word(String name, Map<String, T> words) {
        String value = text(name);
        T meaning = words.get(value);
        if (meaning == null) {
            throw new InvalidInput(pathOf(name), Json.of(value).text(), "one of " + String.join(", ", words.keySet()));
        }
        return meaning;
    }

    /** Ends strict reading: refuses the first member that nobody asked for. */
    public void end() {
        if (!strict) {
            return;
        }
        for (Map.Entry<String, Json> member : members.entrySet()) {
            if (!asked.contains(member.getKey())) {
                String known = asked.isEmpty()
                        ? "no members"
                        : "one of " + String.join(", ", asked.stream().sorted().toList());
                throw new InvalidInput(
                        pathOf(member.getKey()), member.getValue().text(), known);
            }
        }
    }

    /** JSON's null counts as absent. */
    private @Nullable Json member(String name) {
        asked.add(name);
        Json value = members.get(name);
        return value == Json.Null.NULL ? null : value;
    }

    private Json require(String name, String expected) {
        Json value = member(name);
        if (value == null) {
            throw new InvalidInput(pathOf(name), "nothing", expected);
        }
        return value;
    }

    private static String asText(Json value, String path) {
        if (value instanceof Json.Text text) {
            return text.value();
        }
        throw new InvalidInput(path, value.text(), "a string");
    }

    private static boolean asBool(Json value, String path) {
        if (value instanceof Json.Bool bool) {
            return bool.value();
        }
        throw new InvalidInput(path, value.text(), "true or false");
    }

    private static long asWhole(Json value, String path, long min, long max) {
        if (value instanceof Json.Whole whole && whole.value() >= min && whole.value() <= max) {
            return whole.value();
        }
        throw new InvalidInput(path, value.text(), range(min, max));
    }

    private static String range(long min, long max) {
        return max == Long.MAX_VALUE ? "an integer of at least " + min : "an integer from " + min + " to " + max;
    }
}
