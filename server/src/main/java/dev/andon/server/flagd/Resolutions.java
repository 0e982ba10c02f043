package dev.andon.server.flagd;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Struct;
import dev.andon.core.evaluate.Attributes;
import dev.andon.core.evaluate.CompiledFlag;
import dev.andon.core.evaluate.ErrorCode;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.evaluate.Reason;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Nearest;
import dev.andon.core.model.ValueType;
import dev.andon.flagd.evaluation.v1.AnyFlag;
import dev.andon.flagd.evaluation.v1.ResolveAllRequest;
import dev.andon.flagd.evaluation.v1.ResolveAllResponse;
import dev.andon.flagd.evaluation.v2.ResolveBooleanRequest;
import dev.andon.flagd.evaluation.v2.ResolveBooleanResponse;
import dev.andon.flagd.evaluation.v2.ResolveFloatRequest;
import dev.andon.flagd.evaluation.v2.ResolveFloatResponse;
import dev.andon.flagd.evaluation.v2.ResolveIntRequest;
import dev.andon.flagd.evaluation.v2.ResolveIntResponse;
import dev.andon.flagd.evaluation.v2.ResolveObjectRequest;
import dev.andon.flagd.evaluation.v2.ResolveObjectResponse;
import dev.andon.flagd.evaluation.v2.ResolveStringRequest;
import dev.andon.flagd.evaluation.v2.ResolveStringResponse;
import dev.andon.server.flagd.Answerer.Answer;
import dev.andon.server.http.GrpcCall;
import dev.andon.server.http.GrpcRefusal;
import dev.andon.server.http.GrpcStatus;
import dev.andon.server.node.EvaluationContexts;
import dev.andon.server.node.ServedState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Evaluates flags for flagd's providers. Both versions of the service get the same bytes: the messages of the second differ from
 * those of the first only in that they say whether a value is there, and here one always is.
 *
 * <p>The reason is never {@code STATIC}: providers would keep such an answer until they hear of a change, and one that was on its way
 * when they heard of a kill would stay. What is refused has the status that providers take for the right error:
 *
 * <ol>
 *   <li>{@code NOT_FOUND}: there is no such flag, in the environment or among those with the tag.
 *   <li>{@code INVALID_ARGUMENT}: the flag's values are of another type.
 *   <li>{@code DATA_LOSS}: a request or context that can't be read.
 *   <li>{@code FAILED_PRECONDITION}: anything else, such as the missing key of a split. Providers ask again after
 *       {@code UNKNOWN}, and meanwhile hold the caller up.
 * </ol>
 *
 * Thread-safe.
 */
final class Resolutions {
    private final Selectors selectors;

    @FunctionalInterface
    private interface Resolver {
        Answer resolve(GrpcCall call, byte[] request) throws InvalidProtocolBufferException;
    }

    /** A flag's evaluation, with what is told of it. */
    private record Resolved(
            View view,
            ServedState state,
            Evaluation evaluation,
            Json value,
            String variant,
            String reason,
            Struct metadata) {
        Answer as(MessageLite message) {
            return new Answer(message.toByteArray(), view, state);
        }
    }

    Resolutions(Selectors selectors) {
        this.selectors = selectors;
    }

    /** What answers each method, by its name; to be called off the event loop. */
    Map<String, Answerer> methods() {
        Map<String, Answerer> methods = new TreeMap<>();
        methods.put("flagd.evaluation.v1.Service/ResolveAll", answering(this::all));
        for (String service : List.of("flagd.evaluation.v1.Service/", "flagd.evaluation.v2.Service/")) {
            methods.put(service + "ResolveBoolean", answering(this::bool));
            methods.put(service + "ResolveString", answering(this::text));
            methods.put(service + "ResolveFloat", answering(this::number));
            methods.put(service + "ResolveInt", answering(this::whole));
            methods.put(service + "ResolveObject", answering(this::object));
        }
        return methods;
    }

