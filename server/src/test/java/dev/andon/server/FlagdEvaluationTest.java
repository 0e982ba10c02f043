package dev.andon.server;

import static dev.andon.server.FlagdFixture.V1;
import static dev.andon.server.FlagdFixture.V2;
import static dev.andon.server.FlagdFixture.asked;
import static dev.andon.server.FlagdFixture.context;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.andon.flagd.evaluation.v1.ResolveAllRequest;
import dev.andon.flagd.evaluation.v1.ResolveAllResponse;
import dev.andon.flagd.evaluation.v2.EventStreamResponse;
import dev.andon.flagd.evaluation.v2.ResolveBooleanRequest;
import dev.andon.flagd.evaluation.v2.ResolveBooleanResponse;
import dev.andon.flagd.evaluation.v2.ResolveFloatResponse;
import dev.andon.flagd.evaluation.v2.ResolveIntResponse;
import dev.andon.flagd.evaluation.v2.ResolveObjectResponse;
import dev.andon.flagd.evaluation.v2.ResolveStringResponse;
import dev.andon.server.node.FaultyStore;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code flagd.evaluation.v1} and {@code v2}, with gRPC's own client. */
@Timeout(300)
class FlagdEvaluationTest {
    @TempDir
    private Path folder;

    private FlagdFixture flagd;

    @BeforeEach
    void start() throws Exception {
        flagd = new FlagdFixture(folder);
    }

    @AfterEach
    void close() {
        flagd.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {V1, V2})
    void everyTypeIsEvaluated(String service) throws Exception {
        ResolveBooleanResponse bool =
                flagd.evaluation.call(service + "ResolveBoolean", asked("bool"), ResolveBooleanResponse.parser());
        assertThat(bool.getValue()).isTrue();
        assertThat(bool.getVariant()).isEqualTo("on");
        assertThat(flagd.evaluation
                        .call(service + "ResolveString", asked("text"), ResolveStringResponse.parser())
                        .getValue())
                .isEqualTo("new");
        assertThat(flagd.evaluation
                        .call(service + "ResolveInt", asked("whole"), ResolveIntResponse.parser())
                        .getValue())
                .isEqualTo(7);
        assertThat(flagd.evaluation
                        .call(service + "ResolveFloat", asked("number"), ResolveFloatResponse.parser())
                        .getValue())
                .isEqualTo(1.5);
        assertThat(flagd.evaluation
                        .call(service + "ResolveFloat", asked("whole"), ResolveFloatResponse.parser())
                        .getValue())
                .as("JavaScript has one type of number")
                .isEqualTo(7);
        Struct object = flagd.evaluation
                .call(service + "ResolveObject", asked("object"), ResolveObjectResponse.parser())
                .getValue();
        assertThat(object.getFieldsOrThrow("a").getListValue().getValuesList())
                .extracting(Value::getKindCase)
                .containsExactly(
                        Value.KindCase.NUMBER_VALUE,
                        Value.KindCase.NUMBER_VALUE,
                        Value.KindCase.STRING_VALUE,
                        Value.KindCase.NULL_VALUE,
                        Value.KindCase.BOOL_VALUE);
    }

    @Test
    void aKillIsServedWithItsIdAndNeverCalledStatic() throws Exception {
        ResolveBooleanResponse before = flagd.bool("bool");
        assertThat(before.getReason()).as("providers keep what is static").isEqualTo("DEFAULT");
        assertThat(text(before, "andonReason")).isEqualTo("STATIC");
        assertThat(text(before, "flagSetId")).isEqualTo("production");
        flagd.server.store().mode(FaultyStore.Mode.REFUSING);
        String kill = flagd.kill("bool");
        ResolveBooleanResponse killed = flagd.bool("bool");
        assertThat(killed.getValue()).isFalse();
        assertThat(killed.hasValue()).as("false is a value").isTrue();
        assertThat(killed.getVariant()).isEqualTo("off");
        assertThat(killed.getReason()).isEqualTo("DISABLED");
        assertThat(text(killed, "andonReason")).isEqualTo("KILLED");
        assertThat(text(killed, "killId")).isEqualTo(kill);
    }

    private static String text(ResolveBooleanResponse response, String name) {
        return response.getMetadata().getFieldsOrThrow(name).getStringValue();
    }

    @Test
    void allFlagsAreEvaluatedAtOnce() throws Exception {
        ResolveAllResponse all = flagd.evaluation.call(
                V1 + "ResolveAll",
                ResolveAllRequest.newBuilder().setContext(context("ann")).build(),
                ResolveAllResponse.parser());
        assertThat(all.getFlagsMap()).containsOnlyKeys("bool", "text", "whole", "number", "object", "split", "tagged");
        assertThat(all.getFlagsOrThrow("bool").getBoolValue()).isTrue();
        assertThat(all.getFlagsOrThrow("split").getReason()).isEqualTo("SPLIT");
        assertThat(all.getFlagsOrThrow("whole").getDoubleValue()).isEqualTo(7);
        ResolveAllResponse nobody = flagd.evaluation.call(
                V1 + "ResolveAll", ResolveAllRequest.getDefaultInstance(), ResolveAllResponse.parser());
        assertThat(nobody.getFlagsOrThrow("split").getReason()).isEqualTo("ERROR");
        assertThat(nobody.getFlagsOrThrow("bool").getBoolValue()).isTrue();
        refused(V2 + "ResolveAll", ResolveAllRequest.getDefaultInstance(), Status.Code.UNIMPLEMENTED, "ResolveAll");
    }

