package dev.andon.server.importing;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Condition.NumberOperator;
import dev.andon.core.model.Condition.TextOperator;
import dev.andon.core.model.Condition.VersionOperator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;

/**
 * Reads flagd's JsonLogic, as far as it is a yes-or-no question that conditions can ask, and refuses the rest by the
 * operator's name. Where flagd compares loosely ({@code 1 == "1"}), conditions compare by type; that is noted. Not
 * thread-safe.
 */
final class JsonLogic {
    private static final Map<String, VersionOperator> VERSIONS = versions();

    private final Set<String> evaluators;
    private final SortedSet<String> notes;

    /**
     * @param evaluators those that may be referred to; each becomes a segment
     * @param notes takes what the reader should know about
     */
    JsonLogic(Set<String> evaluators, SortedSet<String> notes) {
        this.evaluators = evaluators;
        this.notes = notes;
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

        List<Json> arguments(int count) {
            if (arguments().size() != count) {
                throw new InvalidInput(path, argument.text(), count + " arguments");
            }
            return arguments();
        }
    }

    Condition condition(String path, Json json) {
        if (json instanceof Json.Bool bool) {
            return bool.value() ? new Condition.All(List.of()) : new Condition.Any(List.of());
        }
        Operation operation = Operation.of(path, json);
        return switch (operation.operator()) {
            case "and" -> new Condition.All(conditions(operation));
            case "or" -> new Condition.Any(conditions(operation));
            case "!" ->
                new Condition.Not(
                        condition(operation.path(), operation.arguments(1).getFirst()));
            case "!!" -> condition(operation.path(), operation.arguments(1).getFirst());
            case "==", "===" -> equality(operation);
            case "!=", "!==" -> new Condition.Not(equality(operation));
            case "in" -> membership(operation);
            case "starts_with" -> text(operation, TextOperator.STARTS_WITH);
            case "ends_with" -> text(operation, TextOperator.ENDS_WITH);
            case "sem_ver" -> version(operation);
            case "<" -> comparison(operation, NumberOperator.LESS_THAN);
            case "<=" -> comparison(operation, NumberOperator.AT_MOST);
            case ">" -> comparison(operation, NumberOperator.GREATER_THAN);
            case ">=" -> comparison(operation, NumberOperator.AT_LEAST);
            case "if", "?:" -> choice(operation);
            case "var" -> truth(operation);
            case "$ref" -> new Condition.InSegment(reference(operation));
            default -> throw unsupported(operation);
        };
    }

    static InvalidInput unsupported(Operation operation) {
        return new InvalidInput(
                operation.path(),
                "operator " + operation.operator(),
                "an operator that conditions can express: ==, ===, !=, !==, in, starts_with, ends_with, sem_ver, <, <=,"
                        + " >, >=, and, or, !, !!, if, var, $ref, and fractional where a variant is chosen");
    }

    String reference(Operation operation) {
        if (operation.argument() instanceof Json.Text name && evaluators.contains(name.value())) {
            return name.value();
        }
        throw new InvalidInput(
                operation.path(), operation.argument().text(), "the name of one of $evaluators: " + evaluators);
    }

    /** The attribute that an expression reads, if it does nothing else. */
    String attribute(String path, Json json) {
        Operation operation = Operation.of(path, json);
        if (!operation.operator().equals("var")) {
            throw unsupported(operation);
        }
        if (operation.arguments().size() != 1 || !(operation.arguments().getFirst() instanceof Json.Text name)) {
            throw new InvalidInput(
                    operation.path(), operation.argument().text(), "an attribute's name, without a default");
        }
        if (name.value().startsWith("$flagd")) {
            throw new InvalidInput(operation.path(), name.value(), "an attribute of the context");
        }
        if (name.value().isEmpty() || name.value().contains(".")) {
            throw new InvalidInput(
                    operation.path(), Json.of(name.value()).text(), "an attribute's name, not a path into one");
        }
        return name.value();
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
            return new Condition.Not(new Condition.Exists(attribute));
        }
        requirePlain(operation.path(), literal);
        if (operation.operator().length() == 2 && !(literal instanceof Json.Text text && !isNumber(text.value()))) {
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
                || !VERSIONS.containsKey(operator.value())) {
            throw new InvalidInput(
                    operation.path(),
                    operation.argument().text(),
                    "an attribute, one of " + VERSIONS.keySet() + " and a version");
        }
        try {
            return new Condition.VersionMatch(
                    attribute(operation.path(), arguments.getFirst()), VERSIONS.get(operator.value()), version.value());
        } catch (InvalidInput notVersion) {
            throw new InvalidInput(operation.path(), notVersion.value(), notVersion.expected());
        }
    }

    private Condition comparison(Operation operation, NumberOperator operator) {
        List<Json> arguments = operation.arguments();
        if (arguments.size() == 3) {
            // 1 < x < 9
            String attribute = attribute(operation.path(), arguments.get(1));
            return new Condition.All(List.of(
                    new Condition.NumberMatch(attribute, mirrored(operator), number(operation, arguments.getFirst())),
                    new Condition.NumberMatch(attribute, operator, number(operation, arguments.getLast()))));
        }
        List<Json> sides = operation.arguments(2);
        if (isLiteral(sides.getFirst())) {
            return new Condition.NumberMatch(
                    attribute(operation.path(), sides.getLast()),
                    mirrored(operator),
                    number(operation, sides.getFirst()));
        }
        return new Condition.NumberMatch(
                attribute(operation.path(), sides.getFirst()), operator, number(operation, sides.getLast()));
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
        String attribute = attribute(
                operation.path(), Json.object().put("var", operation.argument()).build());
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

    private static boolean isNumber(String text) {
        try {
            Double.parseDouble(text);
            return true;
        } catch (NumberFormatException e) {
            return text.isBlank();
        }
    }

    private static Map<String, VersionOperator> versions() {
        Map<String, VersionOperator> words = new HashMap<>();
        for (VersionOperator operator : VersionOperator.values()) {
            words.put(operator.word(), operator);
        }
        return words;
    }
}
