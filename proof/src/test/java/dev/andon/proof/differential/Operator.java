package dev.andon.proof.differential;

import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Condition.DateOperator;
import dev.andon.core.model.Condition.NumberOperator;
import dev.andon.core.model.Condition.TextOperator;
import dev.andon.core.model.Condition.VersionOperator;
import dev.andon.proof.differential.Pools.Kind;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;

/** What conditions are made of; each is asked alone in a flag of its own, so that what it answers is seen. */
enum Operator {
    IN_TEXTS,
    IN_NUMBERS,
    IN_BOOLEANS,
    IN_LIST,
    IN_MIXED,
    STARTS_WITH,
    ENDS_WITH,
    CONTAINS,
    LESS_THAN,
    AT_MOST,
    GREATER_THAN,
    AT_LEAST,
    VERSION_EQUAL,
    VERSION_NOT_EQUAL,
    VERSION_LESS_THAN,
    VERSION_AT_MOST,
    VERSION_GREATER_THAN,
    VERSION_AT_LEAST,
    VERSION_SAME_MAJOR,
    VERSION_SAME_MINOR,
    BEFORE,
    AFTER,
    EXISTS,
    NOT,
    ALL,
    ANY,
    SEGMENT;

    private static final List<Operator> SIMPLE = List.copyOf(EnumSet.complementOf(EnumSet.of(NOT, ALL, ANY, SEGMENT)));

    /**
     * A condition with this operator.
     *
     * @param segments that there are
     */
    Condition condition(Dice dice, List<String> segments, int depth) {
        return switch (this) {
            case IN_TEXTS -> in(Pools.name(dice, Kind.TEXT), dice.some(3, 12, () -> Pools.of(dice, Kind.TEXT)));
            case IN_NUMBERS -> in(Pools.name(dice, Kind.NUMBER), dice.some(3, 12, () -> number(dice)));
            case IN_BOOLEANS -> in(Pools.name(dice, Kind.BOOLEAN), dice.some(1, 2, () -> Pools.of(dice, Kind.BOOLEAN)));
            case IN_LIST -> in(Pools.name(dice, Kind.LIST), dice.some(4, 16, () -> scalar(dice)));
            case IN_MIXED ->
                in(Pools.name(dice, dice.one(List.of(Kind.values()))), dice.some(0, 20, () -> scalar(dice)));
            case STARTS_WITH -> text(dice, TextOperator.STARTS_WITH);
            case ENDS_WITH -> text(dice, TextOperator.ENDS_WITH);
            case CONTAINS -> text(dice, TextOperator.CONTAINS);
            case LESS_THAN -> number(dice, NumberOperator.LESS_THAN);
            case AT_MOST -> number(dice, NumberOperator.AT_MOST);
            case GREATER_THAN -> number(dice, NumberOperator.GREATER_THAN);
            case AT_LEAST -> number(dice, NumberOperator.AT_LEAST);
            case VERSION_EQUAL -> version(dice, VersionOperator.EQUAL);
            case VERSION_NOT_EQUAL -> version(dice, VersionOperator.NOT_EQUAL);
            case VERSION_LESS_THAN -> version(dice, VersionOperator.LESS_THAN);
            case VERSION_AT_MOST -> version(dice, VersionOperator.AT_MOST);
            case VERSION_GREATER_THAN -> version(dice, VersionOperator.GREATER_THAN);
            case VERSION_AT_LEAST -> version(dice, VersionOperator.AT_LEAST);
            case VERSION_SAME_MAJOR -> version(dice, VersionOperator.SAME_MAJOR);
            case VERSION_SAME_MINOR -> version(dice, VersionOperator.SAME_MINOR);
            case BEFORE -> date(dice, DateOperator.BEFORE);
            case AFTER -> date(dice, DateOperator.AFTER);
            case EXISTS -> new Condition.Exists(Pools.name(dice, dice.one(List.of(Kind.values()))));
            case NOT -> new Condition.Not(any(dice, segments, depth - 1));
            case ALL -> new Condition.All(dice.some(0, 3, () -> any(dice, segments, depth - 1)));
            case ANY -> new Condition.Any(dice.some(0, 3, () -> any(dice, segments, depth - 1)));
            case SEGMENT ->
                new Condition.InSegment(segments.isEmpty() || dice.percent(2) ? "nowhere" : dice.one(segments));
        };
    }

    /** A condition with any operator. */
    static Condition any(Dice dice, List<String> segments, int depth) {
        return dice.one(depth > 0 ? List.of(values()) : SIMPLE).condition(dice, segments, depth);
    }

    private static Condition in(String attribute, List<Json> values) {
        return new Condition.In(attribute, values);
    }

    private static Json scalar(Dice dice) {
        return switch (dice.below(4)) {
            case 0 -> Json.of(dice.percent(50));
            case 1 -> number(dice);
            default -> Json.of(dice.one(Pools.TEXTS));
        };
    }

    /** Seldom one that can't be written. */
    private static Json number(Dice dice) {
        while (true) {
            Json number = Pools.of(dice, Kind.NUMBER);
            boolean large = number instanceof Json.Decimal decimal && Math.abs(decimal.value()) > 1L << 53;
            if (!large || dice.percent(2)) {
                return number;
            }
        }
    }

    private static Condition text(Dice dice, TextOperator operator) {
        return new Condition.TextMatch(
                Pools.name(dice, Kind.TEXT), operator, dice.some(1, 5, () -> dice.one(Pools.PARTS)));
    }

    private static Condition number(Dice dice, NumberOperator operator) {
        double limit = switch (Pools.of(dice, Kind.NUMBER)) {
            case Json.Whole whole -> whole.value();
            case Json.Decimal decimal -> decimal.value();
            default -> throw new IllegalStateException();
        };
        return new Condition.NumberMatch(Pools.name(dice, Kind.NUMBER), operator, limit);
    }

    private static Condition version(Dice dice, VersionOperator operator) {
        boolean exact = operator == VersionOperator.EQUAL || operator == VersionOperator.NOT_EQUAL;
        String limit = exact && dice.percent(60) ? "1.2.3" : dice.one(Pools.VERSIONS);
        return new Condition.VersionMatch(Pools.name(dice, Kind.VERSION), operator, limit);
    }

    private static Condition date(Dice dice, DateOperator operator) {
        return new Condition.DateMatch(
                Pools.name(dice, Kind.MOMENT), operator, Instant.ofEpochMilli(dice.one(Pools.MOMENTS)));
    }
}
