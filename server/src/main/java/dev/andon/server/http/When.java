package dev.andon.server.http;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.History;
import dev.andon.server.node.Moment;
import dev.andon.server.node.Sought;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A point in the ledger's past as requests name it: by version or by time. Immutable. */
public sealed interface When {
    Schema SCHEMA = Schema.oneOf(
            List.of(
                    Schema.whole(1, Long.MAX_VALUE, "A version"),
                    Schema.format("date-time", "A time: the newest change at or before it by the entries' own times")),
            "A version of the ledger, or a time up to now");

    String EXPECTED = "a version such as 41, or a time such as 2026-11-22T14:03:00Z";

    Pattern DIGITS = Pattern.compile("[0-9]{1,18}");

    record Version(long version) implements When {
        /** Refuses a version that the ledger hasn't reached, with the newest. */
        void requireReached(String field, ControlPlane plane) {
            long newest = plane.image().provenance().version();
            if (version > newest) {
                throw Chosen.refused(
                        404,
                        field,
                        "" + version,
                        "a version from 1 to " + newest,
                        "The newest is " + Chosen.label(plane.history(), newest) + ".");
            }
        }
    }

    record Time(Instant instant, String text) implements When {}

    /** @param field what the text is called in refusals */
    static When read(String field, String text) {
        if (DIGITS.matcher(text).matches() && Long.parseLong(text) > 0) {
            return new Version(Long.parseLong(text));
        }
        try {
            return new Time(OffsetDateTime.parse(text).toInstant(), text);
        } catch (DateTimeParseException e) {
            throw new InvalidInput(field, Json.of(text).text(), EXPECTED);
        }
    }

    /** A member that is a whole number or a text. */
    static When read(Fields fields, String name) {
        Json value = fields.has(name) ? fields.json(name) : Json.Null.NULL;
        return switch (value) {
            case Json.Whole whole when whole.value() > 0 -> new Version(whole.value());
            case Json.Text text when !DIGITS.matcher(text.value()).matches() -> read(fields.pathOf(name), text.value());
            default ->
                throw new InvalidInput(
                        fields.pathOf(name), value == Json.Null.NULL ? "nothing" : value.text(), EXPECTED);
        };
    }

    /**
     * The one entry that is meant. Reads the store.
     *
     * @param field what the point is called in refusals, each of which names the nearest that there is
     */
    default Chosen choose(String field, ControlPlane plane, Instant now) {
        History history = plane.history();
        long newest = plane.image().provenance().version();
        return switch (this) {
            case Version wanted -> {
                wanted.requireReached(field, plane);
                List<Moment> moments = history.moments(wanted.version(), Math.min(newest, wanted.version() + 1));
                yield new Chosen(
                        moments.getFirst(), moments.size() > 1 ? Optional.of(moments.getLast()) : Optional.empty());
            }
            case Time time -> {
                if (time.instant().isAfter(now)) {
                    throw Chosen.refused(
                            400,
                            field,
                            time.text() + ", which is in the future",
                            "a time up to now, " + now,
                            "The newest is " + Chosen.label(history, newest) + ".");
                }
                yield chosen(field, time, history.seek(time.instant(), newest));
            }
        };
    }

    private static Chosen chosen(String field, Time time, Sought sought) {
        return switch (sought) {
            case Sought.Reached reached -> new Chosen(reached.moment(), reached.next());
            case Sought.BeforeAll before ->
                throw Chosen.refused(
                        404,
                        field,
                        time.text() + ", before the ledger begins",
                        "a time from " + before.earliest().at() + " on",
                        "The nearest is " + Chosen.label(before.earliest()) + ".");
            case Sought.TooFar far ->
                throw Chosen.refused(
                        400,
                        field,
                        time.text() + ", further back than times are looked for",
                        "a version, or a time from " + far.oldest().at() + " on",
                        "The log has the versions; the oldest that was looked at is " + Chosen.label(far.oldest())
                                + ".");
        };
    }
}
