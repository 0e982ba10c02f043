package dev.andon.core.json;

import dev.andon.core.shaded.jackson.core.JsonFactory;
import dev.andon.core.shaded.jackson.core.JsonFactoryBuilder;
import dev.andon.core.shaded.jackson.core.JsonLocation;
import dev.andon.core.shaded.jackson.core.JsonParser;
import dev.andon.core.shaded.jackson.core.JsonProcessingException;
import dev.andon.core.shaded.jackson.core.JsonToken;
import dev.andon.core.shaded.jackson.core.StreamReadConstraints;
import dev.andon.core.shaded.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads strict JSON (RFC 8259) into {@link Json}: no duplicate members, no trailing text, no number beyond 64 bits. */
final class JsonReader {
    private static final int NUMBER_CHARS = 64;
    /** How the parser names another place in a document that it isn't to quote. */
    private static final Pattern SOURCE = Pattern.compile("\\[Source: [^;\\]]*; (line: \\d+, column: \\d+)]");

    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            // Interned names would let foreign input fill a table that outlives the document.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(NUMBER_CHARS)
                    .build())
            .build();

    private final JsonParser parser;
    private final JsonLimits limits;

    private JsonReader(JsonParser parser, JsonLimits limits) {
        this.parser = parser;
        this.limits = limits;
    }

    private interface Reading {
        Json read(JsonReader reader) throws IOException;
    }

    static Json read(byte[] utf8, JsonLimits limits) {
        return read(utf8, limits, reader -> {
            Json json = reader.value(0);
            if (reader.parser.nextToken() != null) {
                throw new InvalidInput("body", "text after the document", "one JSON document and nothing after it");
            }
            return json;
        });
    }

    static Json readLeading(byte[] utf8, JsonLimits limits, Set<String> names) {
        return read(utf8, limits, reader -> reader.leading(names));
    }

    private static Json read(byte[] utf8, JsonLimits limits, Reading reading) {
        if (utf8.length > limits.bytes()) {
            throw new InvalidInput("body", utf8.length + " bytes", "at most " + limits.bytes() + " bytes");
        }
        requireUtf8(utf8);
        try (JsonParser parser = FACTORY.createParser(utf8)) {
            if (parser.nextToken() == null) {
                throw new InvalidInput("body", "nothing", "a JSON document");
            }
            return reading.read(new JsonReader(parser, limits));
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            String where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            String what = SOURCE.matcher(e.getOriginalMessage()).replaceAll("$1");
            throw new InvalidInput("body", what + where, "a JSON document in UTF-8");
        } catch (IOException e) {
            throw new InvalidInput("body", String.valueOf(e.getMessage()), "a JSON document in UTF-8");
        }
    }

    /** The parser would guess at UTF-16 and UTF-32 from what a document of ours never begins with. */
    private static void requireUtf8(byte[] bytes) {
        boolean marked = bytes.length >= 2
                && ((bytes[0] == (byte) 0xfe && bytes[1] == (byte) 0xff)
                        || (bytes[0] == (byte) 0xff && bytes[1] == (byte) 0xfe));
        for (int i = 0; i < Math.min(4, bytes.length); i++) {
            marked |= bytes[i] == 0;
        }
        if (marked) {
            throw new InvalidInput("body", "text in another encoding", "a JSON document in UTF-8");
        }
    }

    private Json value(int depth) throws IOException {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case VALUE_NULL -> Json.Null.NULL;
            case VALUE_TRUE -> Json.of(true);
            case VALUE_FALSE -> Json.of(false);
            case VALUE_STRING -> new Json.Text(checked(parser.getText()));
            case VALUE_NUMBER_INT -> whole();
            case VALUE_NUMBER_FLOAT -> decimal();
            case START_ARRAY -> array(deeper(depth));
            case START_OBJECT -> members(deeper(depth));
            default -> throw new InvalidInput("body", String.valueOf(token), "a JSON value");
        };
    }

    private Json whole() throws IOException {
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw new InvalidInput("body", parser.getText(), "an integer within 64 bits");
        }
        return new Json.Whole(parser.getLongValue());
    }

    private Json decimal() throws IOException {
        double value = parser.getDoubleValue();
        if (!Double.isFinite(value)) {
            throw new InvalidInput("body", parser.getText(), "a number within the range of a 64-bit float");
        }
        return new Json.Decimal(value);
    }

    private Json array(int depth) throws IOException {
        List<Json> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(depth));
        }
        return new Json.Array(items);
    }

    private Json members(int depth) throws IOException {
        Map<String, Json> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = checked(parser.currentName());
            parser.nextToken();
            members.put(name, value(depth));
        }
        return new Json.Members(members);
    }

    private Json leading(Set<String> names) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw new InvalidInput("body", String.valueOf(parser.currentToken()), "an object");
        }
        Map<String, Json> members = new LinkedHashMap<>();
        while (members.size() < names.size() && parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            if (names.contains(name)) {
                members.put(name, value(1));
            } else {
                parser.skipChildren();
            }
        }
        return new Json.Members(members);
    }

    private int deeper(int depth) {
        if (depth == limits.depth()) {
            throw new InvalidInput("body", "nesting of " + (depth + 1), "at most " + limits.depth() + " levels");
        }
        return depth + 1;
    }

    private String checked(String text) {
        if (text.length() > limits.textChars()) {
            throw new InvalidInput(
                    "body", "a string of " + text.length() + " characters", "at most " + limits.textChars());
        }
        if (!Surrogates.arePaired(text)) {
            throw new InvalidInput("body", Json.of(text).text(), "strings without half surrogate pairs");
        }
        return text;
    }
}
