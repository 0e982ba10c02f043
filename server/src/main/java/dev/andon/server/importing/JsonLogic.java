package dev.andon.server.importing;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Condition.NumberOperator;
import dev.andon.core.model.Condition.TextOperator;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

/**
 * Reads flagd's JsonLogic, as far as it is a yes-or-no question that conditions can ask, and refuses the rest by the
 * operator's name. Where flagd, or one of its engines, would answer differently, that is noted. Not thread-safe.
 */
final class JsonLogic {
    private static final int MOST_REFERENCES = 32;

    private final Map<String, Json> evaluators;
    private final Constants constants;
    private final SortedSet<String> notes;

    /**
     * @param evaluators those that may be referred to; each that asks a question becomes a segment
     * @param notes takes what the reader should know about
     */
    JsonLogic(Map<String, Json> evaluators, Constants constants, SortedSet<String> notes) {
        this.evaluators = evaluators;
        this.constants = constants;
        this.notes = notes;
    }

    Constants constants() {
        return constants;
    }

    void note(String note) {
        notes.add(note);
    }

    /** The one operator of an expression, and what it is applied to. */
    record Operation(String path, String operator, Json argument) {
        static Operation of(String path, Json json) {
            if (json instanceof Json.Members object && object.members().size() == 1) {
                Map.Entry<String, Json> only =
                        object.members().entrySet().iterator().next();
                return new Operation(path + "." + only.getKey(), only.getKey(), only.getValue());
            }
            throw new InvalidInput(path, json.text(), "a JsonLogic operation: an object with one member, its operator");
        }

        /** A single argument may stand without its array. */
        List<Json> arguments() {
            return argument instanceof Json.Array array ? array.items() : List.of(argument);
        }

        /** The whole expression, which stands at {@link #outer}. */
        Json json() {
            return Json.object().put(operator, argument).build();
        }

        String outer() {
            return path.substring(0, path.length() - operator.length() - 1);
        }

        Operation with(List<Json> other) {
            return new Operation(path, operator, Json.array(other));
        }

        List<Json> arguments(int count) {
            if (arguments().size() != count) {
                throw new InvalidInput(path, argument.text(), count + " arguments");
            }
            return arguments();
        }
    }

    Condition condition(String path, Json json) {
        Optional<Json> constant = constants.of(json);
        if (constant.isPresent()) {
            return always(Constants.isTrue(constant.get()));
        }
        Operation operation = Operation.of(path, json);
        return switch (operation.operator()) {
            case "and" -> all(operation);
            case "or" -> new Condition.Any(conditions(operation));
            case "!" ->
                new Condition.Not(
                        condition(operation.path(), operation.arguments(1).getFirst()));
            case "!!" -> condition(operation.path(), operation.arguments(1).getFirst());
            case "if", "?:" -> choice(operation);
            case "missing" -> missing(operation);
            case "some" -> some(operation);
            case "none" -> new Condition.Not(some(operation));
            case "$ref" -> new Condition.InSegment(reference(operation));
            default -> question(operation);
        };
    }

    /** Whether true or false comes out, and no other value. */
    boolean isQuestion(Json json) {
        if (!(json instanceof Json.Members object) || object.members().size() != 1) {
            return false;
        }
        Operation operation = Operation.of("", json);
        return switch (operation.operator()) {
            case "==", "===", "!=", "!==", "<", "<=", ">", ">=", "in", "!", "!!", "some", "none" -> true;
            case "starts_with", "ends_with", "sem_ver" -> {
                note("where the attribute of " + operation.operator()
                        + " isn't text, the variant false is served: some of"
                        + " flagd's engines serve the default variant");
                yield true;
            }
            case "and", "or" -> operation.arguments().stream().allMatch(this::isQuestion);
            default -> false;
        };
    }

    /** With the default of what it reads, if it has one. */
    private Condition question(Operation operation) {
        List<Json> sides = operation.operator().equals("var")
                ? List.of(Json.object().put("var", operation.argument()).build())
                : operation.arguments().stream()
                        .map(side -> resolved(operation.path(), side))
                        .toList();
        List<Json> bare = new ArrayList<>();
        List<Json> defaulted = new ArrayList<>();
        Set<String> attributes = new LinkedHashSet<>();
        for (Json side : sides) {
            Optional<Read> read = Read.of(side).filter(found -> found.otherwise() != Json.Null.NULL);
            read.ifPresent(found -> attributes.add(found.attribute()));
            bare.add(read.<Json>map(
                            found -> Json.object().put("var", found.attribute()).build())
                    .orElse(side));
            defaulted.add(
                    read.map(Read::otherwise).orElseGet(() -> constants.of(side).orElse(side)));
        }
        if (attributes.isEmpty()) {
            Optional<Boolean> known = bare.stream().allMatch(JsonLogic::isKnown)
                    ? Constants.answer(operation.operator(), bare)
                    : Optional.empty();
            return known.map(JsonLogic::always).orElseGet(() -> plain(operation.with(bare)));
        }
        Optional<Boolean> otherwise = operation.operator().equals("var")
                ? Optional.of(Constants.isTrue(defaulted.getFirst()))
                : Constants.answer(operation.operator(), defaulted);
        if (attributes.size() > 1 || otherwise.isEmpty()) {
            throw new InvalidInput(
                    operation.path(), operation.argument().text(), "an attribute's name, without a default");
        }
        return defaulting(attributes.iterator().next(), plain(operation.with(bare)), otherwise.get());
    }

