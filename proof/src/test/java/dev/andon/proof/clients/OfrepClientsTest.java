package dev.andon.proof.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.clients.ForeignClient.Got;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.FaultProxy;
import dev.andon.proof.harness.Ports;
import dev.andon.proof.harness.Until;
import dev.andon.server.AndonServer;
import dev.andon.server.ServerConfig;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Unmodified OpenFeature clients by OFREP: they are served, and stopped. */
class OfrepClientsTest {
    private static final Logger log = LoggerFactory.getLogger(OfrepClientsTest.class);
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Map<String, String> ANN = Map.of("targetingKey", "ann");
    private static final String PRODUCTION = "/api/v1/environments/production";

    @TempDir
    private Path folder;

    private final int port = Ports.free();
    private AndonServer server;
    private Api admin;
    private String key;

    enum Make {
        JAVA,
        NODE,
        WEB;

        ForeignClient connect(URI server, String key) {
            return switch (this) {
                case JAVA -> new JavaClient(server, key);
                case NODE -> NodeClient.server(server, key);
                case WEB -> NodeClient.web(server, key);
            };
        }
    }

    @BeforeEach
    void start() throws Exception {
        open();
        admin = new Api(port, Files.readString(server.adminTokenFile()).strip());
        key = admin.post(
                        "/api/v1/tokens",
                        Json.object()
                                .put("name", "page")
                                .put("role", "client")
                                .put("environment", "production")
                                .put("reason", "a client"))
                .expect(201)
                .text("secret");
        flag("bool", "boolean", Json.of(true), Json.of(false));
        flag("text", "string", Json.of("new"), Json.of("old"));
        flag("whole", "integer", Json.of(7), Json.of(0));
        flag("number", "number", Json.of(1), Json.of(0));
        flag(
                "object",
                "object",
                Json.object().put("a", 1).build(),
                Json.object().build());
    }

    @AfterEach
    void stop() {
        admin.close();
        server.close();
    }

    private void open() {
        server = AndonServer.start(ServerConfig.in(folder.resolve("data")).withAddress("127.0.0.1", port));
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
                                .put(
                                        "configuration",
                                        Json.object()
                                                .put("on", true)
                                                .put(
                                                        "variants",
                                                        Json.object()
                                                                .put("on", on)
                                                                .put("off", off))
                                                .put("safeVariant", "off")
                                                .put(
                                                        "fallThrough",
                                                        Json.object().put("variant", "on")))
                                .put("environments", Json.texts(List.of("production")))
                                .put("reason", "a flag"))
                .expect(201);
    }

    private void kill(Json.Builder target) {
        Json.Builder body = Json.object().put("target", target).put("reason", "it misbehaves");
        String confirm =
                admin.post(PRODUCTION + "/kills?dryRun=true", body).expect(200).text("result.confirmation.token");
        admin.post(PRODUCTION + "/kills", body.put("confirm", confirm)).expect(200, 201, 202);
    }

    private void restore(Json.Builder target) {
        admin.post(PRODUCTION + "/restores", target.put("reason", "it is repaired"))
                .expect(201);
    }

    private static boolean on(ForeignClient client) {
        return client.ask("boolean", "bool", ANN).value().equals(Json.of(true));
    }

    private static void becomes(boolean on, String what, ForeignClient client) {
        long startNanos = System.nanoTime();
        Until.holds(what, SOON, () -> on(client) == on);
        log.info("{}: seen after {} ms", what, (System.nanoTime() - startNanos) / 1_000_000);
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeIsEvaluatedAndAChangeFollowed(Make make) {
        try (ForeignClient client = make.connect(server.uri(), key)) {
            assertThat(client.ask("boolean", "bool", ANN)).isEqualTo(new Got(Json.of(true), "on", "STATIC"));
            assertThat(client.ask("string", "text", ANN)).isEqualTo(new Got(Json.of("new"), "on", "STATIC"));
            assertThat(client.ask("integer", "whole", ANN)).isEqualTo(new Got(Json.of(7), "on", "STATIC"));
            Got number = client.ask("number", "number", ANN);
            assertThat(number.value()).isIn(Json.of(1), Json.of(1.0));
            assertThat(number.variant()).isEqualTo("on");
            assertThat(client.ask("object", "object", ANN).value())
                    .isEqualTo(Json.object().put("a", 1).build());
            assertThat(client.ask("boolean", "none", ANN).value()).as("unknown").isEqualTo(Json.of(false));
            admin.configure("bool", "off", "roll back").expect(200);
            becomes(false, make + ", a change", client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void killsOfEveryTargetAreObeyed(Make make) {
        List<Json.Builder> targets = List.of(
                Json.object().put("flag", "bool"),
                Json.object().put("tag", "checkout"),
                Json.object().put("owner", "shop"),
                Json.object().put("kind", "ops"),
                Json.object().put("everything", true));
        try (ForeignClient client = make.connect(server.uri(), key)) {
            assertThat(on(client)).isTrue();
            for (Json.Builder target : targets) {
                kill(target);
                becomes(false, make + ", a kill of " + target.build().text(), client);
                assertThat(client.ask("boolean", "bool", ANN).reason()).isEqualTo("DISABLED");
                restore(Json.object().put("target", target));
                becomes(true, make + ", its restore", client);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRestartIsSurvived(Make make) {
        try (ForeignClient client = make.connect(server.uri(), key)) {
            assertThat(on(client)).isTrue();
            server.close();
            open();
            becomes(true, make + ", a restart", client);
            kill(Json.object().put("flag", "bool"));
            becomes(false, make + ", a kill after a restart", client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aKillThatWasThrownWhileItWasDisconnectedIsObeyed(Make make) throws Exception {
        try (FaultProxy network = new FaultProxy(port);
                ForeignClient client = make.connect(URI.create("http://127.0.0.1:" + network.port()), key)) {
            assertThat(on(client)).isTrue();
            network.refuse();
            network.cut();
            kill(Json.object().put("flag", "bool"));
            network.accept();
            becomes(false, make + ", a kill while disconnected", client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void noContextGetsAnotherOnesValues(Make make) {
        admin.configure(
                        "bool",
                        Api.configuration("off")
                                .put(
                                        "rules",
                                        Json.array(List.of(Json.object()
                                                .put(
                                                        "when",
                                                        Json.object()
                                                                .put("attribute", "plan")
                                                                .put("in", Json.texts(List.of("vip"))))
                                                .put("serve", Json.object().put("variant", "on"))
                                                .build()))),
                        "for some",
                        "*")
                .expect(200);
        try (ForeignClient client = make.connect(server.uri(), key)) {
            for (int round = 0; round < 5; round++) {
                for (String plan : List.of("vip", "free")) {
                    Got got = client.ask("boolean", "bool", Map.of("targetingKey", "ann", "plan", plan));
                    assertThat(got.value()).as(plan).isEqualTo(Json.of(plan.equals("vip")));
                }
            }
        }
    }
}
