package dev.andon.proof.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Reason;
import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Child;
import dev.andon.proof.harness.Logs;
import dev.andon.proof.harness.Ports;
import dev.andon.proof.harness.Until;
import dev.andon.sdk.Andon;
import dev.andon.sdk.AndonOptions;
import dev.andon.sdk.BoolFlag;
import dev.andon.server.AndonServer;
import dev.andon.server.ServerConfig;
import dev.andon.server.delivery.StreamLimits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stops a flag below the server: with a server, without one, and with no state at all. */
class StoppedBelowTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String BY_ENVIRONMENT = "stopped-by-environment";
    private static final String BY_FILE = "stopped-by-file";
    private static final String BY_CODE = "stopped-by-code";
    private static final String DEPENDENT = "dependent";
    private static final String FREE = "free";

    @TempDir
    private Path directory;

    private final int port = Ports.free();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private AndonServer server;
    private Api admin;
    private String key;

    @BeforeEach
    void serve() throws IOException {
        server = start();
        admin = new Api(port, Files.readString(server.adminTokenFile()).strip());
        open.push(admin);
        key = admin.sdkKey("stopped");
        admin.createFlag(BY_ENVIRONMENT).expect(201);
        admin.createFlag(BY_FILE, "vendor:stripe").expect(201);
        admin.createFlag(BY_CODE).expect(201);
        admin.createFlag(FREE).expect(201);
        admin.createFlag(DEPENDENT).expect(201);
        Json.Builder requiring = Api.configuration("on")
                .put(
                        "prerequisites",
                        Json.array(List.of(Json.object()
                                .put("flag", BY_ENVIRONMENT)
                                .put("variants", Json.texts(List.of("on")))
                                .build())));
        admin.configure(DEPENDENT, requiring, "it builds on another", "*").expect(200);
    }

    private AndonServer start() {
        return AndonServer.start(ServerConfig.in(directory.resolve("server"))
                .withAddress("127.0.0.1", port)
                .withStreams(StreamLimits.DEFAULT.withHeartbeatMs(1_000)));
    }

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
        server.close();
    }

    private Child application(String name, Path state) throws IOException {
        Path file = Files.writeString(
                directory.resolve("kills"), "# INC-7\ntag:vendor:stripe card payments fail\n" + BY_FILE + "\n");
        Child child = Child.start(
                name,
                Logs.directory(),
                List.of("-Xmx128m"),
                StoppedMain.class,
                List.of("" + port, key, name, state.toString(), BY_CODE, BY_ENVIRONMENT, BY_FILE, DEPENDENT, FREE),
                Map.of("ANDON_KILL", BY_ENVIRONMENT + ",kind:lorry", "ANDON_KILL_FILE", file.toString()));
        open.push(child);
        return child;
    }

    private static String said(Child child, String start) {
        return child.awaitLine(start, 0, SOON, line -> line.startsWith(start + " "));
    }

    private static void isStopped(Child child, String when, boolean value) {
        String middle = " " + value + " KILLED_LOCALLY KILLED_LOCALLY stopped in this process by its ";
        assertThat(said(child, when + " " + BY_ENVIRONMENT))
                .contains(BY_ENVIRONMENT + middle + "environment: set in ANDON_KILL");
        assertThat(said(child, when + " " + BY_FILE)).contains(BY_FILE + middle + "file: ");
        assertThat(said(child, when + " " + BY_CODE)).contains(BY_CODE + middle + "code: it misbehaves");
    }

    private List<Json> showing(String instance) {
        return admin.instances().stream()
                .filter(one -> Answer.text(one, "instance").equals(instance)
                        && Answer.text(one, "state").equals("live")
                        && Answer.at(one, "localStops") instanceof Json.Array)
                .toList();
    }

    /** What the server shows of an instance's stops, once it knows them. */
    private String shown(String instance) {
        Json one = Until.accepted(instance + " is shown", SOON, () -> showing(instance), found -> !found.isEmpty())
                .getFirst();
        return Answer.at(one, "localStops").text()
                + Answer.at(one, "localProblems").text();
    }

    private void askAll(Child child) {
        List.of(BY_CODE, BY_ENVIRONMENT, BY_FILE, DEPENDENT, FREE).forEach(child::say);
    }

    @Test
    void every_source_stops_with_a_server_without_one_and_with_an_empty_disk() throws Exception {
        Path state = Files.createDirectories(directory.resolve("state"));
        Child served = application("served", state);
        for (String flag : List.of(BY_CODE, BY_ENVIRONMENT, BY_FILE)) {
            assertThat(said(served, "first " + flag)).contains(" KILLED_LOCALLY KILLED_LOCALLY ");
        }
        assertThat(shown("served"))
                .contains("\"source\":\"environment\",\"target\":{\"flag\":\"" + BY_ENVIRONMENT + "\"}")
                .contains(
                        "\"source\":\"file\",\"target\":{\"tag\":\"vendor:stripe\"},\"reason\":\"card payments fail\"")
                .contains("\"source\":\"code\",\"target\":{\"flag\":\"" + BY_CODE + "\"},\"reason\":\"it misbehaves\"")
                .contains("kind:lorry");
        askAll(served);
        isStopped(served, "now", false);
        assertThat(said(served, "now " + DEPENDENT)).contains(DEPENDENT + " false PREREQUISITE");
        assertThat(said(served, "now " + FREE)).contains(FREE + " true STATIC");
        served.endInput();
        served.awaitEnd(SOON);

        server.close();
        Child stale = application("stale", state);
        Child blank = application("blank", Files.createDirectories(directory.resolve("empty")));
        isStopped(stale, "first", false);
        assertThat(said(stale, "first " + DEPENDENT)).contains(DEPENDENT + " false PREREQUISITE");
        assertThat(said(stale, "first " + FREE)).contains(FREE + " true STATIC");
        isStopped(blank, "first", true);
        assertThat(said(blank, "first " + FREE)).contains(FREE + " true DEFAULT");

        server = start();
        for (Child child : List.of(stale, blank)) {
            String name = child == stale ? "stale" : "blank";
            assertThat(shown(name)).contains(BY_ENVIRONMENT, "vendor:stripe", BY_CODE);
            askAll(child);
            isStopped(child, "now", false);
        }
    }

    @Test
    void a_server_that_restarts_is_told_again_and_no_restore_lifts_it() throws Exception {
        Andon andon = connect(options("i-1").kill(FREE));
        BoolFlag free = andon.bool(FREE);
        assertThat(shown("i-1")).contains(FREE);
        admin.kill(FREE, "errors").expect(201);
        Answer restored = admin.restore(FREE, "mended").expect(201);
        assertThat(Answer.text(restored.items("local").getFirst(), "instance")).isEqualTo("i-1");
        assertThat(free.evaluate(Context.EMPTY, true).reason()).isEqualTo(Reason.KILLED_LOCALLY);

        Until.accepted("it is recorded", SOON, () -> recorded(FREE), count -> count == 1);
        server.close();
        server = start();
        assertThat(shown("i-1")).contains(FREE);
        admin.configure(BY_CODE, "off", "another entry").expect(200);
        assertThat(recorded(FREE)).isEqualTo(1);
        assertThat(free.isOn(Context.EMPTY)).isFalse();
        assertThat(admin.restore(FREE, "again").text("expected")).contains("lifted only where that was set");
    }

    /** How many entries of the log say that processes began to stop a flag by themselves. */
    private long recorded(String flag) {
        return admin.log().stream()
                .filter(entry -> Answer.text(entry, "type").equals("local-stop.began"))
                .filter(entry ->
                        Answer.text(entry, "reason").startsWith("service stopped stops " + flag + " by itself"))
                .count();
    }

    @Test
    void a_process_that_polls_is_shown_as_well() throws Exception {
        try (NoUpgrades box = new NoUpgrades(port)) {
            Andon andon = connect(options("i-3")
                    .server(URI.create("http://127.0.0.1:" + box.port()))
                    .kill(FREE));
            assertThat(shown("i-3")).contains(FREE);
            andon.killLocally(BY_CODE, "it misbehaves");
            Until.holds("the other is shown, too", SOON, () -> shown("i-3").contains(BY_CODE));
            assertThat(box.blocked.get()).isPositive();
        }
    }

    @Test
    void a_config_map_that_changes_stops_and_lifts_in_a_running_process() throws Exception {
        Path mount = Files.createDirectory(directory.resolve("mount"));
        publish(mount, "..1", "# nothing is stopped\n");
        Files.createSymbolicLink(mount.resolve("kills"), Path.of("..data/kills"));
        Andon andon = connect(options("i-2").killFile(mount.resolve("kills")));
        List<Set<String>> changes = new CopyOnWriteArrayList<>();
        andon.onChange(changes::add);
        assertThat(andon.bool(BY_FILE).isOn(Context.EMPTY)).isTrue();

        publish(mount, "..2", "tag:vendor:stripe card payments fail\n");
        Until.holds("the file is read", SOON, () -> !andon.bool(BY_FILE).isOn(Context.EMPTY));
        assertThat(andon.bool(FREE).isOn(Context.EMPTY)).isTrue();
        assertThat(shown("i-2")).contains("\"reason\":\"card payments fail\",\"flags\":1");

        publish(mount, "..3", "# mended\n");
        Until.holds("the file is read again", SOON, () -> andon.bool(BY_FILE).isOn(Context.EMPTY));
        Until.holds("nothing is shown any more", SOON, () -> showing("i-2").isEmpty());
        Until.holds("listeners were told", SOON, () -> changes.equals(List.of(Set.of(BY_FILE), Set.of(BY_FILE))));
    }

    /** As Kubernetes does: a folder of its own for each content, and a link to it that is swapped. */
    private static void publish(Path mount, String folder, String text) throws IOException {
        Files.writeString(Files.createDirectory(mount.resolve(folder)).resolve("kills"), text);
        Path next = Files.createSymbolicLink(mount.resolve("..data_tmp"), Path.of(folder));
        Files.move(next, mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private AndonOptions.Builder options(String instance) {
        return AndonOptions.builder()
                .server(URI.create("http://127.0.0.1:" + port))
                .key(key)
                .service("stopped")
                .instance(instance)
                .closeOnExit(false);
    }

    private Andon connect(AndonOptions.Builder options) throws InterruptedException {
        Andon andon = Andon.connect(options.build());
        open.push(andon);
        assertThat(andon.awaitReady(SOON)).isTrue();
        return andon;
    }
}
