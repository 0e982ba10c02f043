package dev.andon.cli;

import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Times;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** JSON values as people read them on one line. */
final class Words {
    private static final int DAY_CHARS = "2026-11-22".length();
    private static final String TOKEN = "token:";

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

    /** As {@link #moment(Fields, String)}, to the millisecond. */
    static String fineMoment(Fields fields, String name) {
        String text = of(fields, name);
        try {
            return Times.fineMoment(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return text;
        }
    }

    /** What a process stops by itself: {@code checkout of shop/shop-1 (its environment: INC-7)}. */
    static String localStop(Json item) {
        Fields stop = Fields.lenient(item);
        return Glyphs.printable(stop.text("target") + " of " + stop.text("service") + "/" + stop.text("instance")
                + " (its " + stop.text("source") + ": " + stop.text("reason") + ")");
    }

    /** The time alone for a moment of today, the day alone for others. */
    static String shortMoment(Fields fields, String name, InstantSource clock) {
        String moment = moment(fields, name);
        String today = Times.moment(clock.instant()).substring(0, DAY_CHARS);
        return moment.startsWith(today) ? moment.substring(DAY_CHARS + 1) : moment.split(" ", 2)[0];
    }

    /** Who it was, without how they proved it: {@code alice} of {@code token:alice (4f2a)}. */
    static String shortActor(String actor) {
        int end = actor.lastIndexOf(" (");
        return actor.startsWith(TOKEN) && end > 0 ? actor.substring(TOKEN.length(), end) : actor;
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
