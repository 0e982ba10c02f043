package dev.andon.sdk;

import static dev.andon.sdk.Quick.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Reason;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.LocalStop;
import dev.andon.core.stream.Frame;
import dev.openfeature.sdk.ImmutableContext;
import dev.openfeature.sdk.ProviderEvaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a process stops by itself, with a server, without one, and with nothing at all. */
class LocalStopsTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(10);

    @TempDir
    Path directory;

    private final Ruled ruled = new Ruled();
    private final List<Andon> open = new ArrayList<>();
    private FrameServer server;

    @BeforeEach
    void serve() throws IOException {
        ruled.bool("checkout", true).bool("search", true);
        server = new FrameServer(ruled.snapshot());
    }

    @AfterEach
    void close() {
        open.forEach(Andon::close);
        server.close();
    }

    private Andon connect(AndonOptions.Builder options) {
        Andon andon = Quick.connect(options);
        open.add(andon);
        return andon;
    }

    private Andon live(AndonOptions.Builder options) throws InterruptedException {
        Andon andon = connect(options);
        assertThat(andon.awaitReady(SOON)).isTrue();
        return andon;
    }

    private static void isStopped(Andon andon, String flag, boolean value) {
        Details<Boolean> details = andon.bool(flag).evaluate(Context.EMPTY, true);
        assertThat(details.reason()).isEqualTo(Reason.KILLED_LOCALLY);
        assertThat(details.value()).isEqualTo(value);
        assertThat(details.error()).isEmpty();
    }

    @Test
    void the_variable_stops_with_a_server() throws InterruptedException {
        Andon andon = live(server.options().kill("checkout,tag:none"));
        isStopped(andon, "checkout", false);
        assertThat(andon.bool("search").isOn(Context.EMPTY)).isTrue();
    }

    @Test
    void the_variable_stops_without_a_server_and_without_any_state() {
        server.stop();
        Andon andon = connect(server.options().kill("checkout").stateDirectory(directory));
        isStopped(andon, "checkout", true);
        assertThat(andon.bool("checkout").evaluate(Context.EMPTY, true).message())
                .isEqualTo("stopped in this process by its environment: set in AndonOptions.kill");
        assertThat(andon.bool("search").evaluate(Context.EMPTY, true).reason()).isEqualTo(Reason.DEFAULT);
    }

    @Test
    void every_source_stops_from_the_last_known_state_without_a_server() throws Exception {
        Path file = directory.resolve("kills");
        Files.writeString(file, "search\n");
        Andon first = live(server.options().stateDirectory(directory));
        // Closing waits for that no longer than a moment.
        await().atMost(SOON).until(() -> directory.toFile().list((in, name) -> name.endsWith(".json")).length == 1);
        first.close();
        server.stop();

        Andon andon = connect(server.options()
                .stateDirectory(directory)
                .kill("checkout")
                .killFile(file)
                .killFilePause(LOOK));
        isStopped(andon, "checkout", false);
        isStopped(andon, "search", false);
        assertThat(andon.status().state()).isEqualTo(Status.State.STALE);
    }

    @Test
    void the_file_stops_from_the_first_evaluation_on_and_is_followed() throws Exception {
        Path file = directory.resolve("kills");
        Files.writeString(file, "checkout card payments fail\n");
        Andon andon = live(server.options().killFile(file).killFilePause(LOOK));
        isStopped(andon, "checkout", false);

        Files.writeString(file, "search\n");
        await().atMost(SOON).until(() -> andon.bool("checkout").isOn(Context.EMPTY));
        isStopped(andon, "search", false);
    }

    @Test
    void code_stops_at_once_and_lifts_what_it_stopped_and_nothing_else() throws InterruptedException {
        Andon andon = live(server.options().kill("search"));
        List<Set<String>> changes = new CopyOnWriteArrayList<>();
        andon.onChange(changes::add);

        andon.killLocally("checkout", "it misbehaves");
        isStopped(andon, "checkout", false);
        andon.killLocally("checkout", "again");
        assertThat(andon.stoppedLocally())
                .extracting(Object::toString)
                .containsExactly("checkout (code: it misbehaves)", "search (environment: set in AndonOptions.kill)");
        await().atMost(SOON).until(() -> changes.equals(List.of(Set.of("checkout"))));

        assertThat(andon.liftLocally("search")).isFalse();
        isStopped(andon, "search", false);
        assertThat(andon.liftLocally("checkout")).isTrue();
        assertThat(andon.liftLocally("checkout")).isFalse();
        assertThat(andon.bool("checkout").isOn(Context.EMPTY)).isTrue();
        await().atMost(SOON).until(() -> changes.equals(List.of(Set.of("checkout"), Set.of("checkout"))));
        assertThatThrownBy(() -> andon.killLocally("checkout", " ")).isInstanceOf(InvalidInput.class);
        assertThatThrownBy(() -> andon.killLocally("no key", "why")).isInstanceOf(InvalidInput.class);
    }

    @Test
    void a_target_that_no_flag_matches_is_said_once_with_what_is_near() throws InterruptedException {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(Andon.class);
        logger.addAppender(log);
        try {
            Andon andon = live(server.options().kill("chekout,search"));
            ruled.bool("search", true);
            server.broadcast(ruled.patch());
            await().atMost(SOON).until(() -> andon.version().version() == ruled.version());
            ruled.bool("chekout", true);
            server.broadcast(ruled.patch());
            await().atMost(SOON)
                    .until(() -> andon.bool("chekout")
                            .evaluate(Context.EMPTY, true)
                            .variant()
                            .isPresent());
            isStopped(andon, "chekout", false);
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .filteredOn(line -> line.contains("matches yet"))
                .singleElement()
                .asString()
                .contains("chekout (environment: set in AndonOptions.kill): no flag of ")
                .endsWith("Did you mean checkout?");
    }

    @Test
    void a_file_name_that_makes_no_sense_is_a_problem_and_keeps_no_application_from_starting() {
        LocalStops.Sources sources =
                AndonOptions.builder().stops(Map.of("ANDON_KILL", "checkout", "ANDON_KILL_FILE", "a\u0000b"));
        List<LocalStop> inForce = new ArrayList<>();
        try (LocalStops stops = new LocalStops(sources, inForce::addAll)) {
            stops.start(0);
            assertThat(inForce).extracting(stop -> stop.target().label()).containsExactly("checkout");
            assertThat(stops.all().problems())
                    .singleElement()
                    .asString()
                    .startsWith("ANDON_KILL_FILE: a?b (expected: a file's path");
        }
    }

    @Test
    void no_state_of_the_server_lifts_it() throws InterruptedException {
        Andon andon = live(server.options().kill("checkout"));
        ruled.bool("checkout", true);
        server.broadcast(ruled.patch());
        await().atMost(SOON).until(() -> andon.version().version() == ruled.version());
        isStopped(andon, "checkout", false);
    }

    @Test
    void the_server_is_told_of_it_when_it_changes_and_on_every_new_connection() throws InterruptedException {
        Andon andon = live(server.options().kill("checkout,kind:lorry"));
        await().atMost(SOON).until(() -> told().size() == 1);
        Frame.LocalStops first = told().get(0);
        assertThat(first.stops()).singleElement().satisfies(one -> {
            assertThat(one.stop().target().label()).isEqualTo("checkout");
            assertThat(one.flags()).isEqualTo(1);
        });
        assertThat(first.problems()).singleElement().asString().contains("kind:lorry");

        andon.killLocally("search", "why");
        await().atMost(SOON).until(() -> told().size() == 2);
        assertThat(told().get(1).stops()).hasSize(2);
        andon.liftLocally("search");
        await().atMost(SOON).until(() -> told().size() == 3);

        server.serve(ruled.snapshot());
        server.stop();
        server.restart();
        await().atMost(SOON).until(() -> told().size() == 4);
        assertThat(told().get(3).stops()).hasSize(1);
    }

    private List<Frame.LocalStops> told() {
        return server.received(Frame.Report.class).stream()
                .flatMap(report -> report.local().stream())
                .toList();
    }

    @Test
    void through_openfeature_it_is_disabled_with_the_default_and_no_error() {
        server.stop();
        Andon andon = connect(server.options().kill("checkout"));
        ProviderEvaluation<Boolean> answer =
                andon.openFeatureProvider().getBooleanEvaluation("checkout", true, new ImmutableContext());
        assertThat(answer.getValue()).isTrue();
        assertThat(answer.getReason()).isEqualTo("DISABLED");
        assertThat(answer.getErrorCode()).isNull();
        assertThat(answer.getFlagMetadata().getString("andonReason")).isEqualTo("KILLED_LOCALLY");
        assertThat(answer.getFlagMetadata().getString("andonDetail")).contains("AndonOptions.kill");
    }
}
