package dev.andon.server;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * What OFREP 0.3.0 says that answers look like, status by status ({@code service/openapi.yaml} of open-feature/protocol). It is
 * written out here, as no package of a registry carries that file. It departs from it where the file contradicts itself:
 *
 * <ul>
 *   <li>A value is of any of the types, not of exactly one: a whole number is a number, too.
 *   <li>An evaluation without a value is one that leaves the value to the code. The file's shape for that is open to everything,
 *       a value of no type included; here it has no value.
 *   <li>Any reason of OpenFeature will do: the file leaves out DEFAULT and STALE.
 * </ul>
 *
 * <p>For 401, 403, 429 and 304 the file says nothing of bodies, and 413 and 503 it doesn't have. Ours have an error, but for 304.
 * Thread-safe.
 */
final class OfrepShapes {
    private static final Json TEXT = type("string");
    private static final Json METADATA = Json.object()
            .put("type", "object")
            .put("additionalProperties", any(type("boolean"), TEXT, type("number")))
            .build();
    private static final Json VALUE = any(
            valued(type("boolean")),
            valued(TEXT),
            valued(type("integer")),
            valued(type("number")),
            valued(type("object")),
            Json.object().put("not", required("value")).build());
    private static final Json EVALUATION = Json.object()
            .put("type", "object")
            .put("required", Json.texts(List.of("key", "reason")))
            .put(
                    "properties",
                    Json.object()
                            .put("key", TEXT)
                            .put("reason", TEXT)
                            .put("variant", TEXT)
                            .put("metadata", METADATA))
            .put("allOf", Json.array(List.of(VALUE)))
            .build();
    private static final Json FAILURE = failure("PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "GENERAL");
    private static final Json NOT_FOUND = failure("FLAG_NOT_FOUND");
    private static final Json ERROR = Json.object()
            .put("type", "object")
            .put("required", Json.texts(List.of("errorCode")))
            .put("properties", Json.object().put("errorCode", TEXT).put("errorDetails", TEXT))
            .build();
    private static final Json UNEXPECTED = Json.object()
            .put("type", "object")
            .put("properties", Json.object().put("errorDetails", TEXT))
            .build();
    private static final Json EVENT_STREAM = Json.object()
            .put("type", "object")
            .put("required", Json.texts(List.of("type")))
            .put(
                    "oneOf",
                    Json.array(List.of(
                            required("url").build(), required("endpoint").build())))
            .put(
                    "properties",
                    Json.object()
                            .put("type", TEXT)
                            .put("url", TEXT)
                            .put(
                                    "endpoint",
                                    Json.object()
                                            .put("type", "object")
                                            .put("required", Json.texts(List.of("requestUri")))
                                            .put(
                                                    "properties",
                                                    Json.object()
                                                            .put("origin", TEXT)
                                                            .put(
                                                                    "requestUri",
                                                                    Json.object()
                                                                            .put("type", "string")
                                                                            .put("pattern", "^/"))))
                            .put(
                                    "inactivityDelaySec",
                                    Json.object().put("type", "integer").put("minimum", 1)))
            .build();
    private static final Json BULK = Json.object()
            .put("type", "object")
            .put("required", Json.texts(List.of("flags")))
            .put(
                    "properties",
                    Json.object()
                            .put("flags", Json.object().put("type", "array").put("items", any(EVALUATION, FAILURE)))
                            .put("metadata", METADATA)
                            .put(
                                    "eventStreams",
                                    Json.object().put("type", "array").put("items", EVENT_STREAM)))
            .build();
    private static final Json EVENT = Json.object()
            .put("type", "object")
            .put("required", Json.texts(List.of("type")))
            .put(
                    "properties",
                    Json.object()
                            .put("type", TEXT)
                            .put("etag", TEXT)
                            .put(
                                    "lastModified",
                                    any(
                                            Json.object()
                                                    .put("type", "integer")
                                                    .put("minimum", 0)
                                                    .build(),
                                            Json.object()
                                                    .put("type", "string")
                                                    .put("format", "date-time")
                                                    .build())))
            .build();

    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private static final Map<Json, Schema> COMPILED = new ConcurrentHashMap<>();

    private final Set<String> seen = new ConcurrentSkipListSet<>();

    /** Both endpoints' statuses that were checked, such as {@code single 404}, and error codes with them. */
    Set<String> seen() {
        return new TreeSet<>(seen);
    }

    /** An answer about one flag. */
    ApiClient.Answer single(ApiClient.Answer answer) {
        return check(
                "single",
                answer,
                switch (answer.status()) {
                    case 200 -> EVALUATION;
                    case 400 -> FAILURE;
                    case 404 -> NOT_FOUND;
                    default -> common(answer);
                });
    }

    /** An answer about all flags. */
    ApiClient.Answer bulk(ApiClient.Answer answer) {
        if (answer.status() == 200 || answer.status() == 304) {
            String etag = answer.response().headers().firstValue("ETag").orElse("");
            if (!etag.matches("\"[^\"]+\"")) {
                throw new AssertionError("ETag: " + etag + " (expected: one, in quotes)");
            }
        }
        if (answer.status() == 304) {
            if (!answer.body().isEmpty()) {
                throw new AssertionError("304: " + answer.body() + " (expected: nothing)");
            }
            seen.add("bulk 304");
            return answer;
        }
        return check(
                "bulk",
                answer,
                switch (answer.status()) {
                    case 200 -> BULK;
                    case 400 -> ERROR;
                    default -> common(answer);
                });
    }

    /** The data of an event. */
    static void event(String data) {
        require("event", EVENT, data);
    }

    private static Json common(ApiClient.Answer answer) {
        return switch (answer.status()) {
            case 401, 403, 413, 503 -> ERROR;
            case 429 -> {
                String wait =
                        answer.response().headers().firstValue("Retry-After").orElse("");
                if (!wait.matches("[0-9]+")) {
                    throw new AssertionError("Retry-After: " + wait + " (expected: seconds)");
                }
                yield ERROR;
            }
            case 500 -> UNEXPECTED;
            default -> throw new AssertionError("status: " + answer.status() + " (expected: one of OFREP's)");
        };
    }

    private ApiClient.Answer check(String endpoint, ApiClient.Answer answer, Json shape) {
        String type = answer.response().headers().firstValue("Content-Type").orElse("");
        if (!type.startsWith("application/json")) {
            throw new AssertionError("Content-Type: " + type + " (expected: application/json)");
        }
        require(endpoint + " " + answer.status(), shape, answer.body());
        seen.add(endpoint + " " + answer.status() + (answer.status() == 400 ? " " + answer.text("errorCode") : ""));
        return answer;
    }

    private static void require(String label, Json shape, String body) {
        Schema schema = COMPILED.computeIfAbsent(shape, key -> REGISTRY.getSchema(key.text(), InputFormat.JSON));
        List<String> errors = new ArrayList<>();
        schema.validate(body, InputFormat.JSON).forEach(error -> errors.add(error.toString()));
        if (!errors.isEmpty()) {
            throw new AssertionError(label + " " + body + ": not OFREP's: " + errors);
        }
    }

    private static Json type(String name) {
        return Json.object().put("type", name).build();
    }

    private static Json any(Json... shapes) {
        return Json.object().put("anyOf", Json.array(List.of(shapes))).build();
    }

    private static Json.Builder required(String member) {
        return Json.object().put("required", Json.texts(List.of(member)));
    }

    private static Json valued(Json type) {
        return required("value")
                .put("properties", Json.object().put("value", type))
                .build();
    }

    private static Json failure(String... codes) {
        return Json.object()
                .put("type", "object")
                .put("required", Json.texts(List.of("key", "errorCode")))
                .put(
                        "properties",
                        Json.object()
                                .put("key", TEXT)
                                .put("errorCode", Json.object().put("enum", Json.texts(List.of(codes))))
                                .put("errorDetails", TEXT)
                                .put("metadata", METADATA))
                .build();
    }
}
