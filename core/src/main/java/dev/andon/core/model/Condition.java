package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.shaded.semver4j.Semver;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A question about an evaluation context. A condition on an attribute that is absent, or of another type than the
 * condition asks for, doesn't hold; its negation does.
 */
public sealed interface Condition {

    Json toJson();

    /** Adds the segments that this condition names. */
    default void collectSegments(Set<String> segments) {}

    /** All of the parts hold; none is as good as true. */
    record All(List<Condition> parts) implements Condition {
        public All {
            parts = List.copyOf(parts);
            Keys.atMost("all", parts.size(), MAX_PARTS);
        }

        @Override
        public Json toJson() {
            return partsJson("all", parts);
        }

        @Override
        public void collectSegments(Set<String> segments) {
            parts.forEach(part -> part.collectSegments(segments));
        }
    }

    /** At least one of the parts holds. */
    record Any(List<Condition> parts) implements Condition {
        public Any {
            parts = List.copyOf(parts);
            Keys.atMost("any", parts.size(), MAX_PARTS);
        }

        @Override
        public Json toJson() {
            return partsJson("any", parts);
        }

        @Override
        public void collectSegments(Set<String> segments) {
            parts.forEach(part -> part.collectSegments(segments));
        }
    }

    /** The part doesn't hold. */
    record Not(Condition part) implements Condition {
        @Override
        public Json toJson() {
            return Json.object().put("not", part.toJson()).build();
        }

        @Override
        public void collectSegments(Set<String> segments) {
            part.collectSegments(segments);
        }
    }

    /**
     * The attribute equals one of the values. Numbers compare by value (1 equals 1.0), strings exactly. An attribute that
     * is a list matches when one of its elements does.
     *
     * @param values strings, numbers and booleans
     */
    record In(String attribute, List<Json> values) implements Condition {
        public In {
            Keys.name("attribute", attribute);
            values = List.copyOf(values);
            Keys.atMost("in", values.size(), MAX_VALUES);
            for (Json value : values) {
                if (value instanceof Json.Members || value instanceof Json.Array || value == Json.Null.NULL) {
                    throw new InvalidInput("in", value.text(), "strings, numbers and booleans");
                }
            }
        }

        @Override
        public Json toJson() {
            return Json.object()
                    .put("attribute", attribute)
                    .put("in", Json.array(values))
                    .build();
        }
    }

    /** How a string attribute is compared. */
    enum TextOperator {
        STARTS_WITH("startsWith"),
        ENDS_WITH("endsWith"),
        CONTAINS("contains");

        private final String word;

