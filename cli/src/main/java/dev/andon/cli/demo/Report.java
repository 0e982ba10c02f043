package dev.andon.cli.demo;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.nio.charset.StandardCharsets;

/**
 * What one instance did since its last report. Times are microseconds since 1970: all processes run on one machine, by
 * one clock.
 *
 * @param at when the report was made
 * @param state of the instance's connection, as the SDK says it
 * @param requests that were handled
 * @param unsafe requests for which the feature was on
 * @param failures requests that failed
 * @param lastUnsafeAt when the last evaluation began that gave "on"; 0 if there was none ever
 * @param lastFailureAt when the last request failed; 0 if none ever did
 */
record Report(
        String service,
        String instance,
        long at,
        String state,
        long requests,
        long unsafe,
        long failures,
        long lastUnsafeAt,
        long lastFailureAt) {

    /** One line of text, without its line break. */
    String line() {
        return Json.object()
                .put("service", service)
                .put("instance", instance)
                .put("at", at)
                .put("state", state)
                .put("requests", requests)
                .put("unsafe", unsafe)
                .put("failures", failures)
                .put("lastUnsafeAt", lastUnsafeAt)
                .put("lastFailureAt", lastFailureAt)
                .build()
                .text();
    }

    static Report parse(String line) {
        Fields fields = Fields.lenient(Json.parse(line.getBytes(StandardCharsets.UTF_8)));
        return new Report(
                fields.text("service"),
                fields.text("instance"),
                count(fields, "at"),
                fields.text("state"),
                count(fields, "requests"),
                count(fields, "unsafe"),
                count(fields, "failures"),
                count(fields, "lastUnsafeAt"),
                count(fields, "lastFailureAt"));
    }

    private static long count(Fields fields, String name) {
        return fields.whole(name, 0, Long.MAX_VALUE);
    }
}
