package dev.andon.server.importing;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import java.math.BigInteger;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads one YAML document as the JSON that it stands for: YAML 1.2 with its core schema, so that {@code on}, {@code off},
 * {@code yes} and {@code no} are strings. What flagd's own reader or readers of YAML 1.1 would take for something else (a
 * date, {@code 010}, {@code 1_000}, a merge key) is refused, to be put in quotes or written out; so is what JSON lacks. With
 * its aliases written out, it has the limits of a JSON document. Not thread-safe.
 */
final class Yaml {
    private static final String PATH = "document";
    private static final JsonLimits LIMITS = JsonLimits.DEFAULT;
    private static final int INDICATORS = 2;
    private static final int NUMBER_CHARS = 64;

    private static final Pattern NULL = Pattern.compile("~|null|Null|NULL|");
    private static final Pattern BOOL = Pattern.compile("true|True|TRUE|false|False|FALSE");
    private static final Pattern DECIMAL_INT = Pattern.compile("[-+]?(0|[1-9][0-9]*)");
    private static final Pattern OTHER_INT = Pattern.compile("0o[0-7]+|0x[0-9a-fA-F]+");
    private static final Pattern FLOAT =
            Pattern.compile("[-+]?(\\.[0-9]+|(0|[1-9][0-9]*)(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");
    private static final Pattern NOT_FINITE = Pattern.compile("[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

    /** Numbers to some readers and strings to others, or not the same numbers. */
    private static final Pattern UNCLEAR_NUMBER =
            Pattern.compile("[-+]?(0[0-9_]+(\\.[0-9_]*)?|[0-9][0-9_]*_[0-9_]*(\\.[0-9_]*)?|0[bB][01_]+|0[oO][0-7_]+"
                    + "|0[xX][0-9a-fA-F_]+)([eE][-+]?[0-9]+)?");

    private static final Pattern LIKE_NUMBER = Pattern.compile("[-+.0-9][-+.0-9a-fA-FoOxX_]*");
    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?");
    private static final Pattern PLAIN_KEY = Pattern.compile("-?(0|[1-9][0-9]*)|true|false");

    private static final int HEX = 16;
    private static final int OCTAL = 8;
    private static final int DECIMAL = 10;

    private final Iterator<Event> events;
    private final Map<Anchor, Sized> anchors = new HashMap<>();
    private final CharsetEncoder utf8 = StandardCharsets.UTF_8.newEncoder();
    private long size;

    /** @param size at least what it takes as JSON */
    private record Sized(Json json, long size) {}

    private Yaml(Iterator<Event> events) {
        this.events = events;
    }

    /** @throws InvalidInput saying at which line and column */
    static Json read(String text) {
        if (text.length() > LIMITS.bytes()) {
            throw new InvalidInput(PATH, text.length() + " characters", "at most " + LIMITS.bytes());
        }
        LoadSettings settings = LoadSettings.builder()
                .setCodePointLimit(LIMITS.bytes())
                .setLabel(PATH)
                .build();
        try {
            return new Yaml(new Parse(settings).parseString(text).iterator()).document();
        } catch (MarkedYamlEngineException e) {
            throw new InvalidInput(PATH, e.getProblem() + at(e.getProblemMark()), "a document in YAML 1.2 or JSON");
        } catch (YamlEngineException | NoSuchElementException e) {
            String what = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new InvalidInput(PATH, what, "a document in YAML 1.2 or JSON");
        }
    }

    private Json document() {
        next();
        Event start = next();
        if (start.getEventId() != Event.ID.DocumentStart) {
            throw new InvalidInput(PATH, "nothing", "a document in YAML 1.2 or JSON");
        }
        Json json = node(next(), 0);
        next();
        Event end = next();
        if (end.getEventId() != Event.ID.StreamEnd) {
            throw refused(end, "another document", "one document: each can be imported by itself");
        }
        return json;
    }

    private Event next() {
        return events.next();
    }

    private Json node(Event event, int depth) {
        long before = size;
        Json json = switch (event) {
            case AliasEvent alias -> alias(alias);
            case ScalarEvent scalar -> scalar(scalar);
            case CollectionStartEvent start -> collection(start, depth + 1);
            default -> throw refused(event, event.getEventId().toString(), "a value");
        };
        if (event instanceof NodeEvent node && !(event instanceof AliasEvent)) {
            node.getAnchor().ifPresent(anchor -> anchors.put(anchor, new Sized(json, size - before)));
        }
        return json;
    }

    private Json alias(AliasEvent alias) {
        Sized named = anchors.get(alias.getAlias());
        if (named == null) {
            throw refused(alias, "*" + alias.getAlias().getValue(), "an anchor whose value ends before it is used");
        }
        grow(alias, named.size());
        return named.json();
    }

    private Json collection(CollectionStartEvent start, int depth) {
        requireNoTag(start, start.getTag());
        if (depth > LIMITS.depth()) {
            throw refused(start, "nesting of " + depth, "at most " + LIMITS.depth() + " levels");
        }
        grow(start, INDICATORS);
        return start instanceof MappingStartEvent ? mapping(depth) : sequence(depth);
    }

    private Json sequence(int depth) {
        List<Json> items = new ArrayList<>();
        for (Event event = next(); event.getEventId() != Event.ID.SequenceEnd; event = next()) {
            items.add(node(event, depth));
        }
        return Json.array(items);
    }

    private Json mapping(int depth) {
        Map<String, Json> members = new LinkedHashMap<>();
        for (Event event = next(); event.getEventId() != Event.ID.MappingEnd; event = next()) {
            String key = key(event);
            if (members.containsKey(key)) {
                throw refused(event, "a second " + Json.of(key).text(), "each key once");
            }
            members.put(key, node(next(), depth));
        }
        return new Json.Members(members);
    }

    /** A string; numbers, true and false count as the text that JSON would have for them, as with flagd. */
    private String key(Event event) {
        if (!(event instanceof ScalarEvent scalar)) {
            throw refused(event, "a key that isn't a plain value", "strings as keys");
        }
        String text = scalar.getValue();
        if (scalar.isPlain() && text.equals("<<")) {
            throw refused(event, "<<", "mappings written out: merge keys aren't part of YAML 1.2");
        }
        if (!(scalar(scalar) instanceof Json.Text) && !PLAIN_KEY.matcher(text).matches()) {
            throw refused(event, text.isEmpty() ? "an empty key" : text, "a string as key: put quotes around it");
        }
        scalar.getAnchor().ifPresent(anchor -> anchors.put(anchor, new Sized(Json.of(text), text.length())));
        return text;
    }

    private Json scalar(ScalarEvent scalar) {
        String text = scalar.getValue();
        grow(scalar, (long) INDICATORS + text.length());
        boolean string = requireNoTag(scalar, scalar.getTag()) || !scalar.isPlain();
        if (!utf8.canEncode(text)) {
            throw refused(scalar, "half a surrogate pair", "strings of whole characters");
        }
        if (text.length() > LIMITS.textChars()) {
            throw refused(scalar, "a string of " + text.length() + " characters", "at most " + LIMITS.textChars());
        }
        if (!string && text.length() > NUMBER_CHARS && LIKE_NUMBER.matcher(text).matches()) {
            throw refused(scalar, text, "a number of at most " + NUMBER_CHARS + " characters, or quotes around it");
        }
        return string || text.length() > NUMBER_CHARS ? Json.of(text) : plain(scalar, text);
    }

    private static Json plain(ScalarEvent scalar, String text) {
        if (NULL.matcher(text).matches()) {
            return Json.Null.NULL;
        }
        if (BOOL.matcher(text).matches()) {
            return Json.of(text.charAt(0) == 't' || text.charAt(0) == 'T');
        }
        if (DECIMAL_INT.matcher(text).matches()) {
            return whole(scalar, new BigInteger(text, DECIMAL));
        }
        if (OTHER_INT.matcher(text).matches()) {
            return whole(scalar, new BigInteger(text.substring(2), text.charAt(1) == 'x' ? HEX : OCTAL));
        }
        boolean isFloat = FLOAT.matcher(text).matches();
        if (NOT_FINITE.matcher(text).matches() || (isFloat && !Double.isFinite(Double.parseDouble(text)))) {
            throw refused(scalar, text, "a finite number within 64 bits, or quotes around it");
        }
        if (isFloat) {
            return Json.of(Double.parseDouble(text));
        }
        if (UNCLEAR_NUMBER.matcher(text).matches()) {
            throw refused(scalar, text, "quotes around it if it is a string, or a number without leading zeros and _");
        }
        if (DATE.matcher(text).matches()) {
            throw refused(scalar, text, "quotes around it: readers differ on dates");
        }
        return Json.of(text);
    }

    private static Json whole(ScalarEvent scalar, BigInteger value) {
        try {
            return Json.of(value.longValueExact());
        } catch (ArithmeticException e) {
            throw refused(scalar, scalar.getValue(), "an integer within 64 bits");
        }
    }

    /** Whether it is said to be a string. */
    private static boolean requireNoTag(Event event, Optional<String> tag) {
        boolean string = tag.isPresent()
                && (tag.get().equals("tag:yaml.org,2002:str") || tag.get().equals("!"));
        if (tag.isPresent() && !(string && event instanceof ScalarEvent)) {
            throw refused(event, "tag " + tag.get(), "values without tags, but for !!str");
        }
        return string;
    }

    private void grow(Event event, long by) {
        size += by;
        if (size > LIMITS.bytes()) {
            throw refused(event, "a long document", "at most " + LIMITS.bytes() + " bytes with aliases written out");
        }
    }

    private static InvalidInput refused(Event event, String value, String expected) {
        return new InvalidInput(PATH, value + at(event.getStartMark()), expected);
    }

    private static String at(Optional<Mark> mark) {
        return mark.map(place -> " at line " + (place.getLine() + 1) + ", column " + (place.getColumn() + 1))
                .orElse("");
    }
}