    @Test
    void whatCannotBeEvaluatedHasTheStatusThatProvidersTakeForIt() {
        refused(
                V2 + "ResolveBoolean",
                asked("boool"),
                Status.Code.NOT_FOUND,
                "Flag not found",
                "boool",
                "such as bool");
        refused(V2 + "ResolveString", asked("bool"), Status.Code.INVALID_ARGUMENT, "Type mismatch error", "boolean");
        refused(V1 + "ResolveInt", asked("number"), Status.Code.INVALID_ARGUMENT, "Type mismatch error");
        refused(
                V2 + "ResolveBoolean",
                ResolveBooleanRequest.newBuilder().setFlagKey("split").build(),
                Status.Code.FAILED_PRECONDITION,
                "targetingKey");
        refused(
                V2 + "ResolveBoolean",
                ResolveBooleanRequest.newBuilder()
                        .setFlagKey("bool")
                        .setContext(Struct.newBuilder()
                                .putFields(
                                        "targetingKey",
                                        Value.newBuilder().setNumberValue(1).build()))
                        .build(),
                Status.Code.DATA_LOSS,
                "targetingKey");
        refused(
                V2 + "ResolveBoolean",
                ResolveBooleanRequest.newBuilder()
                        .setFlagKey("bool")
                        .setContext(Struct.newBuilder()
                                .putFields(
                                        "x",
                                        Value.newBuilder()
                                                .setNumberValue(Double.NaN)
                                                .build()))
                        .build(),
                Status.Code.DATA_LOSS,
                "finite");
        Throwable garbage =
                catchThrowable(() -> flagd.evaluation.call(V2 + "ResolveBoolean", new byte[] {(byte) 0xff, 1, 2}));
        assertThat(Status.fromThrowable(garbage).getCode()).isEqualTo(Status.Code.DATA_LOSS);
        Throwable large = catchThrowable(() -> flagd.evaluation.call(V2 + "ResolveBoolean", new byte[70_000]));
        assertThat(Status.fromThrowable(large).getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        refused("flagd.evaluation.v3.Service/Resolve", asked("bool"), Status.Code.UNIMPLEMENTED, "ResolveBoolean");
    }

    private void refused(String method, com.google.protobuf.MessageLite request, Status.Code code, String... parts) {
        Throwable thrown = catchThrowable(() -> flagd.evaluation.call(method, request.toByteArray()));
        assertThat(Status.fromThrowable(thrown).getCode())
                .as(method + " " + thrown)
                .isEqualTo(code);
        assertThat(thrown.getMessage()).contains(parts);
    }

    @Test
    void aSelectorShowsTheFlagsOfATagAlone() throws Exception {
        assertThat(flagd.bool("tagged", "flagd-selector", "flagSetId=checkout").getValue())
                .isTrue();
        assertThat(flagd.bool("staged", "flagd-selector", "flagSetId=staging").getValue())
                .isTrue();
        for (String selector : List.of("flagSetId=checkout", "flagSetId=staging", "flagSetId=nothing")) {
            Throwable thrown = catchThrowable(() -> flagd.bool("bool", "flagd-selector", selector));
            assertThat(Status.fromThrowable(thrown).getCode()).isEqualTo(Status.Code.NOT_FOUND);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {V1, V2})
    void eventsSayThatItIsReadyWhatChangesAndThatItLives(String service) throws Exception {
        GrpcClient.Stream events = flagd.events(service);
        assertThat(events.next(EventStreamResponse.parser()).getType()).isEqualTo("provider_ready");
        assertThat(events.next(EventStreamResponse.parser()).getType()).isEqualTo("keep_alive");
        flagd.kill("bool");
        EventStreamResponse change = next(events, "configuration_change");
        Struct flags = change.getData().getFieldsOrThrow("flags").getStructValue();
        assertThat(flags.getFieldsMap()).containsOnlyKeys("bool");
        Struct bool = flags.getFieldsOrThrow("bool").getStructValue();
        assertThat(bool.getFieldsOrThrow("type").getStringValue()).isEqualTo("update");
        assertThat(bool.getFieldsOrThrow("flagKey").getStringValue()).isEqualTo("bool");
        assertThat(bool.getFieldsOrThrow("source").getStringValue()).isEqualTo("andon");
        flagd.flag("more", "boolean", "{'on':true,'off':false}", "{'variant':'on'}");
        assertThat(next(events, "configuration_change").toString()).contains("more", "write");
    }

    @Test
    void whatIsOfAnotherTagIsNoEvent() throws Exception {
        GrpcClient.Stream events = flagd.events(V2, "flagd-selector", "flagSetId=checkout");
        assertThat(next(events, "provider_ready")).isNotNull();
        flagd.kill("bool");
        flagd.kill("tagged");
        assertThat(next(events, "configuration_change").toString())
                .contains("tagged")
                .doesNotContain("\"bool\"");
    }

    @Test
    void streamsAreCountedAndEndWithTheServer() throws Exception {
        GrpcClient.Stream events = flagd.events(V2);
        next(events, "provider_ready");
        await().until(() -> flagd.server.metrics().contains("andon_flagd_streams_open 1"));
        events.close();
        await().until(() -> flagd.server.metrics().contains("andon_flagd_streams_open 0"));
        GrpcClient.Stream more = flagd.events(V2);
        next(more, "provider_ready");
        flagd.server.server().close();
        await().until(() -> more.status() != null);
        assertThat(more.status().getCode())
                .as("JavaScript's providers don't come back after an orderly end")
                .isEqualTo(Status.Code.UNAVAILABLE);
    }

    private static EventStreamResponse next(GrpcClient.Stream events, String type) throws Exception {
        EventStreamResponse event = events.next(EventStreamResponse.parser());
        while (!event.getType().equals(type)) {
            event = events.next(EventStreamResponse.parser());
        }
        return event;
    }
}
