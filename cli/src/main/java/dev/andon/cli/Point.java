package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.core.json.Fields;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A point in the ledger's past, as people type it: a version, or a time.
 *
 * @param text as the API takes it
 */
record Point(String text) {
    static final String LABEL = "VERSION|TIME";
    static final String EXPECTED = "a version such as 41, or a time such as 2026-11-22T14:03:00Z";

    static final class Converter implements ITypeConverter<Point> {
        @Override
        public Point convert(String typed) {
            if (typed.matches("[1-9][0-9]{0,17}")) {
                return new Point(typed);
            }
            // The log shows a blank where the standard wants a T.
            String time = typed.strip().replaceFirst("^(\\S{10}) ", "$1T");
            try {
                OffsetDateTime.parse(time);
            } catch (DateTimeParseException e) {
                throw new TypeConversionException(EXPECTED);
            }
            return new Point(time);
        }
    }

    boolean isTime() {
        return text.contains("T");
    }

    /** The version that it stands for; of a time, says which that is, and where the line is drawn. */
    String version(ApiClient api, Shell shell) {
        if (!isTime()) {
            return text;
        }
        Fields chosen = api.send(ApiRequest.get("moments", text)).fields();
        String next = chosen.has("next") ? "; the next is " + label(chosen.object("next")) : ", the newest";
        shell.note(text + " is " + label(chosen) + next);
        return Words.of(chosen, "version");
    }

    /** {@code version 41 of 2026-11-22 14:02:51.123Z}. */
    static String label(Fields moment) {
        return "version " + Words.of(moment, "version") + " of " + Words.fineMoment(moment, "at");
    }
}
