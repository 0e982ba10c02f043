package dev.andon.server.http;

import dev.andon.core.json.Json;
import dev.andon.server.node.History;
import dev.andon.server.node.Moment;
import java.util.Optional;

/**
 * The entry that a version or a time stands for, and the one after it, so that people see where the line is drawn.
 *
 * @param next none if the chosen one is the newest
 */
public record Chosen(Moment moment, Optional<Moment> next) {
    private static final Schema MOMENT = Schema.object()
            .required("version", Schema.whole(1, Long.MAX_VALUE, "The entry's version"))
            .required(
                    "at", Schema.format("date-time", "The entry's own time: when it was written or, of a kill, taken"))
            .named("Moment");

    public static final Schema SCHEMA = Schema.object()
            .required("version", Schema.whole(1, Long.MAX_VALUE, "The entry's version"))
            .required(
                    "at", Schema.format("date-time", "The entry's own time: when it was written or, of a kill, taken"))
            .optional("next", MOMENT)
            .named("Chosen");

    public long version() {
        return moment.version();
    }

    public Json toJson() {
        Json.Builder json = json(moment);
        next.ifPresent(later -> json.put("next", json(later)));
        return json.build();
    }

    private static Json.Builder json(Moment moment) {
        return Json.object()
                .put("version", moment.version())
                .put("at", moment.at().toString());
    }

    static String label(Moment moment) {
        return "version " + moment.version() + ", of " + moment.at();
    }

    static String label(History history, long version) {
        return label(history.moments(version, version).getFirst());
    }

    static ProblemException refused(int status, String field, String value, String expected, String next) {
        String detail = field + ": " + value + " (expected: " + expected + ")";
        Problem problem = status == 404
                ? Problem.of(404, "not-found", "There is no such thing", detail)
                : Problem.of(status, "invalid-input", "A value can't be accepted", detail);
        return new ProblemException(problem.at(field, value, expected).next(next));
    }
}
