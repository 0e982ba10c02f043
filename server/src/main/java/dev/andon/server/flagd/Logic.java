package dev.andon.server.flagd;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * Expressions in JsonLogic that flagd's engines agree about: each question is asked only of a value that exists and has the
 * type that the question is about, since engines differ on all others.
 */
final class Logic {
    static final Json TRUE = Json.of(true);
    static final Json FALSE = Json.of(false);

    /** Within which whole numbers are told apart by 64-bit floats, which is all that the engines have. */
    static final long MAX_WHOLE = (1L << 53) - 1;

    /** Of a version's first number, as far as its dots are looked for; every step makes documents larger. */
    private static final int MAX_DIGITS = 4;

    private Logic() {}

    static Json operation(String operator, List<Json> arguments) {
        return Json.object().put(operator, Json.array(arguments)).build();
    }

    static Json operation(String operator, Json... arguments) {
        return operation(operator, List.of(arguments));
    }

    /**
     * An attribute's value.
     *
     * @throws InvalidInput if the engines would look for it elsewhere
     */
    static Json attribute(String path, String name) {
        if (name.indexOf('.') >= 0 || name.startsWith("$flagd") || name.equals("__proto__")) {
            throw new InvalidInput(
                    path,
                    Json.of(name).text(),
                    "another name: flagd reads '.' as a way into nested attributes, and $flagd as its own");
        }
        return Json.object().put("var", name).build();
    }

    static Json exists(Json value) {
        return operation("!==", value, Json.Null.NULL);
    }

    /** Whether a value that exists is a string; of a list nothing is asked, as one engine fails on lists that hold a null. */
    static Json isText(Json value) {
        return all(List.of(isNoList(value), operation("===", value, operation("cat", value))));
    }

    /** Whether a value that exists is no list: of a list, {@code merge} leaves the elements. */
    static Json isNoList(Json value) {
        return operation("in", value, operation("merge", value));
    }

    /**
     * Whether a value that exists is a number: no list, no string, and written with a digit or a minus first, as neither
     * booleans nor objects are. Arithmetic would tell, too, but fails on the rest.
     */
    static Json isNumber(Json value) {
        Json noText = operation("!==", value, operation("cat", value));
        Json first = operation("substr", operation("cat", value), Json.of(0), Json.of(1));
        return all(List.of(isNoList(value), noText, operation("in", first, Json.of("-0123456789"))));
    }

    /**
     * Whether a string has the outline of a version: a digit first, perhaps behind a "v", and a dot with another dot behind it.
     * Of those alone, engines that make versions of what looks like a part of one, such as "V2.0.0" and "2.0", take the same as
     * the others; and of those that begin with a blank, where they make nothing up. The second dot is looked for where the
     * first number has up to four digits; of longer ones, "20261126.1" remains a version to the one engine. No letters are
     * asked for from behind a text's end, where one engine fails.
     */
    static Json isVersion(Json value) {
        Json digits = Json.of("0123456789");
        Json first = operation("substr", value, Json.of(0), Json.of(1));
        Json second = operation("substr", value, Json.of(1), Json.of(1));
        Json number = any(List.of(
                operation("in", first, digits),
                all(List.of(operation("===", first, Json.of("v")), operation("in", second, digits)))));
        Json dot = Json.of(".");
        List<Json> dots = new ArrayList<>();
        for (int place = 2; place <= MAX_DIGITS + 2; place++) {
            dots.add(operation("in", dot, operation("substr", value, Json.of(0), Json.of(place))));
            dots.add(operation("in", dot, operation("substr", value, Json.of(place))));
        }
        dots.add(operation("in", dot, value));
        Json blank = operation("in", first, Json.of(" \t\r\n"));
        return any(List.of(blank, all(List.of(number, operation("if", dots)))));
    }

    /** Whether a split can go by a value that exists: a string, true or false, or a whole number. */
    static Json isHashed(Json value) {
        Json whole = all(List.of(
                isNumber(value),
                operation("===", operation("%", value, Json.of(1)), Json.of(0)),
                operation("<=", value, Json.of(MAX_WHOLE)),
                operation(">=", value, Json.of(-MAX_WHOLE))));
        Json bool = operation("in", value, Json.array(List.of(TRUE, FALSE)));
        return any(List.of(isText(value), bool, whole));
    }

    /** All of them hold. */
    static Json all(List<Json> parts) {
        List<Json> open = new ArrayList<>();
        for (Json part : parts) {
            if (part.equals(FALSE)) {
                return FALSE;
            }
            if (!part.equals(TRUE)) {
                open.addAll(parts("and", part));
            }
        }
        return open.isEmpty() ? TRUE : open.size() == 1 ? open.getFirst() : operation("and", open);
    }

    /** At least one of them holds. */
    static Json any(List<Json> parts) {
        List<Json> open = new ArrayList<>();
        for (Json part : parts) {
            if (part.equals(TRUE)) {
                return TRUE;
            }
            if (!part.equals(FALSE)) {
                open.addAll(parts("or", part));
            }
        }
        return open.isEmpty() ? FALSE : open.size() == 1 ? open.getFirst() : operation("or", open);
    }

    private static List<Json> parts(String operator, Json json) {
        return json instanceof Json.Members operation && operation.members().get(operator) instanceof Json.Array inner
                ? inner.items()
                : List.of(json);
    }

    static Json not(Json part) {
        if (part.equals(TRUE)) {
            return FALSE;
        }
        return part.equals(FALSE) ? TRUE : operation("!", part);
    }

    /**
     * The outcome of the first condition that holds, else the last one; conditions that never or always hold are gone.
     *
     * @param parts condition, outcome, condition, outcome …, outcome
     */
    static Json choice(List<Json> parts) {
        List<Json> open = new ArrayList<>();
        for (int i = 0; i + 1 < parts.size(); i += 2) {
            if (parts.get(i).equals(TRUE)) {
                open.add(parts.get(i + 1));
                return closed(open);
            }
            if (!parts.get(i).equals(FALSE)) {
                open.add(parts.get(i));
                open.add(parts.get(i + 1));
            }
        }
        open.add(parts.getLast());
        return closed(open);
    }

    private static Json closed(List<Json> parts) {
        List<Json> chain = new ArrayList<>(parts.subList(0, parts.size() - 1));
        chain.addAll(parts("if", parts.getLast()));
        return chain.size() == 1 ? chain.getFirst() : operation("if", chain);
    }

    /** How deep it nests, as JSON. */
    static int depth(Json json) {
        return switch (json) {
            case Json.Members object ->
                1
                        + object.members().values().stream()
                                .mapToInt(Logic::depth)
                                .max()
                                .orElse(0);
            case Json.Array array ->
                1 + array.items().stream().mapToInt(Logic::depth).max().orElse(0);
            default -> 0;
        };
    }
}
