package dev.andon.server.http;

import dev.andon.core.json.Json;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Why a request was refused, as RFC 9457 problem details. Immutable.
 *
 * @param code stable, for programs; also the end of {@code type}
 * @param detail what is wrong with this request
 * @param field where the wrong value stands, if the problem is about a value
 * @param next what to do next
 * @param current the version that is there now, if the request named another
 */
public record Problem(
        int status,
        String code,
        String title,
        String detail,
        Optional<String> field,
        Optional<String> value,
        Optional<String> expected,
        Optional<String> next,
        OptionalLong current) {
    public static final String CONTENT_TYPE = "application/problem+json";

    private static final String TYPE = "urn:andon:problem:";

    static final Schema SCHEMA = Schema.object()
            .required("type", Schema.format("uri", "The kind of problem"))
            .required("title", Schema.text("The kind of problem, in words"))
            .required("status", Schema.whole(400, 599, "The HTTP status"))
            .required("detail", Schema.text("What is wrong with this request"))
            .required("code", Schema.text("The kind of problem, for programs"))
            .required("correlation", Schema.text("Ties the answer to log lines; also in X-Request-Id"))
            .optional("field", Schema.text("Where the wrong value stands"))
            .optional("value", Schema.text("What stands there"))
            .optional("expected", Schema.text("What would have been accepted"))
            .optional("next", Schema.text("What to do next"))
            .optional("current", Schema.whole(0, Long.MAX_VALUE, "The version that is there now"))
            .named("Problem");

    public static Problem of(int status, String code, String title, String detail) {
        return new Problem(
                status,
                code,
                title,
                detail,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty());
    }

    public Problem at(String where, String what, String accepted) {
        return new Problem(
                status,
                code,
                title,
                detail,
                Optional.of(where),
                Optional.of(what),
                Optional.of(accepted),
                next,
                current);
    }

    public Problem next(String step) {
        return new Problem(status, code, title, detail, field, value, expected, Optional.of(step), current);
    }

    public Problem current(long version) {
        return new Problem(status, code, title, detail, field, value, expected, next, OptionalLong.of(version));
    }

    Reply reply(String correlation) {
        Json.Builder json = Json.object()
                .put("type", TYPE + code)
                .put("title", title)
                .put("status", status)
                .put("detail", detail)
                .put("code", code)
                .put("correlation", correlation)
                .put("field", field)
                .put("value", value)
                .put("expected", expected)
                .put("next", next);
        current.ifPresent(version -> json.put("current", version));
        return new Reply(status, java.util.Map.of(), CONTENT_TYPE, json.build().utf8());
    }
}