    /** Where the attribute is missing, what its default comes to. */
    private static Condition defaulting(String attribute, Condition plain, boolean otherwise) {
        if (plain instanceof Condition.Not == otherwise) {
            return plain;
        }
        Condition exists = new Condition.Exists(attribute);
        return otherwise
                ? new Condition.Any(List.of(new Condition.Not(exists), plain))
                : new Condition.All(List.of(exists, plain));
    }

    private Condition plain(Operation operation) {
        return switch (operation.operator()) {
            case "==", "===" -> equality(operation);
            case "!=", "!==" -> negation(equality(operation));
            case "in" -> membership(operation);
            case "starts_with" -> text(operation, TextOperator.STARTS_WITH);
            case "ends_with" -> text(operation, TextOperator.ENDS_WITH);
            case "sem_ver" -> version(operation);
            case "<", "<=", ">", ">=" -> comparison(operation);
            case "var" -> truth(operation);
            default -> throw unsupported(operation);
        };
    }

    private static Condition always(boolean holds) {
        return holds ? new Condition.All(List.of()) : new Condition.Any(List.of());
    }

    private static Condition negation(Condition condition) {
        return condition instanceof Condition.Not not ? not.part() : new Condition.Not(condition);
    }

    /** An attribute, and what stands for it where it is missing. */
    private record Read(String attribute, Json otherwise) {
        static Optional<Read> of(Json json) {
            return json instanceof Json.Members object
                            && object.members().size() == 1
                            && object.members().get("var") instanceof Json.Array array
                            && array.items().size() == 2
                            && array.items().getFirst() instanceof Json.Text name
                            && !(array.items().getLast() instanceof Json.Members)
                    ? Optional.of(new Read(name.value(), array.items().getLast()))
                    : Optional.empty();
        }
    }

    /** What a reference stands for, where a value is asked for and no question. */
    private Json resolved(String path, Json json) {
        Json value = constants.of(json).orElse(json);
        for (int i = 0; i < MOST_REFERENCES; i++) {
            if (!(value instanceof Json.Members object
                    && object.members().size() == 1
                    && object.members().containsKey("$ref"))) {
                return value;
            }
            value = evaluators.getOrDefault(reference(Operation.of(path, value)), Json.Null.NULL);
        }
        throw new InvalidInput(path, json.text(), "no circle of references");
    }

    private static boolean isKnown(Json json) {
        return !(json instanceof Json.Members);
    }

    static InvalidInput unsupported(Operation operation) {
        return new InvalidInput(
                operation.path(),
                "operator " + operation.operator(),
                "an operator that conditions can express: ==, ===, !=, !==, in, starts_with, ends_with, sem_ver, <,"
                    + " <=, >, >=, and, or, !, !!, if, var, missing, some, none, $ref, and fractional where a variant"
                    + " is chosen");
    }

    String reference(Operation operation) {
        if (operation.argument() instanceof Json.Text name && evaluators.containsKey(name.value())) {
            return name.value();
        }
        throw new InvalidInput(
                operation.path(),
                operation.argument().text(),
                "the name of one of $evaluators: " + String.join(", ", evaluators.keySet()));
    }

    /** The attribute that an expression reads, if it does nothing else. */
    String attribute(String path, Json json) {
        Operation operation = Operation.of(path, json);
        if (!operation.operator().equals("var")) {
            throw unsupported(operation);
        }
        List<Json> arguments = operation.arguments();
        boolean defaulted = arguments.size() == 2 && arguments.getLast() != Json.Null.NULL;
        if (defaulted || arguments.isEmpty() || !(arguments.getFirst() instanceof Json.Text name)) {
            throw new InvalidInput(
                    operation.path(), operation.argument().text(), "an attribute's name, without a default");
        }
        String attribute = name.value();
        if (attribute.equals("$flagd.flagKey")) {
            throw new InvalidInput(
                    operation.path(), attribute, "an attribute of the context: in an evaluator no flag is known");
        }
        if (attribute.startsWith("$flagd")) {
            throw new InvalidInput(
                    operation.path(),
                    attribute,
                    "an attribute of the context: nothing here changes by the clock, so change the flag when it is"
                            + " time");
        }
        if (!isAttribute(attribute)) {
            throw new InvalidInput(
                    operation.path(),
                    Json.of(attribute).text(),
                    "an attribute's name, not a path into one: give the value an attribute of its own");
        }
        return attribute;
    }

