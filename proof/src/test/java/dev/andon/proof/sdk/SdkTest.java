package dev.andon.proof.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.ErrorCode;
import dev.andon.core.evaluate.Reason;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.FaultProxy;
import dev.andon.proof.harness.Pace;
import dev.andon.proof.harness.Until;
import dev.andon.sdk.Andon;
import dev.andon.sdk.AndonOptions;
import dev.andon.sdk.BoolFlag;
import dev.andon.sdk.Details;
import dev.andon.sdk.Status;
import dev.andon.server.AndonServer;
import dev.andon.server.ServerConfig;
import dev.andon.server.delivery.StreamLimits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The SDK against a whole server, as applications and operators see it. */
class SdkTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final AtomicInteger NAMES = new AtomicInteger();

    @TempDir
    private static Path data;

    private static AndonServer server;
    private static Api admin;
    private static String key;

    @TempDir
    private Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();
    private FaultProxy network;
    private String flag;

    @BeforeAll
    static void serve() throws Exception {
        server = AndonServer.start(ServerConfig.in(data)
                .withAddress("127.0.0.1", 0)
                .withStreams(StreamLimits.DEFAULT.withHeartbeatMs(1_000)));
        admin = new Api(server.port(), Files.readString(server.adminTokenFile()).strip());
        key = admin.sdkKey("sdk-test");
    }

    @AfterAll
    static void end() {
        admin.close();
        server.close();
    }

    @BeforeEach
    void flag() {
        flag = "flag-" + NAMES.incrementAndGet();
        admin.createFlag(flag).expect(201);
        network = new FaultProxy(server.port());
        open.add(network);
    }

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    private AndonOptions.Builder options(int port) {
        return AndonOptions.builder()
                .server(URI.create("http://127.0.0.1:" + port))
                .key(key)
                .service("checkout")
                .instance("i-" + NAMES.get())
                .region("eu-west")
                .stateDirectory(directory)
                .closeOnExit(false);
    }

    private Andon connect(AndonOptions.Builder options) {
        Andon andon = Andon.connect(options.build());
        open.add(andon);
        return andon;
    }

    private Andon live() throws InterruptedException {
        Andon andon = connect(options(network.port()));
        assertThat(andon.awaitReady(SOON)).isTrue();
        return andon;
    }

    private static void holds(String what, java.util.concurrent.Callable<Boolean> condition) {
        Until.holds(what, SOON, condition);
    }

    @Test
    void evaluates_follows_changes_obeys_kills_and_proves_them() throws InterruptedException {
        Andon andon = live();
        BoolFlag checkout = andon.bool(flag);
        assertThat(checkout.isOn(Context.EMPTY)).isTrue();
        admin.configure(flag, "off", "switch it off").expect(200);
        holds("the change", () -> !checkout.isOn(Context.EMPTY));
        admin.configure(flag, "on", "and on again").expect(200);
        holds("the change back", () -> checkout.isOn(Context.EMPTY));

        String kill = admin.kill(flag, "errors").expect(201).text("id");
        Answer receipt = admin.receipt(kill, SOON);

        assertThat(receipt.text("receipt.verdict")).isEqualTo("proven");
        Details<Boolean> details = checkout.evaluate(Context.EMPTY, true);
        assertThat(details.reason()).isEqualTo(Reason.KILLED);
        assertThat(details.kill().orElseThrow()).hasToString(kill);
        Json instance = receipt.items("receipt.instances").getFirst();
        assertThat(Answer.text(instance, "service")).isEqualTo("checkout");
        assertThat(Answer.text(instance, "region")).isEqualTo("eu-west");

        admin.restore(flag, "mended").expect(200, 201);
        holds("the restore", () -> checkout.isOn(Context.EMPTY));
    }

    @Test
    void an_instance_is_live_while_connected_and_gone_after_goodbye() throws InterruptedException {
        Andon andon = live();
        String instance = "i-" + NAMES.get();
        holds("live", () -> "live".equals(state(instance)));
        andon.close();
        holds("gone", () -> "gone".equals(state(instance)));
    }

    /** Who said goodbye isn't on the roll any more. */
    private static String state(String instance) {
        return admin.instances().stream()
                .filter(json -> Answer.text(json, "instance").equals(instance))
                .map(json -> Answer.text(json, "state"))
                .findFirst()
                .orElse("gone");
    }

    @Test
    void the_server_hears_of_defaults_that_differ_from_the_safe_variant() throws InterruptedException {
        Andon andon = live();
        andon.bool(flag).value(Context.EMPTY, true);
        String instance = "i-" + NAMES.get();
        holds(
                "the divergent default",
                () -> admin.instances().stream()
                        .filter(json -> Answer.text(json, "instance").equals(instance))
                        .anyMatch(json -> json.text().contains(flag)));
    }

    @Test
    void begins_with_the_last_known_state_when_the_server_is_gone_and_recovers_in_two_seconds() throws Exception {
        Andon first = live();
        String kill = admin.kill(flag, "errors").expect(201).text("id");
        holds("the kill", () -> !first.bool(flag).isOn(Context.EMPTY));
        holds("the kill is on disk", () -> saved().contains(kill));
        first.close();
        network.refuse();

        Andon second = connect(options(network.port()).blindAfter(Duration.ofSeconds(2)));
        Details<Boolean> details = second.bool(flag).evaluate(Context.EMPTY, true);
        assertThat(details.value()).isFalse();
        assertThat(details.kill().orElseThrow()).hasToString(kill);
        assertThat(second.status().state()).isEqualTo(Status.State.STALE);

        admin.restore(flag, "mended while it was away").expect(200, 201);
        holds(
                "long enough to rest as long as it ever does",
                () -> second.status().state() == Status.State.BLIND);
        assertThat(second.bool(flag).isOn(Context.EMPTY)).isFalse();
        long startNanos = System.nanoTime();
        network.accept();
        holds("the recovery", () -> second.bool(flag).isOn(Context.EMPTY));
        long recoveredMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        holds("live", () -> second.status().live());
        long plainNanos = System.nanoTime();
        Andon third = connect(options(network.port()).instance("plain").stateDirectory(directory.resolve("plain")));
        holds("one that finds a server", () -> third.bool(flag).isOn(Context.EMPTY));
        Pace pace = new Pace(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - plainNanos));
        assertThat(recoveredMs).isLessThan(pace.most(2_000));
    }

    private String saved() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".json")).toList()) {
                text.append(Files.readString(file));
            }
        }
        return text.toString();
    }

    @Test
    void what_is_to_be_safe_when_blind_is_safe_in_a_process_that_begins_without_a_server() throws Exception {
        Json.Builder configuration =
                Api.configuration("on").put("whenBlind", Json.object().put("safeAfterSeconds", 3_600));
        admin.configure(flag, configuration, "dangerous", "*").expect(200);
        Andon first = live();
        holds("on", () -> first.bool(flag).isOn(Context.EMPTY));
        holds("the configuration is on disk", () -> saved().contains("3600"));
        first.close();
        network.refuse();

        Andon second = connect(options(network.port()));
        assertThat(second.bool(flag).evaluate(Context.EMPTY, true).reason()).isEqualTo(Reason.BLIND);
        network.accept();
        holds("on", () -> second.bool(flag).isOn(Context.EMPTY));
    }

    @Test
    void with_neither_server_nor_file_callers_get_their_defaults() {
        network.refuse();
        Andon andon = connect(options(network.port()));
        assertThat(andon.bool(flag).evaluate(Context.EMPTY, true).error()).contains(ErrorCode.NOT_READY);
        network.accept();
        holds(
                "the recovery",
                () -> andon.bool(flag).evaluate(Context.EMPTY, false).value());
    }

    @Test
    void keeps_the_state_through_resets_stalls_and_half_open_connections() throws InterruptedException {
        Andon andon = live();
        BoolFlag checkout = andon.bool(flag);
        network.cut();
        holds("stale at once", () -> !andon.status().live());
        assertThat(checkout.isOn(Context.EMPTY)).isTrue();
        holds("live again", () -> andon.status().live());

        network.stall();
        holds("a silent network is noticed", () -> !andon.status().live());
        assertThat(checkout.isOn(Context.EMPTY)).isTrue();
        network.forward();
        holds("live again", () -> andon.status().live());
        String kill = admin.kill(flag, "errors").expect(201).text("id");
        holds("the kill", () -> !checkout.isOn(Context.EMPTY));
        assertThat(kill).isNotEmpty();
    }

    @Test
    void flags_that_are_to_be_safe_when_blind_are() throws InterruptedException {
        Json.Builder configuration =
                Api.configuration("on").put("whenBlind", Json.object().put("safeAfterSeconds", 1));
        admin.configure(flag, configuration, "dangerous", "*").expect(200);
        Andon andon = live();
        BoolFlag risky = andon.bool(flag);
        assertThat(risky.isOn(Context.EMPTY)).isTrue();
        network.refuse();
        holds("safe", () -> risky.evaluate(Context.EMPTY, true).reason() == Reason.BLIND);
        network.accept();
        holds("back", () -> risky.isOn(Context.EMPTY));
    }

    @Test
    void polls_where_upgrades_are_blocked_with_kills_and_receipts_as_ever() throws Exception {
        try (NoUpgrades box = new NoUpgrades(server.port())) {
            Andon andon = connect(options(box.port()));
            assertThat(andon.awaitReady(SOON)).isTrue();
            assertThat(box.blocked.get()).isGreaterThanOrEqualTo(3);
            BoolFlag checkout = andon.bool(flag);
            assertThat(checkout.isOn(Context.EMPTY)).isTrue();
            for (int i = 0; i < 5; i++) {
                String kill = admin.kill(flag, "errors").expect(201).text("id");
                assertThat(admin.receipt(kill, SOON).text("receipt.verdict")).isEqualTo("proven");
                assertThat(checkout.isOn(Context.EMPTY)).isFalse();
                admin.restore(flag, "mended").expect(200, 201);
                holds("the restore", () -> checkout.isOn(Context.EMPTY));
            }
            assertThat(andon.status().live()).isTrue();
            String instance = "i-" + NAMES.get();
            andon.close();
            holds("gone", () -> "gone".equals(state(instance)));
        }
    }

    @Test
    void a_kill_between_two_reports_is_proven_by_polls_that_cross_its_answer() throws Exception {
        try (NoUpgrades box = new NoUpgrades(server.port())) {
            Andon andon = connect(options(box.port()));
            assertThat(andon.awaitReady(SOON)).isTrue();
            List<Status.State> states = new CopyOnWriteArrayList<>();
            andon.onStatus(status -> states.add(status.state()));
            AtomicBoolean done = new AtomicBoolean();
            Thread application = Thread.ofVirtual().start(() -> {
                while (!done.get()) {
                    // Whatever is served is reported, with a poll of its own.
                    andon.bool(flag).isOn(Context.EMPTY);
                    LockSupport.parkNanos(1_000_000);
                }
            });
            for (int i = 0; i < 20; i++) {
                String kill = admin.kill(flag, "errors").expect(201).text("id");
                assertThat(admin.receipt(kill, SOON).text("receipt.verdict")).isEqualTo("proven");
                admin.restore(flag, "mended").expect(200, 201);
            }
            done.set(true);
            application.join();
            assertThat(states).as("contact was never lost").isEmpty();
        }
    }

    @Test
    void a_wrong_key_leaves_callers_their_defaults() throws InterruptedException {
        Andon andon = connect(options(network.port()).key("andon_sdk_wrong"));
        assertThat(andon.awaitReady(Duration.ofMillis(500))).isFalse();
        assertThat(andon.bool(flag).value(Context.EMPTY, true)).isTrue();
        assertThat(andon.status().state()).isEqualTo(Status.State.BLIND);
    }

    /** In an environment of its own: who is cut off so is unreachable, and stands in receipts for ten minutes. */
    @Test
    void a_revoked_key_ends_the_stream_and_the_state_stays() throws InterruptedException {
        Answer issued = admin.post(
                        "/api/v1/tokens",
                        Json.object()
                                .put("name", "short-lived")
                                .put("role", "sdk")
                                .put("environment", "staging")
                                .put("reason", "test"))
                .expect(201);
        Andon andon = connect(options(network.port()).key(issued.text("secret")));
        assertThat(andon.awaitReady(SOON)).isTrue();
        assertThat(andon.environment()).isEqualTo("staging");
        Provenance held = andon.version();
        admin.delete("/api/v1/tokens/" + issued.text("token.id") + "?reason=leaked")
                .expect(200);
        holds("contact is lost", () -> !andon.status().live());
        assertThat(andon.version()).isEqualTo(held);
        assertThat(andon.environment()).isEqualTo("staging");
    }
}