        TextOperator(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /** The attribute is a string that compares with one of the values; upper and lower case differ. */
    record TextMatch(String attribute, TextOperator operator, List<String> values) implements Condition {
        public TextMatch {
            Keys.name("attribute", attribute);
            values = List.copyOf(values);
            Keys.atMost(operator.word(), values.size(), MAX_VALUES);
        }

        @Override
        public Json toJson() {
            return Json.object()
                    .put("attribute", attribute)
                    .put(operator.word(), Json.texts(values))
                    .build();
        }
    }

    /** How a number attribute is compared. */
    enum NumberOperator {
        LESS_THAN("lessThan"),
        AT_MOST("atMost"),
        GREATER_THAN("greaterThan"),
        AT_LEAST("atLeast");

        private final String word;

        NumberOperator(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /** The attribute is a number that compares with the limit; the comparison is of 64-bit floats. */
    record NumberMatch(String attribute, NumberOperator operator, double limit) implements Condition {
        public NumberMatch {
            Keys.name("attribute", attribute);
            if (!Double.isFinite(limit)) {
                throw new InvalidInput(operator.word(), "" + limit, "a finite number");
            }
            // Adding zero turns -0.0 into 0.0, which compares the same and is written the same.
            limit += 0.0;
        }

        @Override
        public Json toJson() {
            boolean whole = limit == Math.rint(limit) && Math.abs(limit) < 1L << 53;
            Json value = whole ? Json.of((long) limit) : Json.of(limit);
            return Json.object()
                    .put("attribute", attribute)
                    .put(operator.word(), value)
                    .build();
        }
    }

    /** How a version attribute is compared, by Semantic Versioning 2.0.0 precedence. */
    enum VersionOperator {
        EQUAL("="),
        NOT_EQUAL("!="),
        LESS_THAN("<"),
        AT_MOST("<="),
        GREATER_THAN(">"),
        AT_LEAST(">="),
        /** The same major version. */
        SAME_MAJOR("^"),
        /** The same major and minor version. */
        SAME_MINOR("~");

        private final String word;

        VersionOperator(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /** The attribute is a SemVer string that compares with the version. */
    record VersionMatch(String attribute, VersionOperator operator, String version) implements Condition {
        private static final int MAX_CHARS = 256;
        private static final String FORM = "an operator (= != < <= > >= ^ ~) and a SemVer version, such as \">=2.3.0\"";

        public VersionMatch {
            Keys.name("attribute", attribute);
            if (version.length() > MAX_CHARS || Semver.parse(version) == null) {
                throw new InvalidInput(
                        "semver", Json.of(operator.word() + version).text(), FORM);
            }
        }

        static VersionMatch of(String attribute, String text) {
            VersionOperator found = VersionOperator.EQUAL;
            int length = 0;
            for (VersionOperator operator : VersionOperator.values()) {
                if (text.startsWith(operator.word()) && operator.word().length() > length) {
                    found = operator;
                    length = operator.word().length();
                }
            }
            return new VersionMatch(attribute, found, text.substring(length).strip());
        }

        @Override
        public Json toJson() {
            return Json.object()
                    .put("attribute", attribute)
                    .put("semver", operator.word() + version)
                    .build();
        }
    }

    /** On which side of a moment a date attribute lies. */
    enum DateOperator {
        BEFORE("before"),
        AFTER("after");

        private final String word;

        DateOperator(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    /**
     * The attribute is a date strictly before or after the moment: an instant, an ISO 8601 string with an offset, or a
     * number of milliseconds since 1970-01-01T00:00:00Z.
     */
    record DateMatch(String attribute, DateOperator operator, Instant moment) implements Condition {
        private static final Instant EARLIEST = Instant.parse("0000-01-01T00:00:00Z");
        private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");

        public DateMatch {
            Keys.name("attribute", attribute);
            if (moment.isBefore(EARLIEST) || moment.isAfter(LATEST)) {
                throw new InvalidInput(operator.word(), moment.toString(), "a date of the years 0 to 9999");
            }
        }

        static DateMatch of(String attribute, DateOperator operator, String text) {
            try {
                return new DateMatch(attribute, operator, Instant.parse(text));
            } catch (DateTimeParseException e) {
                throw new InvalidInput(
                        operator.word(), Json.of(text).text(), "a date in UTC such as 2026-11-22T14:03:00Z");
            }
        }

        @Override
        public Json toJson() {
            return Json.object()
                    .put("attribute", attribute)
                    .put(operator.word(), moment.toString())
                    .build();
        }
    }

    /** The context has the attribute, whatever its value. */
    record Exists(String attribute) implements Condition {
        public Exists {
            Keys.name("attribute", attribute);
        }

        @Override
        public Json toJson() {
            return Json.object().put("attribute", attribute).put("exists", true).build();
        }
    }

    /** The segment's condition holds. */
    record InSegment(String segment) implements Condition {
        public InSegment {
            Keys.key("segment", segment);
        }

        @Override
        public Json toJson() {
            return Json.object().put("segment", segment).build();
        }

        @Override
        public void collectSegments(Set<String> segments) {
            segments.add(segment);
        }
    }

    int MAX_PARTS = 1_000;
    int MAX_VALUES = 10_000;

    /** Reads the object form; the caller ends strict reading. */
    static Condition read(Fields fields) {
        for (String name : List.of("all", "any")) {
            if (fields.has(name)) {
                List<Condition> parts = fields.objects(name, Condition::read);
                return name.equals("all") ? new All(parts) : new Any(parts);
            }
        }
        if (fields.has("not")) {
            Fields part = fields.object("not");
            Condition condition = read(part);
            part.end();
            return new Not(condition);
        }
        if (fields.has("segment")) {
            return new InSegment(fields.text("segment"));
        }
        String attribute = fields.text("attribute");
        Map<String, Condition> found = new LinkedHashMap<>();
        if (fields.has("in")) {
            found.put("in", new In(attribute, fields.items("in")));
        }
        for (TextOperator operator : TextOperator.values()) {
            if (fields.has(operator.word())) {
                found.put(operator.word(), new TextMatch(attribute, operator, fields.texts(operator.word())));
            }
        }
        for (NumberOperator operator : NumberOperator.values()) {
            if (fields.has(operator.word())) {
                found.put(operator.word(), new NumberMatch(attribute, operator, fields.number(operator.word())));
            }
        }
        if (fields.has("semver")) {
            found.put("semver", VersionMatch.of(attribute, fields.text("semver")));
        }
        for (DateOperator operator : DateOperator.values()) {
            if (fields.has(operator.word())) {
                found.put(operator.word(), DateMatch.of(attribute, operator, fields.text(operator.word())));
            }
        }
        if (fields.has("exists")) {
            Condition exists = new Exists(attribute);
            found.put("exists", fields.bool("exists") ? exists : new Not(exists));
        }
        if (found.size() != 1) {
            throw new InvalidInput(
                    fields.pathOf("attribute"),
                    Json.of(attribute).text() + " with " + (found.isEmpty() ? "no operator" : found.keySet()),
                    "exactly one of in, startsWith, endsWith, contains, lessThan, atMost, greaterThan, atLeast, semver,"
                            + " before, after, exists");
        }
        return found.values().iterator().next();
    }

    private static Json partsJson(String name, List<Condition> parts) {
        List<Json> items = new ArrayList<>();
        parts.forEach(part -> items.add(part.toJson()));
        return Json.object().put(name, Json.array(items)).build();
    }
}