    static boolean isAttribute(String name) {
        return !name.isBlank() && name.indexOf('.') < 0 && !name.startsWith("$flagd");
    }

    private Condition all(Operation operation) {
        List<Json> parts = operation.arguments();
        List<Condition> conditions = new ArrayList<>();
        boolean guarded = false;
        for (int i = 0; i < parts.size(); ) {
            Optional<Guards.Guarded> several = Guards.read(parts, i);
            guarded |= several.isPresent();
            conditions.add(
                    several.isPresent()
                            ? several.get().condition()
                            : condition(operation.path() + "[" + i + "]", parts.get(i)));
            i += several.map(Guards.Guarded::parts).orElse(1);
        }
        return guarded && conditions.size() == 1 ? conditions.getFirst() : new Condition.All(conditions);
    }

    private List<Condition> conditions(Operation operation) {
        List<Condition> conditions = new ArrayList<>();
        for (int i = 0; i < operation.arguments().size(); i++) {
            conditions.add(condition(
                    operation.path() + "[" + i + "]", operation.arguments().get(i)));
        }
        return conditions;
    }

    private Condition equality(Operation operation) {
        List<Json> sides = operation.arguments(2);
        boolean literalFirst = isLiteral(sides.getFirst());
        Json literal = literalFirst ? sides.getFirst() : sides.getLast();
        String attribute = attribute(operation.path(), literalFirst ? sides.getLast() : sides.getFirst());
        if (literal == Json.Null.NULL) {
            if (operation.operator().length() == 2) {
                notes.add("attribute " + attribute
                        + " is like null only where it is missing: one of flagd's engines takes 0,"
                        + " false and empty text for it, too");
            }
            return new Condition.Not(new Condition.Exists(attribute));
        }
        requirePlain(operation.path(), literal);
        boolean text = literal instanceof Json.Text known && !Constants.isNumber(known.value());
        if (operation.operator().length() == 2 && !text) {
            notes.add("attribute " + attribute + " is compared by type: flagd's " + operation.operator()
                    + " would also take " + literal.text() + " written as another type");
        }
        return new Condition.In(attribute, List.of(literal));
    }

    private Condition membership(Operation operation) {
        List<Json> sides = operation.arguments(2);
        if (sides.getLast() instanceof Json.Array list) {
            list.items().forEach(item -> requirePlain(operation.path(), item));
            return new Condition.In(attribute(operation.path(), sides.getFirst()), list.items());
        }
        if (sides.getFirst() instanceof Json.Text part) {
            // A string that contains it, or a list that has it as an element.
            String attribute = attribute(operation.path(), sides.getLast());
            return new Condition.Any(List.of(
                    new Condition.TextMatch(attribute, TextOperator.CONTAINS, List.of(part.value())),
                    new Condition.In(attribute, List.of(part))));
        }
        throw new InvalidInput(
                operation.path(), operation.argument().text(), "an attribute in a list, or a string in an attribute");
    }

    private Condition text(Operation operation, TextOperator operator) {
        List<Json> sides = operation.arguments(2);
        if (!(sides.getLast() instanceof Json.Text part)) {
            throw new InvalidInput(operation.path(), sides.getLast().text(), "a string");
        }
        return new Condition.TextMatch(attribute(operation.path(), sides.getFirst()), operator, List.of(part.value()));
    }

    private Condition version(Operation operation) {
        List<Json> arguments = operation.arguments(3);
        if (!(arguments.get(1) instanceof Json.Text operator)
                || !(arguments.get(2) instanceof Json.Text version)
                || !Guards.VERSIONS.containsKey(operator.value())) {
            throw new InvalidInput(
                    operation.path(),
                    operation.argument().text(),
                    "an attribute, one of " + Guards.VERSIONS.keySet() + " and a version");
        }
        notes.add("the attribute of sem_ver has to be a whole version, such as 2.3.0: one of flagd's engines takes"
                + " v2.3.0, 2.3 and the number 2 for one, too");
        try {
            return new Condition.VersionMatch(
                    attribute(operation.path(), arguments.getFirst()),
                    Guards.VERSIONS.get(operator.value()),
                    version.value());
        } catch (InvalidInput notVersion) {
            throw new InvalidInput(operation.path(), notVersion.value(), notVersion.expected());
        }
    }

