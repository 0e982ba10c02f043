package dev.andon.server.ofrep;

import dev.andon.core.evaluate.ErrorCode;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.json.Json;
import dev.andon.core.model.ValueType;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Schema;
import dev.andon.server.node.ServedState;
import java.util.List;
import java.util.Optional;

/** What the protocol answers, as JSON. Every answer has a body: a client takes one without for one that it can't read. */
final class Answers {
    static final String GENERAL = "GENERAL";
    static final String PARSE_ERROR = "PARSE_ERROR";
    static final String INVALID_CONTEXT = "INVALID_CONTEXT";
    static final String TARGETING_KEY_MISSING = "TARGETING_KEY_MISSING";
    static final String FLAG_NOT_FOUND = "FLAG_NOT_FOUND";

    private static final Schema METADATA = Schema.object()
            .required("flagSetId", Schema.text("The environment"))
            .required("version", Schema.text("The ledger's version that last changed the flag here"))
            .required("andonReason", Schema.text("Andon's own word for the reason"))
            .optional("killId", Schema.text("The kill that stops the flag"))
            .named("OfrepMetadata");

    static final Schema ERROR = Schema.object()
            .optional("key", Schema.text("The flag's key"))
            .required(
                    "errorCode",
                    Schema.words(
                            List.of(PARSE_ERROR, TARGETING_KEY_MISSING, INVALID_CONTEXT, FLAG_NOT_FOUND, GENERAL),
                            "The kind of error"))
            .required("errorDetails", Schema.text("What is wrong and what to do"))
            .named("OfrepError");

    static final Schema EVALUATION = Schema.object()
            .required("key", Schema.text("The flag's key"))
            .required("value", Schema.anything("The value"))
            .required("variant", Schema.text("Its variant"))
            .required(
                    "reason",
                    Schema.words(
                            List.of("STATIC", "DEFAULT", "TARGETING_MATCH", "SPLIT", "DISABLED", "STALE"),
                            "Why; DISABLED under a kill"))
            .required("metadata", METADATA)
            .named("OfrepEvaluation");

    static final Schema BULK = Schema.object()
            .required(
                    "flags",
                    Schema.array(
                            Schema.oneOf(List.of(EVALUATION, ERROR), "An evaluation, or why there is none"), "By key"))
            .required(
                    "metadata",
                    Schema.object()
                            .required("flagSetId", Schema.text("The environment"))
                            .required("version", Schema.text("The ledger's version that last changed the environment"))
                            .build())
            .required(
                    "eventStreams",
                    Schema.array(
                            Schema.object()
                                    .required("type", Schema.words(List.of("sse"), "Server-sent events"))
                                    .required(
                                            "endpoint",
                                            Schema.object()
                                                    .required("requestUri", Schema.text("Where, on this server"))
                                                    .build())
                                    .required(
                                            "inactivityDelaySec",
                                            Schema.whole(1, Long.MAX_VALUE, "When a page that nobody sees may leave"))
                                    .build(),
                            "Where a client hears of changes"))
            .named("OfrepBulkEvaluation");

    private static final int INACTIVITY_SECONDS = 120;

    private Answers() {}

    /** One flag's evaluation, or why there is none. */
    static Json flag(String key, Evaluation evaluation, ValueType type, String environment) {
        Json value = evaluation.value();
        String variant = evaluation.variant();
        if (value == null || variant == null) {
            return error(Optional.of(key), code(evaluation.error()), details(key, evaluation));
        }
        Json.Builder metadata = Json.object()
                .put("flagSetId", environment)
                .put("version", Long.toString(evaluation.version()))
                .put("andonReason", evaluation.reason().name());
        if (evaluation.kill() != null) {
            metadata.put("killId", evaluation.kill().toString());
        }
        return Json.object()
                .put("key", key)
                .put("value", typed(value, type))
                .put("variant", variant)
                .put("reason", evaluation.reason().openFeature())
                .put("metadata", metadata)
                .build();
    }

    /** @param flags encoded already */
    static Reply bulk(List<byte[]> flags, ServedState state, String stream) {
        Json rest = Json.object()
                .put(
                        "metadata",
                        Json.object()
                                .put("flagSetId", state.environment())
                                .put("version", Long.toString(state.version())))
                .put(
                        "eventStreams",
                        Json.array(List.of(Json.object()
                                .put("type", "sse")
                                .put("endpoint", Json.object().put("requestUri", stream))
                                .put("inactivityDelaySec", INACTIVITY_SECONDS)
                                .build())))
                .build();
        return Reply.json(200, Json.utf8("flags", flags, rest));
    }

    static Json error(Optional<String> key, String code, String details) {
        return Json.object()
                .put("key", key)
                .put("errorCode", code)
                .put("errorDetails", details)
                .build();
    }

    static Reply refusal(int status, Optional<String> key, String code, String details) {
        return Reply.json(status, error(key, code, details));
    }

    /** Clients tell whole numbers from others by how they are written. */
    private static Json typed(Json value, ValueType type) {
        return type == ValueType.NUMBER && value instanceof Json.Whole whole ? Json.of((double) whole.value()) : value;
    }

    private static String code(@org.jspecify.annotations.Nullable ErrorCode error) {
        return switch (error) {
            case FLAG_NOT_FOUND -> FLAG_NOT_FOUND;
            case TARGETING_KEY_MISSING -> TARGETING_KEY_MISSING;
            case NOT_READY, TYPE_MISMATCH, GENERAL -> GENERAL;
            case null -> GENERAL;
        };
    }

    private static String details(String key, Evaluation evaluation) {
        return "flag " + key + ": " + evaluation.message();
    }
}
