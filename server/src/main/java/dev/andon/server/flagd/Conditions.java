package dev.andon.server.flagd;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Condition.NumberOperator;
import dev.andon.core.model.Condition.TextOperator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * Conditions in JsonLogic. What an engine answers is true where the condition holds and false, or nothing, where it doesn't.
 * Not thread-safe: it counts against a limit.
 */
final class Conditions {
    private static final Json MINUS_ZERO = Json.of(-0.0);

    private final Budget budget;
    private final BiFunction<String, String, Json> segments;

    /** @param segments from a path and a segment's key to its condition */
    Conditions(Budget budget, BiFunction<String, String, Json> segments) {
        this.budget = budget;
        this.segments = segments;
    }

    /**
     * @param path of the condition, for refusals
     * @throws InvalidInput if flagd's language has nothing for it
     */
    Json of(String path, Condition condition) {
        budget.spend(path, 1);
        return switch (condition) {
            case Condition.All all -> Logic.all(of(path + ".all", all.parts()));
            case Condition.Any any -> Logic.any(of(path + ".any", any.parts()));
            case Condition.Not not -> Logic.not(of(path + ".not", not.part()));
            case Condition.InSegment in -> segments.apply(path + ".segment", in.segment());
            case Condition.Exists exists -> Logic.exists(Logic.attribute(path + ".attribute", exists.attribute()));
            case Condition.In in -> in(path, in);
            case Condition.TextMatch match -> text(path, match);
            case Condition.NumberMatch match -> number(path, match);
            case Condition.VersionMatch match -> version(path, match);
            case Condition.DateMatch match -> date(path, match);
        };
    }

    private List<Json> of(String path, List<Condition> parts) {
        List<Json> written = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            written.add(of(path + "[" + i + "]", parts.get(i)));
        }
        return written;
    }

    /** A list matches if one of its elements does. */
    private Json in(String path, Condition.In in) {
        Json value = Logic.attribute(path + ".attribute", in.attribute());
        budget.spend(path + ".in", in.values().size());
        if (in.values().isEmpty()) {
            return Logic.FALSE;
        }
        for (Json one : in.values()) {
            boolean large = one instanceof Json.Whole whole && Math.abs((double) whole.value()) > Logic.MAX_WHOLE;
            if (large || (one instanceof Json.Decimal decimal && Math.abs(decimal.value()) > Logic.MAX_WHOLE)) {
                throw new InvalidInput(
                        path + ".in",
                        one.text(),
                        "numbers within ±" + Logic.MAX_WHOLE + ": flagd's engines don't tell larger ones apart");
            }
        }
        Json values = Json.array(in.values().stream().flatMap(Conditions::zeros).toList());
        Json element = Json.object().put("var", "").build();
        Json one = Logic.operation("in", value, values);
        Json some = Logic.operation("some", value, Logic.operation("in", element, values));
        return Logic.all(List.of(Logic.exists(value), Logic.operation("if", Logic.isNoList(value), one, some)));
    }

    /** Zero as both zeros, which one engine tells apart; anything else as it is. */
    private static Stream<Json> zeros(Json value) {
        boolean zero = switch (value) {
            case Json.Whole whole -> whole.value() == 0;
            case Json.Decimal decimal -> decimal.value() == 0;
            default -> false;
        };
        if (!zero) {
            return Stream.of(value);
        }
        return Stream.of(value.equals(MINUS_ZERO) ? Json.of(0) : value, MINUS_ZERO);
    }

    private Json text(String path, Condition.TextMatch match) {
        Json value = Logic.attribute(path + ".attribute", match.attribute());
        budget.spend(path + "." + match.operator().word(), match.values().size());
        List<Json> ways = match.values().stream()
                .map(text -> text.isEmpty() ? Logic.TRUE : text(value, match.operator(), Json.of(text)))
                .toList();
        return Logic.all(List.of(Logic.exists(value), Logic.isText(value), Logic.any(ways)));
    }

    private static Json text(Json value, TextOperator operator, Json text) {
        return switch (operator) {
            case STARTS_WITH -> Logic.operation("starts_with", value, text);
            case ENDS_WITH -> Logic.operation("ends_with", value, text);
            case CONTAINS -> Logic.operation("in", text, value);
        };
    }

    private static Json number(String path, Condition.NumberMatch match) {
        Json value = Logic.attribute(path + ".attribute", match.attribute());
        return Logic.all(List.of(
                Logic.exists(value),
                Logic.isNumber(value),
                Logic.operation(word(match.operator()), value, Json.of(match.limit()))));
    }

    private static String word(NumberOperator operator) {
        return switch (operator) {
            case LESS_THAN -> "<";
            case AT_MOST -> "<=";
            case GREATER_THAN -> ">";
            case AT_LEAST -> ">=";
        };
    }

    private static Json version(String path, Condition.VersionMatch match) {
        Json value = Logic.attribute(path + ".attribute", match.attribute());
        return Logic.all(List.of(
                Logic.exists(value),
                Logic.isText(value),
                Logic.isVersion(value),
                Logic.operation("sem_ver", value, Json.of(match.operator().word()), Json.of(match.version()))));
    }

    /** Of the forms that a date can have, the engines agree about numbers alone. */
    private static Json date(String path, Condition.DateMatch match) {
        Instant moment = match.moment();
        if (!moment.equals(Instant.ofEpochMilli(moment.toEpochMilli()))) {
            throw new InvalidInput(
                    path + "." + match.operator().word(),
                    moment.toString(),
                    "a moment in whole milliseconds: with flagd, dates are numbers of milliseconds");
        }
        Json value = Logic.attribute(path + ".attribute", match.attribute());
        String operator = switch (match.operator()) {
            case BEFORE -> "<";
            case AFTER -> ">";
        };
        return Logic.all(List.of(
                Logic.exists(value),
                Logic.isNumber(value),
                Logic.operation(operator, value, Json.of(moment.toEpochMilli()))));
    }
}