    private Condition comparison(Operation operation) {
        NumberOperator operator = java.util.Objects.requireNonNull(Guards.NUMBERS.get(operation.operator()));
        List<Json> arguments = operation.arguments();
        if (arguments.size() == 3 && operation.operator().startsWith("<")) {
            // 1 < x < 9
            return new Condition.All(List.of(
                    comparison(operation, arguments.get(1), mirrored(operator), arguments.getFirst()),
                    comparison(operation, arguments.get(1), operator, arguments.getLast())));
        }
        List<Json> sides = operation.arguments(2);
        return isLiteral(sides.getFirst())
                ? comparison(operation, sides.getLast(), mirrored(operator), sides.getFirst())
                : comparison(operation, sides.getFirst(), operator, sides.getLast());
    }

    private Condition comparison(Operation operation, Json read, NumberOperator operator, Json limit) {
        String attribute = attribute(operation.path(), read);
        notes.add(
                "attribute " + attribute + " is compared as a number: where it is missing or no number, the comparison"
                        + " doesn't hold; flagd's engines differ there");
        return new Condition.NumberMatch(attribute, operator, number(operation, limit));
    }

    /** One of them is missing. */
    private Condition missing(Operation operation) {
        List<Condition> ways = new ArrayList<>();
        for (Json name : operation.arguments()) {
            String attribute =
                    attribute(operation.path(), Json.object().put("var", name).build());
            ways.add(new Condition.Not(new Condition.Exists(attribute)));
        }
        return new Condition.Any(ways);
    }

    /** An element of a list equals one of some values. */
    private Condition some(Operation operation) {
        List<Json> sides = operation.arguments(2);
        String attribute = attribute(operation.path(), sides.getFirst());
        Operation asked = Operation.of(operation.path(), resolved(operation.path(), sides.getLast()));
        List<Json> compared = asked.arguments(2);
        Json element = Json.object().put("var", "").build();
        boolean equals = asked.operator().equals("==") || asked.operator().equals("===");
        if (!compared.getFirst().equals(element) || !(equals || asked.operator().equals("in"))) {
            throw new InvalidInput(
                    operation.path(),
                    sides.getLast().text(),
                    "{\"==\" or \"in\": [{\"var\": \"\"}, …]}: which elements");
        }
        notes.add("attribute " + attribute + " matches, too, when it is one value and no list");
        Json values = resolved(asked.path(), compared.getLast());
        List<Json> items = !equals && values instanceof Json.Array list ? list.items() : List.of(values);
        items.forEach(item -> requirePlain(asked.path(), item));
        return new Condition.In(attribute, items);
    }

    /** {@code if} where only yes or no comes out. */
    private Condition choice(Operation operation) {
        List<Json> arguments = operation.arguments();
        List<Condition> ways = new ArrayList<>();
        List<Condition> earlier = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i += 2) {
            String path = operation.path() + "[" + i + "]";
            List<Condition> way = new ArrayList<>(earlier);
            Condition asked = condition(path, arguments.get(i));
            way.add(asked);
            if (i + 1 < arguments.size()) {
                way.add(condition(operation.path() + "[" + (i + 1) + "]", arguments.get(i + 1)));
                earlier.add(new Condition.Not(asked));
            }
            ways.add(new Condition.All(way));
        }
        return new Condition.Any(ways);
    }

    /** An attribute that stands alone holds unless it is absent, false, 0 or empty. */
    private Condition truth(Operation operation) {
        String attribute = attribute(operation.path(), operation.arguments().getFirst());
        return new Condition.All(List.of(
                new Condition.Exists(attribute),
                new Condition.Not(new Condition.In(attribute, List.of(Json.of(false), Json.of(0), Json.of(""))))));
    }

    /** The operator with its sides exchanged. */
    private static NumberOperator mirrored(NumberOperator operator) {
        return switch (operator) {
            case LESS_THAN -> NumberOperator.GREATER_THAN;
            case AT_MOST -> NumberOperator.AT_LEAST;
            case GREATER_THAN -> NumberOperator.LESS_THAN;
            case AT_LEAST -> NumberOperator.AT_MOST;
        };
    }

    private static double number(Operation operation, Json json) {
        return switch (json) {
            case Json.Whole whole -> whole.value();
            case Json.Decimal decimal -> decimal.value();
            default -> throw new InvalidInput(operation.path(), json.text(), "a number");
        };
    }

    private static boolean isLiteral(Json json) {
        return !(json instanceof Json.Members) && !(json instanceof Json.Array);
    }

    private static void requirePlain(String path, Json json) {
        if (!isLiteral(json) || json == Json.Null.NULL) {
            throw new InvalidInput(path, json.text(), "a string, a number, true or false");
        }
    }
}
