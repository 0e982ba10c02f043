package dev.andon.server;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.flagd.evaluation.v2.EventStreamRequest;
import dev.andon.flagd.evaluation.v2.ResolveBooleanRequest;
import dev.andon.flagd.evaluation.v2.ResolveBooleanResponse;
import dev.andon.flagd.sync.v1.SyncFlagsRequest;
import dev.andon.flagd.sync.v1.SyncFlagsResponse;
import dev.andon.server.flagd.FlagdConfig;
import dev.andon.server.node.FaultyStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A server that serves flagd's clients a flag of every type, and such a client. */
final class FlagdFixture implements AutoCloseable {
    static final String V1 = "flagd.evaluation.v1.Service/";
    static final String V2 = "flagd.evaluation.v2.Service/";
    static final String SYNC = "flagd.sync.v1.FlagSyncService/";

    private static final String ON_OFF = "{'on':true,'off':false}";

    final ServerFixture server;
    final ApiClient api;
    private final List<Runnable> parts = new ArrayList<>();
    GrpcClient evaluation;
    GrpcClient sync;

    FlagdFixture(Path folder) throws IOException {
        this(folder, config -> config, config -> config);
    }

    FlagdFixture(Path folder, UnaryOperator<FlagdConfig> flagd, UnaryOperator<ServerConfig> more) throws IOException {
        FlagdConfig config = FlagdConfig.OFF
                .withEvaluation(Ports.free())
                .withSync(Ports.free())
                .withEnvironments(List.of("production", "staging"))
                .withTimes(300, 200);
        server = new ServerFixture(folder)
                .with(before ->
                        more.apply(before.withAddress("127.0.0.1", Ports.free()).withFlagd(flagd.apply(config))))
                .start();
        api = new ApiClient(
                server.uri(), Files.readString(server.server().adminTokenFile()).strip());
        evaluation = keep(GrpcClient.of(evaluationPort()));
        sync = keep(GrpcClient.of(syncPort()));
        flag("bool", "boolean", ON_OFF, "{'variant':'on'}");
        flag("text", "string", "{'on':'new','off':'old'}", "{'variant':'on'}");
        flag("whole", "integer", "{'on':7,'off':0}", "{'variant':'on'}");
        flag("number", "number", "{'on':1.5,'off':0.5}", "{'variant':'on'}");
        flag("object", "object", "{'on':{'a':[1,2.5,'x',null,true]},'off':{}}", "{'variant':'on'}");
        flag("split", "boolean", ON_OFF, "{'split':[{'variant':'on','weight':1},{'variant':'off','weight':1}]}");
        flag("tagged", "boolean", ON_OFF, "{'variant':'on'}", "'checkout'", "production");
        flag("staged", "boolean", ON_OFF, "{'variant':'on'}", "'checkout'", "staging");
    }

    int evaluationPort() {
        return server.server().flagdEvaluationPort().orElseThrow();
    }

    int syncPort() {
        return server.server().flagdSyncPort().orElseThrow();
    }

    GrpcClient keep(GrpcClient client) {
        parts.add(client::close);
        return client;
    }

    private GrpcClient.Stream keep(GrpcClient.Stream stream) {
        parts.add(stream::close);
        return stream;
    }

    /** On the same ports. */
    void restart(FaultyStore.Mode mode) {
        int evaluationPort = evaluationPort();
        int syncPort = syncPort();
        int port = server.server().port();
        server.with(config -> config.withAddress("127.0.0.1", port)
                .withFlagd(config.flagd().withEvaluation(evaluationPort).withSync(syncPort)));
        server.restart(mode);
    }

    void flag(String name, String type, String variants, String fallThrough) {
        flag(name, type, variants, fallThrough, "", "production");
    }

    void flag(String name, String type, String variants, String fallThrough, String tags, String environment) {
        done(api.post(
                "/api/v1/flags",
                "{'flag':{'key':'" + name + "','type':'" + type + "','owner':'shop','tags':[" + tags
                        + "]},'configuration':{'on':true,'variants':" + variants
                        + ",'safeVariant':'off','fallThrough':" + fallThrough + "},'environments':['" + environment
                        + "'],'reason':'r'}"));
    }

    /** Puts a boolean flag's fall-through. */
    void serve(String name, String variant) {
        done(api.put(
                "/api/v1/environments/production/flags/" + name,
                "{'configuration':{'on':true,'variants':" + ON_OFF + ",'safeVariant':'off','fallThrough':{'variant':'"
                        + variant + "'}},'reason':'r'}",
                "If-Match",
                "*"));
    }

    /** @return the kill's id */
    String kill(String flag) {
        ApiClient.Answer killed = api.post(
                "/api/v1/environments/production/kills", "{'target':{'flag':'" + flag + "'},'reason':'it misbehaves'}");
        done(killed);
        return killed.text("id");
    }

    void restore(String kill) {
        done(api.post("/api/v1/environments/production/restores", "{'kill':'" + kill + "','reason':'r'}"));
    }

    ApiClient.Answer issued(String name, String role, String environment) {
        return api.post(
                "/api/v1/tokens",
                "{'name':'" + name + "','role':'" + role + "','environment':'" + environment + "','reason':'r'}");
    }

    private static void done(ApiClient.Answer answer) {
        if (answer.status() >= 300) {
            throw new AssertionError(answer.body());
        }
    }

    GrpcClient.Stream documents(int ahead, String... headers) {
        return documents(sync, ahead, headers);
    }

    GrpcClient.Stream documents(GrpcClient client, int ahead, String... headers) {
        return keep(client.stream(SYNC + "SyncFlags", SyncFlagsRequest.getDefaultInstance(), ahead, headers));
    }

    GrpcClient.Stream events(String version, String... headers) {
        return keep(
                evaluation.stream(version + "EventStream", EventStreamRequest.getDefaultInstance(), 1_000, headers));
    }

    ResolveBooleanResponse bool(String flag, String... headers) throws IOException {
        return evaluation.call(V2 + "ResolveBoolean", asked(flag), ResolveBooleanResponse.parser(), headers);
    }

    static MessageLite asked(String flag) {
        return ResolveBooleanRequest.newBuilder()
                .setFlagKey(flag)
                .setContext(context("ann"))
                .build();
    }

    static Struct context(String targetingKey) {
        return Struct.newBuilder()
                .putFields(
                        "targetingKey",
                        Value.newBuilder().setStringValue(targetingKey).build())
                .build();
    }

    /** What a document serves everybody of a boolean flag. */
    static String served(SyncFlagsResponse response, String flag) {
        return flags(response).object(flag).text("defaultVariant");
    }

    private static Fields flags(SyncFlagsResponse response) {
        return Fields.lenient(document(response.getFlagConfiguration())).object("flags");
    }

    /** Which flags a document has. */
    static Set<String> names(String document) {
        Json flags = ((Json.Members) document(document)).members().get("flags");
        return ((Json.Members) flags).members().keySet();
    }

    private static Json document(String text) {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        parts.forEach(Runnable::run);
        api.close();
        server.close();
    }
}