    private static Answerer answering(Resolver resolver) {
        return (call, request) -> {
            try {
                return resolver.resolve(call, request);
            } catch (InvalidProtocolBufferException e) {
                throw unreadable("request: " + e.getMessage() + " (expected: the message of " + call.method() + ")");
            }
        };
    }

    private Answer bool(GrpcCall call, byte[] request) throws InvalidProtocolBufferException {
        ResolveBooleanRequest asked = ResolveBooleanRequest.parseFrom(request);
        Resolved resolved = resolve(call, asked.getFlagKey(), asked.getContext(), ValueType.BOOLEAN);
        return resolved.as(ResolveBooleanResponse.newBuilder()
                .setValue(((Json.Bool) resolved.value()).value())
                .setVariant(resolved.variant())
                .setReason(resolved.reason())
                .setMetadata(resolved.metadata())
                .build());
    }

    private Answer text(GrpcCall call, byte[] request) throws InvalidProtocolBufferException {
        ResolveStringRequest asked = ResolveStringRequest.parseFrom(request);
        Resolved resolved = resolve(call, asked.getFlagKey(), asked.getContext(), ValueType.STRING);
        return resolved.as(ResolveStringResponse.newBuilder()
                .setValue(((Json.Text) resolved.value()).value())
                .setVariant(resolved.variant())
                .setReason(resolved.reason())
                .setMetadata(resolved.metadata())
                .build());
    }

    private Answer number(GrpcCall call, byte[] request) throws InvalidProtocolBufferException {
        ResolveFloatRequest asked = ResolveFloatRequest.parseFrom(request);
        Resolved resolved = resolve(call, asked.getFlagKey(), asked.getContext(), ValueType.NUMBER);
        return resolved.as(ResolveFloatResponse.newBuilder()
                .setValue(resolved.evaluation().number(0))
                .setVariant(resolved.variant())
                .setReason(resolved.reason())
                .setMetadata(resolved.metadata())
                .build());
    }

    private Answer whole(GrpcCall call, byte[] request) throws InvalidProtocolBufferException {
        ResolveIntRequest asked = ResolveIntRequest.parseFrom(request);
        Resolved resolved = resolve(call, asked.getFlagKey(), asked.getContext(), ValueType.INTEGER);
        return resolved.as(ResolveIntResponse.newBuilder()
                .setValue(((Json.Whole) resolved.value()).value())
                .setVariant(resolved.variant())
                .setReason(resolved.reason())
                .setMetadata(resolved.metadata())
                .build());
    }

    private Answer object(GrpcCall call, byte[] request) throws InvalidProtocolBufferException {
        ResolveObjectRequest asked = ResolveObjectRequest.parseFrom(request);
        Resolved resolved = resolve(call, asked.getFlagKey(), asked.getContext(), ValueType.OBJECT);
        if (!(resolved.value() instanceof Json.Members members)) {
            throw mismatch("flag " + asked.getFlagKey()
                    + ": its value is an array (expected: an object, the protocol has no" + " arrays)");
        }
        return resolved.as(ResolveObjectResponse.newBuilder()
                .setValue(Structs.struct(members.members()))
                .setVariant(resolved.variant())
                .setReason(resolved.reason())
                .setMetadata(resolved.metadata())
                .build());
    }

    private Answer all(GrpcCall call, byte[] request) throws InvalidProtocolBufferException {
        Attributes context = context(ResolveAllRequest.parseFrom(request).getContext());
        View view = selectors.view(call, "");
        ServedState state = selectors.newest(view);
        ResolveAllResponse.Builder answer = ResolveAllResponse.newBuilder();
        for (CompiledFlag flag : state.flags()) {
            if (shows(view, state, flag.key())) {
                answer.putFlags(flag.key(), any(state.ruleset().evaluate(flag, context), flag, view));
            }
        }
        answer.setMetadata(Structs.struct(
                Map.of("flagSetId", Json.of(view.environment()), "version", Json.of(Long.toString(state.version())))));
        return new Answer(answer.build().toByteArray(), view, state);
    }

