package dev.andon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.sdk.AndonOptions;
import dev.andon.server.AndonServer;
import dev.andon.server.ServerConfig;
import dev.andon.store.LedgerStore;
import dev.andon.store.StoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The document of a kill that scripts rely on, from a real server with a real instance. */
class KillShapeTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private volatile boolean cutOff;
    private AndonServer server;
    private dev.andon.sdk.Andon instance;

    @BeforeEach
    void start() throws InterruptedException {
        server = AndonServer.start(
                ServerConfig.in(directory.resolve("data")).withAddress("127.0.0.1", 0), this::severable);
        assertThat(andon("flag", "create", "new-checkout", "--owner", "shop", "-r", "x")
                        .exitCode())
                .isZero();
        String key = Fields.lenient(
                        andon("token", "create", "cart", "--role", "sdk", "-e", "production", "-r", "x", "--json")
                                .json())
                .text("secret");
        instance = dev.andon.sdk.Andon.connect(AndonOptions.builder()
                .server(server.uri())
                .key(key)
                .service("cart")
                .instance("cart-1")
                .region("eu-west")
                .build());
        assertThat(instance.awaitReady(SOON)).isTrue();
    }

    @AfterEach
    void close() {
        instance.close();
        server.close();
    }

    /** A store that takes nothing while it is cut off. */
    private LedgerStore severable(LedgerStore store) {
        return (LedgerStore) Proxy.newProxyInstance(
                LedgerStore.class.getClassLoader(), new Class<?>[] {LedgerStore.class}, (proxy, method, arguments) -> {
                    if (cutOff && method.getName().equals("append")) {
                        throw new StoreException(StoreException.Code.UNAVAILABLE, "cut off");
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private Run andon(String... arguments) {
        return Run.place()
                .in(directory)
                .with("ANDON_SERVER", server.uri().toString())
                .with("ANDON_DATA", "data")
                .andon(arguments);
    }

    @Test
    void aKillThatHasSettledNamesEveryInstance() {
        Run run = andon("kill", "new-checkout", "-e", "production", "-r", "x", "--wait", "60s", "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        String id = shape(run.json()).text("id");
        Fields kill = await().atMost(SOON)
                .until(() -> receipt(id), shown -> shown.text("ledger").equals("settled"));
        assertThat(kill.whole("version", 1, Long.MAX_VALUE)).isPositive();
        Fields receipt = kill.object("receipt");
        assertThat(receipt.text("verdict")).isEqualTo("proven");
        assertThat(receipt.whole("applied", 0, 10)).isEqualTo(1);
        for (String time : List.of("p50Ms", "p99Ms", "maxMs")) {
            assertThat(receipt.number(time)).isNotNegative();
        }
        Fields member = Fields.lenient(receipt.items("instances").getFirst());
        assertThat(member.text("service")).isEqualTo("cart");
        assertThat(member.text("instance")).isEqualTo("cart-1");
        assertThat(member.text("region")).isEqualTo("eu-west");
        assertThat(member.text("sdk")).startsWith("andon-java/");
        assertThat(member.text("state")).isEqualTo("applied");
        assertThat(member.number("appliedMs")).isNotNegative();
    }

    @Test
    void aKillOnItsWayToTheLedgerHasNoVersionYet() {
        cutOff = true;
        Run run = andon("kill", "new-checkout", "-e", "production", "-r", "x", "--wait", "60s", "--json");
        assertThat(run.exitCode())
                .as("proven, though not settled: " + run.err())
                .isZero();
        Fields kill = shape(run.json());
        assertThat(kill.text("ledger")).isEqualTo("pending");
        assertThat(kill.has("version")).as("null").isFalse();
        String id = kill.text("id");
        await().atMost(SOON).until(() -> receipt(id).bool("durable"));
        cutOff = false;
        await().atMost(SOON).until(() -> receipt(id).text("ledger").equals("settled"));
    }

    private Fields receipt(String kill) {
        return shape(andon("receipt", kill, "--json").json());
    }

    /** Refuses a document that lacks a member, or has it in another type. */
    private static Fields shape(Json document) {
        Fields kill = Fields.lenient(document);
        assertThat(members(document))
                .contains("id", "target", "flags", "environment", "ledger", "version", "durable", "receipt")
                .endsWith("receipt");
        assertThat(kill.text("id")).matches("[0-9a-f]{24}-\\d+");
        assertThat(kill.text("target")).isEqualTo("new-checkout");
        assertThat(kill.texts("flags")).containsExactly("new-checkout");
        assertThat(kill.text("environment")).isEqualTo("production");
        kill.bool("durable");
        Json receipt = kill.json("receipt");
        assertThat(members(receipt))
                .containsExactly(
                        "verdict",
                        "applied",
                        "returned",
                        "confirmed",
                        "sent",
                        "unconfirmable",
                        "silent",
                        "unreachable",
                        "gone",
                        "unlisted",
                        "missingNodes",
                        "widened",
                        "p50Ms",
                        "p99Ms",
                        "maxMs",
                        "groups",
                        "inFlight",
                        "relapses",
                        "final",
                        "instances");
        for (Json member : Fields.lenient(receipt).items("instances")) {
            assertThat(members(member))
                    .containsExactly("service", "instance", "region", "sdk", "protocol", "state", "appliedMs");
        }
        return kill;
    }

    private static List<String> members(Json object) {
        assertThat(object).isInstanceOf(Json.Members.class);
        return object instanceof Json.Members(Map<String, Json> members) ? List.copyOf(members.keySet()) : List.of();
    }
}
