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

    static final Map<String, NumberOperator> NUMBERS = Map.of(
            "<", NumberOperator.LESS_THAN,
            "<=", NumberOperator.AT_MOST,
            ">", NumberOperator.GREATER_THAN,
            ">=", NumberOperator.AT_LEAST);

    static final Map<String, VersionOperator> VERSIONS = Arrays.stream(VersionOperator.values())
            .collect(Collectors.toUnmodifiableMap(VersionOperator::word, Function.identity()));

    private Guards() {}

    /** @param parts what all has to hold */
    static Optional<Condition> condition(List<Json> parts) {
        if (parts.size() != 2 && parts.size() != 3) {
            return Optional.empty();
        }
        Optional<String> attribute = existing(parts.getFirst());
        if (attribute.isEmpty()) {
            return Optional.empty();
        }
        String name = attribute.get();
        Json value = variable(name);
        try {
            if (parts.size() == 2) {
                return membership(name, value, parts.getLast());
            }
            if (parts.get(1).equals(isNumber(value))) {
                return number(name, value, parts.getLast());
            }
            return parts.get(1).equals(isText(value)) ? text(name, value, parts.getLast()) : Optional.empty();
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

    private static Optional<Condition> membership(String attribute, Json value, Json json) {
        List<Json> some = arguments(json, "some");
        if (some.size() == 2 && some.getFirst().equals(operation("merge", value))) {
            List<Json> in = arguments(some.getLast(), "in");
            if (in.size() == 2 && in.getFirst().equals(variable("")) && in.getLast() instanceof Json.Array list) {
                return Optional.of(new Condition.In(attribute, list.items()));
            }
        }
        return Optional.empty();
    }

    private static Optional<Condition> number(String attribute, Json value, Json json) {
        for (Map.Entry<String, NumberOperator> operator : NUMBERS.entrySet()) {
            List<Json> sides = arguments(json, operator.getKey());
            if (sides.size() == 2 && sides.getFirst().equals(value)) {
                return switch (sides.getLast()) {
                    case Json.Whole whole ->
                        Optional.of(new Condition.NumberMatch(attribute, operator.getValue(), whole.value()));
                    case Json.Decimal decimal ->
                        Optional.of(new Condition.NumberMatch(attribute, operator.getValue(), decimal.value()));
                    default -> Optional.empty();
                };
            }
        }
        return Optional.empty();
    }

    private static Optional<Condition> text(String attribute, Json value, Json json) {
        List<Json> version = arguments(json, "sem_ver");
        if (version.size() == 3
                && version.getFirst().equals(value)
                && version.get(1) instanceof Json.Text operator
                && VERSIONS.containsKey(operator.value())
                && version.getLast() instanceof Json.Text limit) {
            return Optional.of(new Condition.VersionMatch(attribute, VERSIONS.get(operator.value()), limit.value()));
        }
        List<Json> ways = arguments(json, "or");
        for (TextOperator operator : TextOperator.values()) {
            List<String> texts = texts(ways.isEmpty() ? List.of(json) : ways, operator, value);
            if (!texts.isEmpty()) {
                return Optional.of(new Condition.TextMatch(attribute, operator, texts));
            }
        }
        return Optional.empty();
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

    private static Json isText(Json value) {
        return operation("===", value, operation("cat", value));
    }

    private static Json isNumber(Json value) {
        return operation("===", value, operation("+", value));
    }

    private static Json isHashed(Json value) {
        Json whole = operation(
                "and",
                isNumber(value),
                operation("===", operation("%", value, Json.of(1)), Json.of(0)),
                operation("<=", value, Json.of(MAX_WHOLE)),
                operation(">=", value, Json.of(-MAX_WHOLE)));
        Json bool = operation("in", value, Json.array(List.of(Json.of(true), Json.of(false))));
        return operation("or", isText(value), bool, whole);
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
