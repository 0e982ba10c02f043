package dev.andon.proof.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.clients.ForeignClient.Got;
import dev.andon.proof.harness.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Unmodified OpenFeature clients of every make: they are served, and stopped. Each has a server, which it keeps for all tests. */
@ParameterizedClass(name = "{0}")
@EnumSource
@Timeout(300)
class ClientsTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Map<String, String> ANN = Map.of("targetingKey", "ann");
    private static final Json.Builder FLAG = Json.object().put("flag", Stage.BOOL);

    private static final Conformance conformance = new Conformance("clients", "One server, one client");

    @TempDir
    private static Path folder;

    private static Stage stage;
    private static ForeignClient client;

    @Parameter
    private Make make;

    @RegisterExtension
    private final AfterTestExecutionCallback verdict = test -> conformance.tried(
            make,
            Conformance.words(test.getRequiredTestMethod().getName()),
            test.getExecutionException().isEmpty());

    @BeforeParameterizedClassInvocation
    static void connect(Make make) throws IOException {
        stage = new Stage(folder.resolve(make.name()));
        stage.flagsOfEveryType();
        client = make.connect(stage);
    }

    @AfterParameterizedClassInvocation
    static void disconnect(Make make) {
        client.close();
        stage.close();
        conformance.print(make);
    }

    @AfterAll
    static void keep() throws IOException {
        conformance.keep();
    }

    @BeforeEach
    void everythingIsOn() {
        stage.restoreAll();
        becomes(true, "begins with what is on");
    }

    private static boolean on() {
        return client.ask("boolean", Stage.BOOL, ANN).value().equals(Json.of(true));
    }

    private static void becomes(boolean on, String what) {
        Awaitility.await(what)
                .atMost(SOON)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .pollInSameThread()
                .until(() -> on() == on);
    }

    @Test
    void evaluatesEveryType() {
        assertThat(client.ask("boolean", "bool", ANN)).isEqualTo(got(Json.of(true)));
        assertThat(client.ask("string", "text", ANN)).isEqualTo(got(Json.of("new")));
        assertThat(client.ask("integer", "whole", ANN)).isEqualTo(got(Json.of(7)));
        assertThat(client.ask("number", "number", ANN)).isEqualTo(got(Json.of(1.5)));
        Got object = client.ask("object", "object", ANN);
        // By RPC, numbers in objects have no type.
        assertThat(object.value())
                .isIn(
                        Json.object().put("a", 1).build(),
                        Json.object().put("a", 1.0).build());
        assertThat(object).isEqualTo(got(object.value()));
        assertThat(client.ask("boolean", "none", ANN).value()).as("unknown").isEqualTo(Json.of(false));
    }

    private Got got(Json value) {
        Got got = client.ask("boolean", "bool", ANN);
        // By RPC nothing is called static, as clients would keep it.
        assertThat(got.reason()).isIn("STATIC", "DEFAULT");
        return new Got(value, "on", got.reason());
    }

    @Test
    void followsAChange() {
        stage.admin().configure(Stage.BOOL, "off", "roll back").expect(200);
        becomes(false, "a change");
        stage.admin().configure(Stage.BOOL, "on", "roll out again").expect(200);
        becomes(true, "another change");
    }

    @Test
    void obeysAKillOfEveryTarget() {
        for (Json.Builder target : List.of(
                FLAG,
                Json.object().put("tag", "checkout"),
                Json.object().put("owner", "shop"),
                Json.object().put("kind", "ops"),
                Json.object().put("everything", true))) {
            Stage.Order order = stage.order(target);
            long startNanos = System.nanoTime();
            CompletableFuture<String> answered = order.throwNow();
            becomes(false, "a kill of " + target.build().text());
            conformance.killed(make, "obeys a kill of every target", startNanos);
            answered.join();
            assertThat(client.ask("string", "text", ANN).value())
                    .as("another flag")
                    .isEqualTo(Json.of(target == FLAG ? "new" : "old"));
            if (!make.ownEngine()) {
                assertThat(client.ask("boolean", Stage.BOOL, ANN).reason()).isEqualTo("DISABLED");
            }
            stage.restoreAll();
            becomes(true, "its restore");
        }
    }

    @Test
    void survivesARestart() {
        stage.restart();
        becomes(true, "a restart");
        stage.kill(FLAG);
        becomes(false, "a kill after a restart");
    }

    @Test
    void obeysAKillThatWasThrownWhileItWasDisconnected() {
        stage.disconnect();
        stage.kill(FLAG);
        stage.reconnect();
        becomes(false, "a kill while disconnected");
        stage.restoreAll();
        // Otherwise a value of the code could pass for the safe one.
        becomes(true, "its restore");
    }

    /** One that asks the server confirms by that; one that evaluates by itself can't say more than that it was sent. */
    @Test
    void isInTheReceiptWithWhatIsKnown() {
        String kill = stage.kill(FLAG);
        becomes(false, "a kill with a receipt");
        // A page confirms with its next poll, which is long in coming.
        String known = make.ownEngine() || make == Make.WEB_OFREP ? "sent" : "confirmed";
        Awaitility.await(known).atMost(SOON).until(() -> states(kill).contains(known));
        assertThat(states(kill)).doesNotContain("applied");
        if (make.ownEngine()) {
            assertThat(states(kill)).doesNotContain("confirmed");
            assertThat(stage.admin().receipt(kill).text("receipt.verdict")).isNotEqualTo("proven");
        }
    }

    private static List<String> states(String kill) {
        return stage.admin().receipt(kill).items("receipt.instances").stream()
                .map(member -> Answer.text(member, "state"))
                .toList();
    }

    @Test
    void keepsContextsApart() {
        for (int round = 0; round < 5; round++) {
            for (String plan : List.of("vip", "free")) {
                Got got = client.ask("boolean", "vip", Map.of("targetingKey", "ann", "plan", plan));
                assertThat(got.value()).as(plan).isEqualTo(Json.of(plan.equals("vip")));
                assertThat(got.variant()).as(plan).isEqualTo(plan.equals("vip") ? "on" : "off");
            }
        }
    }
}
