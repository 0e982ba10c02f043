package dev.andon.core.model;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The form of the names that people give to things, and their limits. */
public final class Keys {
    public static final int KEY_CHARS = 128;
    public static final int TEXT_CHARS = 4096;

    private static final String KEY_FORM =
            "1 to " + KEY_CHARS + " letters, digits, '.', '_', '-' or ':', beginning with a letter or digit";
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0," + (KEY_CHARS - 1) + "}");
    private static final String NAME_FORM = "1 to " + KEY_CHARS + " characters without control characters, not blank";

    private Keys() {}

    /** Returns {@code key} when it has the form of a key (of a flag, environment, segment or tag); else refuses it. */
    public static String key(String path, String key) {
        if (!KEY.matcher(key).matches()) {
            throw new InvalidInput(path, Json.of(key).text(), KEY_FORM);
        }
        return key;
    }

    /** Returns {@code name} when it may stand as a free name (a variant, an owner, an attribute, a service). */
    public static String name(String path, String name) {
        if (name.isBlank() || name.length() > KEY_CHARS || name.chars().anyMatch(Character::isISOControl)) {
            throw new InvalidInput(path, Json.of(name).text(), NAME_FORM);
        }
        return name;
    }

    /** Returns {@code text} when it is within the length of descriptions and reasons; it may be empty. */
    public static String prose(String path, String text) {
        if (text.length() > TEXT_CHARS) {
            throw new InvalidInput(path, text.length() + " characters", "at most " + TEXT_CHARS + " characters");
        }
        return text;
    }

    /** Returns {@code text} when it is one line of at most so many characters, none of them for control; it may be empty. */
    public static String line(String path, String text, int maxChars) {
        if (text.length() > maxChars || text.chars().anyMatch(Character::isISOControl)) {
            throw new InvalidInput(
                    path, Json.of(text).text(), "at most " + maxChars + " characters, without control characters");
        }
        return text;
    }

    public static void atMost(String path, int count, int limit) {
        if (count > limit) {
            throw new InvalidInput(path, count + " items", "at most " + limit);
        }
    }

    static SortedSet<String> sorted(Collection<String> values) {
        return Collections.unmodifiableSortedSet(new TreeSet<>(values));
    }
}