    private static AnyFlag any(Evaluation evaluation, CompiledFlag flag, View view) {
        AnyFlag.Builder any = AnyFlag.newBuilder().setMetadata(metadata(evaluation, view));
        Json value = evaluation.value();
        String variant = evaluation.variant();
        if (value == null || variant == null) {
            return any.setReason(Reason.ERROR.openFeature()).build();
        }
        any.setReason(reason(evaluation)).setVariant(variant);
        return switch (value) {
            case Json.Bool bool -> any.setBoolValue(bool.value()).build();
            case Json.Text text -> any.setStringValue(text.value()).build();
            case Json.Whole whole -> any.setDoubleValue((double) whole.value()).build();
            case Json.Decimal decimal -> any.setDoubleValue(decimal.value()).build();
            case Json.Members members ->
                any.setObjectValue(Structs.struct(members.members())).build();
            case Json.Array array -> any.build();
            case Json.Null nothing ->
                throw new IllegalStateException("value of " + flag.key() + ": null (expected: one)");
        };
    }

    private Resolved resolve(GrpcCall call, String key, Struct context, ValueType expected) {
        Attributes attributes = context(context);
        View view = selectors.view(call, "");
        ServedState state = selectors.newest(view);
        CompiledFlag flag = state.ruleset().flag(key);
        if (flag == null || !shows(view, state, key)) {
            throw notFound(key, view, state);
        }
        Evaluation evaluation = state.ruleset().evaluate(flag, expected, attributes);
        Json value = evaluation.value();
        String variant = evaluation.variant();
        if (value == null || variant == null) {
            throw failed(key, evaluation);
        }
        return new Resolved(view, state, evaluation, value, variant, reason(evaluation), metadata(evaluation, view));
    }

    private static boolean shows(View view, ServedState state, String key) {
        return view.tag().isEmpty()
                || state.image().flag(key).filter(view::shows).isPresent();
    }

    private static Attributes context(Struct context) {
        try {
            return EvaluationContexts.read(Structs.members(context));
        } catch (InvalidInput e) {
            throw unreadable(String.valueOf(e.getMessage()));
        }
    }

    private static String reason(Evaluation evaluation) {
        Reason reason = evaluation.reason() == Reason.STATIC ? Reason.FALLTHROUGH : evaluation.reason();
        return reason.openFeature();
    }

    private static Struct metadata(Evaluation evaluation, View view) {
        Map<String, Json> metadata = new LinkedHashMap<>();
        metadata.put("flagSetId", Json.of(view.environment()));
        metadata.put("version", Json.of(Long.toString(evaluation.version())));
        metadata.put("andonReason", Json.of(evaluation.reason().name()));
        if (evaluation.kill() != null) {
            metadata.put("killId", Json.of(evaluation.kill().toString()));
        }
        return Structs.struct(metadata);
    }

    private static GrpcRefusal notFound(String key, View view, ServedState state) {
        List<String> near = Nearest.to(
                key,
                state.flags().stream()
                        .map(CompiledFlag::key)
                        .filter(known -> shows(view, state, known))
                        .toList());
        String such = near.isEmpty() ? "" : ", such as " + String.join(", ", near);
        return new GrpcRefusal(
                GrpcStatus.NOT_FOUND,
                "Flag not found: flag: " + key + " (expected: one that exists" + such + " in " + view.name() + ")");
    }

    private static GrpcRefusal failed(String key, Evaluation evaluation) {
        String why = "flag " + key + ": " + evaluation.message();
        return evaluation.error() == ErrorCode.TYPE_MISMATCH
                ? mismatch(why)
                : new GrpcRefusal(GrpcStatus.FAILED_PRECONDITION, "General error: " + why);
    }

    private static GrpcRefusal mismatch(String why) {
        return new GrpcRefusal(GrpcStatus.INVALID_ARGUMENT, "Type mismatch error: " + why);
    }

    private static GrpcRefusal unreadable(String why) {
        return new GrpcRefusal(GrpcStatus.DATA_LOSS, "Error parsing input or configuration: " + why);
    }
}
