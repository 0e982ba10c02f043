package dev.andon.server.importing;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Condition.NumberOperator;
import dev.andon.core.model.Condition.TextOperator;
import dev.andon.core.model.Condition.VersionOperator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The forms in which Andon's exports ask about one attribute: only where it exists and has the right type, so that all of
 * flagd's engines answer alike. Read as the one condition that they were made of.
 */
final class Guards {
    private static final long MAX_WHOLE = (1L << 53) - 1;
    private static final String MISSING = "missing:";

    /** Up to where a version's first dot is looked for. */
    private static final int DOT_PLACES = 6;

    static final Map<String, NumberOperator> NUMBERS = Map.of(
            "<", NumberOperator.LESS_THAN,
            "<=", NumberOperator.AT_MOST,
            ">", NumberOperator.GREATER_THAN,
            ">=", NumberOperator.AT_LEAST);

    static final Map<String, VersionOperator> VERSIONS = Arrays.stream(VersionOperator.values())
            .collect(Collectors.toUnmodifiableMap(VersionOperator::word, Function.identity()));

    private Guards() {}

    /** @param parts how many of those that all have to hold it is made of */
    record Guarded(Condition condition, int parts) {}

    /** What the parts from one on ask together. */
    static Optional<Guarded> read(List<Json> parts, int from) {
        Optional<String> attribute = existing(parts.get(from));
        if (attribute.isEmpty()) {
            return Optional.empty();
        }
        String name = attribute.get();
        Json value = variable(name);
        List<Json> rest = parts.subList(from + 1, parts.size());
        try {
            return membership(name, value, rest)
                    .or(() -> number(name, value, rest))
                    .or(() -> text(name, value, rest))
                    .map(found -> new Guarded(found.condition(), found.parts() + 1));
        } catch (InvalidInput notOurs) {
            return Optional.empty();
        }
    }

    /**
     * The attribute without which a split isn't asked.
     *
     * @param guard what holds where it can be split
     * @param otherwise the name that no variant has
     */
    static Optional<String> split(Json guard, Json otherwise) {
        if (!(otherwise instanceof Json.Text name) || !name.value().startsWith(MISSING)) {
            return Optional.empty();
        }
        List<Json> parts = arguments(guard, "and");
        Optional<String> attribute = existing(parts.isEmpty() ? guard : parts.getFirst());
        boolean hashed = parts.isEmpty()
                || (parts.size() == 2
                        && attribute.isPresent()
                        && parts.getLast().equals(isHashed(variable(attribute.get()))));
        if (!hashed) {
            return Optional.empty();
        }
        return attribute.filter(known -> name.value().startsWith(MISSING + known));
    }

    private static Optional<Guarded> membership(String attribute, Json value, List<Json> rest) {
        List<Json> choice = rest.isEmpty() ? List.of() : arguments(rest.getFirst(), "if");
        List<Json> one = choice.size() == 3 ? arguments(choice.get(1), "in") : List.of();
        if (one.size() == 2 && one.getLast() instanceof Json.Array list) {
            Json some = operation("some", value, operation("in", variable(""), list));
            if (choice.equals(List.of(isNoList(value), operation("in", value, list), some))) {
                // Zero stands there as both zeros.
                List<Json> others = list.items().stream()
                        .filter(item -> !item.equals(Json.of(-0.0)))
                        .toList();
                List<Json> values = others.isEmpty() ? list.items() : others;
                return Optional.of(new Guarded(new Condition.In(attribute, values), 1));
            }
        }
        return Optional.empty();
    }

    private static Optional<Guarded> number(String attribute, Json value, List<Json> rest) {
        List<Json> guard = isNumber(value);
        if (!startsWith(rest, guard) || rest.size() == guard.size()) {
            return Optional.empty();
        }
        for (Map.Entry<String, NumberOperator> operator : NUMBERS.entrySet()) {
            List<Json> sides = arguments(rest.get(guard.size()), operator.getKey());
            if (sides.size() == 2 && sides.getFirst().equals(value)) {
                return limit(sides.getLast())
                        .map(limit -> new Guarded(
                                new Condition.NumberMatch(attribute, operator.getValue(), limit), guard.size() + 1));
            }
        }
        return Optional.empty();
    }

    private static Optional<Double> limit(Json json) {
        return switch (json) {
            case Json.Whole whole -> Optional.of((double) whole.value());
            case Json.Decimal decimal -> Optional.of(decimal.value());
            default -> Optional.empty();
        };
    }

