package dev.andon.proof.harness;

import dev.andon.core.json.Json;
import java.util.List;

/**
 * What the server answered.
 *
 * @param body the JSON body; {@code null} of JSON when there was none
 */
public record Answer(int status, Json body, long tookMs) {

    /** The member at a path such as {@code receipt.verdict}, or JSON's {@code null}. */
    public Json at(String path) {
        return at(body, path);
    }

    public static Json at(Json json, String path) {
        Json value = json;
        for (String name : path.split("\\.", -1)) {
            value = value instanceof Json.Members object
                    ? object.members().getOrDefault(name, Json.Null.NULL)
                    : Json.Null.NULL;
        }
        return value;
    }

    public String text(String path) {
        return text(body, path);
    }

    public static String text(Json json, String path) {
        if (at(json, path) instanceof Json.Text text) {
            return text.value();
        }
        throw new AssertionError(path + ": not a string in " + json.text());
    }

    public long whole(String path) {
        if (at(path) instanceof Json.Whole whole) {
            return whole.value();
        }
        throw new AssertionError(path + ": not a whole number in " + body.text());
    }

    public double number(String path) {
        return switch (at(path)) {
            case Json.Whole whole -> whole.value();
            case Json.Decimal decimal -> decimal.value();
            default -> throw new AssertionError(path + ": not a number in " + body.text());
        };
    }

    public boolean bool(String path) {
        return at(path).equals(Json.of(true));
    }

    public List<Json> items(String path) {
        if (at(path) instanceof Json.Array array) {
            return array.items();
        }
        throw new AssertionError(path + ": not an array in " + body.text());
    }

    /** This answer, if it has the status that it should have. */
    public Answer expect(int... statuses) {
        for (int expected : statuses) {
            if (status == expected) {
                return this;
            }
        }
        throw new AssertionError(
                "status " + status + " (expected: " + java.util.Arrays.toString(statuses) + "): " + body.text());
    }
}
