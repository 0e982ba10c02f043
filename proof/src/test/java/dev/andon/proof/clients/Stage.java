package dev.andon.proof.clients;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.FaultProxy;
import dev.andon.proof.harness.Ports;
import dev.andon.server.AndonServer;
import dev.andon.server.ServerConfig;
import dev.andon.server.flagd.FlagdConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A server with flags, its administrator, and a network between the server and clients that can be taken away. */
final class Stage implements AutoCloseable {
    static final String BOOL = "bool";
    private static final String PRODUCTION = "/api/v1/environments/production";

    private final Path data;
    private final int mainPort = Ports.free();
    private final int flagdEvaluation = Ports.free();
    private final int flagdSync = Ports.free();
    private final List<FaultProxy> networks =
            List.of(new FaultProxy(mainPort), new FaultProxy(flagdEvaluation), new FaultProxy(flagdSync));
    private final Api admin;
    private final String key;
    private final List<Json.Builder> killed = new ArrayList<>();
    private AndonServer server;

    Stage(Path data) throws IOException {
        this.data = data;
        this.server = open();
        this.admin = new Api(mainPort, Files.readString(server.adminTokenFile()).strip());
        this.key = admin.post(
                        "/api/v1/tokens",
                        Json.object()
                                .put("name", "page")
                                .put("role", "client")
                                .put("environment", "production")
                                .put("reason", "a client"))
                .expect(201)
                .text("secret");
    }

    private AndonServer open() {
        return AndonServer.start(ServerConfig.in(data)
                .withAddress("127.0.0.1", mainPort)
                .withFlagd(FlagdConfig.OFF
                        .withEvaluation(flagdEvaluation)
                        .withSync(flagdSync)
                        .withEnvironments(List.of("production"))));
    }

    Api admin() {
        return admin;
    }

    /** A client's key. */
    String key() {
        return key;
    }

    /** The API and OFREP, through the network. */
    URI http() {
        return URI.create("http://127.0.0.1:" + networks.get(0).port());
    }

    int evaluationPort() {
        return networks.get(1).port();
    }

    int syncPort() {
        return networks.get(2).port();
    }

    /** A flag of each type, on for everyone, and one that is on for those on the plan {@code vip} alone. */
    void flagsOfEveryType() {
        flag(BOOL, "boolean", Json.of(true), Json.of(false));
        flag("text", "string", Json.of("new"), Json.of("old"));
        flag("whole", "integer", Json.of(7), Json.of(0));
        flag("number", "number", Json.of(1.5), Json.of(0));
        flag(
                "object",
                "object",
                Json.object().put("a", 1).build(),
                Json.object().build());
        admin.createFlag("vip").expect(201);
        admin.configure("vip", forVips(), "for some", "*").expect(200);
    }

    /** A flag that is on for everyone, and so many less one that everyone gets a number from. */
    void flagAndCounters(int flags) {
        flag(BOOL, "boolean", Json.of(true), Json.of(false));
        for (int i = 0; i < flags - 1; i++) {
            flag(counter(i), "integer", Json.of(0), Json.of(-1));
        }
    }

    static String counter(int number) {
        return "counter-" + number;
    }

    /** Has everyone get this number. */
    void count(int number, int count) {
        admin.configure(counter(number), configuration(Json.of(count), Json.of(-1)), "one more", "*")
                .expect(200);
    }

    private static Json.Builder configuration(Json on, Json off) {
        return Json.object()
                .put("on", true)
                .put("variants", Json.object().put("on", on).put("off", off))
                .put("safeVariant", "off")
                .put("fallThrough", Json.object().put("variant", "on"));
    }

    private static Json.Builder forVips() {
        Json when = Json.object()
                .put("attribute", "plan")
                .put("in", Json.texts(List.of("vip")))
                .build();
        return Api.configuration("off")
                .put(
                        "rules",
                        Json.array(List.of(Json.object()
                                .put("when", when)
                                .put("serve", Json.object().put("variant", "on"))
                                .build())));
    }

    private void flag(String name, String type, Json on, Json off) {
        admin.post(
                        "/api/v1/flags",
                        Json.object()
                                .put(
                                        "flag",
                                        Json.object()
                                                .put("key", name)
                                                .put("type", type)
                                                .put("kind", "ops")
                                                .put("owner", "shop")
                                                .put("tags", Json.texts(List.of("checkout"))))
                                .put("configuration", configuration(on, off))
                                .put("environments", Json.texts(List.of("production")))
                                .put("reason", "a flag"))
                .expect(201);
    }

    /**
     * Returns when the operator has the answer, which nobody who is connected has to wait for.
     *
     * @return the kill's id
     */
    String kill(Json.Builder target) {
        return order(target).throwNow().join();
    }

    /** A kill that is confirmed and only has to be thrown. */
    Order order(Json.Builder target) {
        Json.Builder body = Json.object().put("target", target).put("reason", "it misbehaves");
        if (Answer.at(target.build(), "flag").equals(Json.Null.NULL)) {
            Answer rehearsed =
                    admin.post(PRODUCTION + "/kills?dryRun=true", body).expect(200);
            body.put("confirm", rehearsed.text("result.confirmation.token"));
        }
        killed.add(target);
        return () -> CompletableFuture.supplyAsync(() ->
                admin.post(PRODUCTION + "/kills", body).expect(200, 201, 202).text("id"));
    }

    @FunctionalInterface
    interface Order {
        /** Sends it; complete with the kill's id when it is answered. */
        CompletableFuture<String> throwNow();
    }

    void restoreAll() {
        for (Json.Builder target : killed) {
            admin.post(
                            PRODUCTION + "/restores",
                            Json.object().put("target", target).put("reason", "it is repaired"))
                    .expect(201);
        }
        killed.clear();
    }

    void restart() {
        server.close();
        server = open();
    }

    /** Ends all connections of clients, and lets no new one come to be. */
    void disconnect() {
        networks.forEach(FaultProxy::refuse);
    }

    void reconnect() {
        networks.forEach(FaultProxy::accept);
    }

    @Override
    public void close() {
        networks.forEach(FaultProxy::close);
        admin.close();
        server.close();
    }
}