    private static Optional<Guarded> text(String attribute, Json value, List<Json> rest) {
        List<Json> guard = isText(value);
        if (!startsWith(rest, guard)) {
            return Optional.empty();
        }
        int parts = guard.size();
        if (rest.size() > parts + 1 && rest.get(parts).equals(isVersion(value))) {
            List<Json> version = arguments(rest.get(parts + 1), "sem_ver");
            if (version.size() == 3
                    && version.getFirst().equals(value)
                    && version.get(1) instanceof Json.Text operator
                    && version.getLast() instanceof Json.Text limit) {
                return Optional.ofNullable(VERSIONS.get(operator.value()))
                        .map(known ->
                                new Guarded(new Condition.VersionMatch(attribute, known, limit.value()), parts + 2));
            }
        }
        if (rest.size() > parts) {
            List<Json> ways = arguments(rest.get(parts), "or");
            for (TextOperator operator : TextOperator.values()) {
                List<String> texts = texts(ways.isEmpty() ? List.of(rest.get(parts)) : ways, operator, value);
                if (!texts.isEmpty()) {
                    return Optional.of(new Guarded(new Condition.TextMatch(attribute, operator, texts), parts + 1));
                }
            }
        }
        // Each text begins with nothing.
        return Optional.of(
                new Guarded(new Condition.TextMatch(attribute, TextOperator.STARTS_WITH, List.of("")), parts));
    }

    private static boolean startsWith(List<Json> parts, List<Json> first) {
        return parts.size() >= first.size() && parts.subList(0, first.size()).equals(first);
    }

    /** What is compared with, if all of these compare in this way; else nothing. */
    private static List<String> texts(List<Json> ways, TextOperator operator, Json value) {
        List<String> texts = new ArrayList<>();
        for (Json way : ways) {
            List<Json> sides = switch (operator) {
                case STARTS_WITH -> arguments(way, "starts_with");
                case ENDS_WITH -> arguments(way, "ends_with");
                case CONTAINS -> arguments(way, "in").reversed();
            };
            if (sides.size() != 2 || !sides.getFirst().equals(value) || !(sides.getLast() instanceof Json.Text text)) {
                return List.of();
            }
            texts.add(text.value());
        }
        return texts;
    }

    /** The attribute that exists where this holds. */
    private static Optional<String> existing(Json json) {
        List<Json> sides = arguments(json, "!==");
        if (sides.size() == 2
                && sides.getLast() == Json.Null.NULL
                && sides.getFirst() instanceof Json.Members read
                && read.members().get("var") instanceof Json.Text name
                && sides.getFirst().equals(variable(name.value()))
                && JsonLogic.isAttribute(name.value())) {
            return Optional.of(name.value());
        }
        return Optional.empty();
    }

    private static List<Json> isText(Json value) {
        return List.of(isNoList(value), operation("===", value, operation("cat", value)));
    }

    private static Json isNoList(Json value) {
        return operation("in", value, operation("merge", value));
    }

    private static List<Json> isNumber(Json value) {
        Json noText = operation("!==", value, operation("cat", value));
        return List.of(
                isNoList(value),
                noText,
                operation("in", letters(operation("cat", value), 0, 1), Json.of("-0123456789")));
    }

    private static Json isVersion(Json value) {
        Json digits = Json.of("0123456789");
        Json number = operation(
                "or",
                operation("in", letters(value, 0, 1), digits),
                operation(
                        "and",
                        operation("===", letters(value, 0, 1), Json.of("v")),
                        operation("in", letters(value, 1, 1), digits)));
        List<Json> dots = new ArrayList<>();
        for (int place = 2; place <= DOT_PLACES; place++) {
            dots.add(operation("in", Json.of("."), letters(value, 0, place)));
            dots.add(operation("in", Json.of("."), operation("substr", value, Json.of(place))));
        }
        dots.add(operation("in", Json.of("."), value));
        return operation(
                "or",
                operation("in", letters(value, 0, 1), Json.of(" \t\r\n")),
                operation("and", number, operation("if", dots.toArray(new Json[0]))));
    }

    private static Json letters(Json text, int from, int count) {
        return operation("substr", text, Json.of(from), Json.of(count));
    }

    private static Json isHashed(Json value) {
        List<Json> whole = new ArrayList<>(isNumber(value));
        whole.add(operation("===", operation("%", value, Json.of(1)), Json.of(0)));
        whole.add(operation("<=", value, Json.of(MAX_WHOLE)));
        whole.add(operation(">=", value, Json.of(-MAX_WHOLE)));
        Json bool = operation("in", value, Json.array(List.of(Json.of(true), Json.of(false))));
        return operation(
                "or",
                operation("and", isText(value).toArray(new Json[0])),
                bool,
                operation("and", whole.toArray(new Json[0])));
    }

    private static Json variable(String name) {
        return Json.object().put("var", name).build();
    }

    private static Json operation(String operator, Json... arguments) {
        return Json.object().put(operator, arguments).build();
    }

    /** Of this operator; nothing, if it is another. */
    private static List<Json> arguments(Json json, String operator) {
        return json instanceof Json.Members object
                        && object.members().size() == 1
                        && object.members().get(operator) instanceof Json.Array array
                ? array.items()
                : List.of();
    }
}
