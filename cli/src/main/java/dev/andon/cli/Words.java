package dev.andon.cli;

import dev.andon.cli.text.Times;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** JSON values as people read them on one line. */
final class Words {
    private Words() {}

    /** A string without its quotes; anything else as JSON. */
    static String of(Json value) {
        return value instanceof Json.Text text ? text.value() : value.text();
    }

    /** A member as a word; nothing if it is absent. */
    static String of(Fields fields, String name) {
        return fields.has(name) ? of(fields.json(name)) : "";
    }

    /** A member that is a moment, in the form that people read. */
    static String moment(Fields fields, String name) {
        return moment(of(fields, name));
    }

    static String moment(String text) {
        try {
            return Times.moment(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return text;
        }
    }

    static String list(Collection<String> words) {
        return String.join(", ", words);
    }

    /** {@code 1 instance}, {@code 2 instances}. */
    static String count(long number, String one) {
        return number + " " + one + (number == 1 ? "" : "s");
    }

    /** Refuses what isn't one of the words. */
    static String oneOf(String option, String word, Map<String, ?> words) {
        if (words.containsKey(word)) {
            return word;
        }
        String meant = Suggestions.closest(word, words.keySet())
                .map(candidate -> "; did you mean " + candidate + "?")
                .orElse("");
        throw CommandFailure.usage(
                option,
                '"' + word + '"',
                "one of " + list(List.copyOf(words.keySet())) + meant,
                "Nothing has been changed.");
    }
}
