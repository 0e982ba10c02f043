package dev.andon.server.importing;

import dev.andon.core.json.Json;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What of an expression is the same for every context. Immutable. */
record Constants(Optional<String> flagKey) {
    private static final String FLAG_KEY = "$flagd.flagKey";

    /** The value of an expression that reads no attribute: a string, a number, true, false or null. */
    Optional<Json> of(Json json) {
        if (!(json instanceof Json.Members object)) {
            return json instanceof Json.Array ? Optional.empty() : Optional.of(json);
        }
        if (object.members().size() != 1) {
            return Optional.empty();
        }
        Map.Entry<String, Json> only = object.members().entrySet().iterator().next();
        List<Json> arguments = only.getValue() instanceof Json.Array array ? array.items() : List.of(only.getValue());
        return switch (only.getKey()) {
            case "var" -> arguments.equals(List.of(Json.of(FLAG_KEY))) ? flagKey.map(Json::of) : Optional.empty();
            case "cat" -> joined(arguments).map(Json::of);
            default -> Optional.empty();
        };
    }

    /** The texts of constants, one after the other. */
    Optional<String> joined(List<Json> parts) {
        StringBuilder text = new StringBuilder();
        for (Json part : parts) {
            Optional<Json> constant = of(part);
            if (constant.isEmpty()) {
                return Optional.empty();
            }
            text.append(
                    switch (constant.get()) {
                        case Json.Text known -> known.value();
                        case Json.Null nothing -> "";
                        default -> constant.get().text();
                    });
        }
        return Optional.of(text.toString());
    }

    static boolean isTrue(Json constant) {
        return switch (constant) {
            case Json.Bool bool -> bool.value();
            case Json.Text text -> !text.value().isEmpty();
            case Json.Whole whole -> whole.value() != 0;
            case Json.Decimal decimal -> decimal.value() != 0;
            case Json.Array array -> !array.items().isEmpty();
            case Json.Members object -> true;
            case Json.Null nothing -> false;
        };
    }

    /** What a question comes to, if it can be asked of these values and all engines agree. */
    static Optional<Boolean> answer(String operator, List<Json> values) {
        if (values.size() != 2) {
            return Optional.empty();
        }
        Json left = values.getFirst();
        Json right = values.getLast();
        return switch (operator) {
            case "==" -> Optional.of(isLike(left, right));
            case "!=" -> Optional.of(!isLike(left, right));
            case "===" -> Optional.of(isSame(left, right));
            case "!==" -> Optional.of(!isSame(left, right));
            case "<", "<=", ">", ">=" ->
                order(left, right).map(order -> switch (operator) {
                    case "<" -> order < 0;
                    case "<=" -> order <= 0;
                    case ">" -> order > 0;
                    default -> order >= 0;
                });
            case "in" -> isIn(left, right);
            case "starts_with" ->
                left instanceof Json.Text text && right instanceof Json.Text part
                        ? Optional.of(text.value().startsWith(part.value()))
                        : Optional.empty();
            case "ends_with" ->
                left instanceof Json.Text text && right instanceof Json.Text part
                        ? Optional.of(text.value().endsWith(part.value()))
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static Optional<Boolean> isIn(Json left, Json right) {
        if (right instanceof Json.Array list) {
            return Optional.of(list.items().stream().anyMatch(item -> isSame(left, item)));
        }
        return left instanceof Json.Text part && right instanceof Json.Text text
                ? Optional.of(text.value().contains(part.value()))
                : Optional.empty();
    }

    private static Optional<Integer> order(Json left, Json right) {
        Optional<Double> first = number(left);
        Optional<Double> second = number(right);
        return first.isEmpty() || second.isEmpty()
                ? Optional.empty()
                : Optional.of(Double.compare(first.get() + 0.0, second.get() + 0.0));
    }

    private static boolean isSame(Json left, Json right) {
        return order(left, right).map(order -> order == 0).orElseGet(() -> left.equals(right));
    }

    /** Equal once both are numbers, if they are of different types; null is like null alone. */
    private static boolean isLike(Json left, Json right) {
        if (left.getClass().equals(right.getClass()) || left == Json.Null.NULL || right == Json.Null.NULL) {
            return isSame(left, right);
        }
        Optional<Double> first = loose(left);
        return first.isPresent() && Objects.equals(first, loose(right));
    }

    private static Optional<Double> number(Json json) {
        return switch (json) {
            case Json.Whole whole -> Optional.of((double) whole.value());
            case Json.Decimal decimal -> Optional.of(decimal.value());
            default -> Optional.empty();
        };
    }

    private static Optional<Double> loose(Json json) {
        return switch (json) {
            case Json.Bool bool -> Optional.of(bool.value() ? 1.0 : 0.0);
            case Json.Text text when text.value().isBlank() -> Optional.of(0.0);
            case Json.Text text -> parsed(text.value());
            default -> number(json);
        };
    }

    private static Optional<Double> parsed(String text) {
        try {
            return Optional.of(Double.parseDouble(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether a loose comparison would take a string for a number. */
    static boolean isNumber(String text) {
        return text.isBlank() || parsed(text).isPresent();
    }
}
