package dev.andon.sdk;

import static dev.andon.sdk.Quick.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.ErrorCode;
import dev.andon.core.evaluate.Reason;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.WhenBlind;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.LinkSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AndonTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final Ruled ruled = new Ruled().bool("checkout", true).bool("search", false);
    private final FrameServer server = new FrameServer(ruled.snapshot());
    private final List<Andon> connected = new ArrayList<>();

    @TempDir
    Path directory;

    private Andon connect(AndonOptions.Builder options) {
        Andon andon = Quick.connect(options);
        connected.add(andon);
        return andon;
    }

    private Andon live() throws InterruptedException {
        Andon andon = connect(server.options().stateDirectory(directory));
        assertThat(andon.awaitReady(SOON)).isTrue();
        return andon;
    }

    @AfterEach
    void end() {
        connected.forEach(Andon::close);
        server.close();
    }

    @Test
    void evaluates_once_it_is_live() throws InterruptedException {
        Andon andon = live();

        assertThat(andon.bool("checkout").isOn(Context.EMPTY)).isTrue();
        assertThat(andon.bool("search").isOn(Context.EMPTY)).isFalse();
        assertThat(andon.environment()).isEqualTo("production");
        assertThat(andon.version().version()).isEqualTo(ruled.version());
        await().atMost(SOON).until(() -> !server.received(Frame.Hello.class).isEmpty());
        Frame.Hello hello = server.received(Frame.Hello.class).get(0);
        assertThat(hello.service()).isEqualTo("checkout");
        assertThat(hello.instance()).isEqualTo("i-1");
        assertThat(hello.sdk()).startsWith("andon-java/");
        await().until(() -> !server.received(Frame.Ack.class).isEmpty());
        assertThat(server.received(Frame.Ack.class).get(0).state().provenance()).isEqualTo(andon.version());
    }

    @Test
    void obeys_a_kill_before_it_acknowledges_it() throws InterruptedException {
        Andon andon = live();
        BoolFlag checkout = andon.bool("checkout");
        StandingKill kill = Ruled.kill(1, "checkout");

        server.broadcast(new Frame.Kills(List.of(kill)));
        await().atMost(SOON)
                .until(() -> server.received(Frame.Ack.class).stream()
                        .anyMatch(ack -> ack.pending().contains(kill.id())));

        Details<Boolean> details = checkout.evaluate(Context.EMPTY, true);
        assertThat(details.value()).isFalse();
        assertThat(details.reason()).isEqualTo(Reason.KILLED);
        assertThat(details.kill()).contains(kill.id());
        assertThat(details.variant()).contains("off");
    }

    @Test
    void tells_of_changes_and_of_its_status() throws InterruptedException {
        Andon andon = live();
        List<Set<String>> changes = new CopyOnWriteArrayList<>();
        List<Status.State> states = new CopyOnWriteArrayList<>();
        andon.onChange(flags -> {
            throw new IllegalStateException("a listener that fails");
        });
        andon.onChange(changes::add);
        Subscription ended = andon.onChange(flags -> changes.add(Set.of("ended")));
        ended.close();
        andon.onStatus(status -> states.add(status.state()));

        ruled.bool("search", true);
        server.broadcast(ruled.patch());
        await().atMost(SOON).until(() -> changes.equals(List.of(Set.of("search"))));
        assertThat(andon.bool("search").isOn(Context.EMPTY)).isTrue();

        server.serve(ruled.snapshot());
        server.stop();
        await().atMost(SOON).until(() -> states.equals(List.of(Status.State.STALE)));
        assertThat(andon.bool("search").isOn(Context.EMPTY)).isTrue();
        server.restart();
        await().atMost(SOON).until(() -> states.contains(Status.State.LIVE));
    }

    @Test
    void starts_from_the_last_known_state_with_kills_when_the_server_is_gone() throws Exception {
        Andon first = live();
        server.broadcast(new Frame.Kills(List.of(Ruled.kill(1, "checkout"))));
        await().atMost(SOON).until(() -> !first.bool("checkout").isOn(Context.EMPTY));
        // Closing waits for that no longer than a moment.
        await().atMost(SOON)
                .until(() -> stateFile() != null
                        && Files.readString(stateFile())
                                .contains(Ruled.kill(1, "checkout").id().toString()));
        first.close();
        server.stop();

        Andon second = connect(server.options().stateDirectory(directory));

        Details<Boolean> details = second.bool("checkout").evaluate(Context.EMPTY, true);
        assertThat(details.value()).as("at once").isFalse();
        assertThat(details.reason()).isEqualTo(Reason.KILLED);
        assertThat(second.status().state()).isEqualTo(Status.State.STALE);
        assertThat(second.awaitReady(Duration.ofMillis(10))).isFalse();
    }

    @Test
    void with_neither_server_nor_file_callers_get_their_defaults_and_a_reason() {
        server.stop();
        Andon andon = connect(server.options().stateDirectory(directory));

        Details<Boolean> details = andon.bool("checkout").evaluate(Context.EMPTY, true);
        assertThat(details.value()).isTrue();
        assertThat(details.error()).contains(ErrorCode.NOT_READY);
        assertThat(details.message()).isEqualTo("no state has been loaded yet");
        assertThat(andon.status().state()).isEqualTo(Status.State.BLIND);
    }

    @Test
    void recovers_with_the_next_attempt_when_the_server_appears() throws InterruptedException {
        server.stop();
        AndonOptions options = server.options().build();
        NetOpener network = new NetOpener(options, new SecureRandom(), System::nanoTime);
        AtomicInteger attempts = new AtomicInteger();
        Connection.Opener counting = (id, transport, events) -> {
            attempts.incrementAndGet();
            return network.open(id, transport, events);
        };
        Andon andon = new Andon(
                options,
                LinkSettings.DEFAULT,
                counting,
                InstantSource.system(),
                System::nanoTime,
                new SplittableRandom());
        connected.add(andon);
        andon.start();
        // The third attempt in vain is followed by the longest rest that there is for a server that is away:
        // ClientLinkTest
        // has it, and that it is less than two seconds.
        await().atMost(SOON).until(() -> attempts.get() >= 3);
        assertThat(andon.status().live()).isFalse();

        server.restart();
        int before = attempts.get();

        assertThat(andon.awaitReady(SOON)).isTrue();
        assertThat(attempts.get() - before)
                .as("attempts, of which one may have been under way")
                .isLessThanOrEqualTo(2);
        assertThat(andon.bool("checkout").isOn(Context.EMPTY)).isTrue();
    }

    @Test
    void flags_are_safe_when_blind_and_back_with_contact() throws InterruptedException {
        ruled.bool("risky", true, new WhenBlind.SafeAfter(1));
        server.serve(ruled.snapshot());
        Andon andon = connect(server.options().blindAfter(Duration.ofSeconds(1)));
        andon.awaitReady(SOON);
        BoolFlag risky = andon.bool("risky");
        assertThat(risky.isOn(Context.EMPTY)).isTrue();
        List<Set<String>> changes = new CopyOnWriteArrayList<>();
        andon.onChange(changes::add);

        server.stop();
        await().atMost(SOON).until(() -> !risky.isOn(Context.EMPTY));
        assertThat(risky.evaluate(Context.EMPTY, true).reason()).isEqualTo(Reason.BLIND);
        assertThat(andon.bool("checkout").isOn(Context.EMPTY)).isTrue();
        await().atMost(SOON).until(() -> andon.status().state() == Status.State.BLIND);
        server.restart();
        await().atMost(SOON).until(() -> risky.isOn(Context.EMPTY));
        await().atMost(SOON).until(() -> changes.equals(List.of(Set.of("risky"), Set.of("risky"))));
    }

    @Test
    void flags_that_are_to_be_safe_when_blind_are_from_the_start_until_contact() throws Exception {
        ruled.bool("risky", true, new WhenBlind.SafeAfter(3_600));
        server.serve(ruled.snapshot());
        Andon first = live();
        assertThat(first.bool("risky").isOn(Context.EMPTY)).isTrue();
        await().atMost(SOON).until(() -> stateFile() != null);
        first.close();
        server.stop();

        Andon second = connect(server.options().stateDirectory(directory));
        BoolFlag risky = second.bool("risky");
        assertThat(risky.evaluate(Context.EMPTY, true).reason()).as("at once").isEqualTo(Reason.BLIND);
        assertThat(second.bool("checkout").isOn(Context.EMPTY)).isTrue();
        List<Set<String>> changes = new CopyOnWriteArrayList<>();
        second.onChange(changes::add);
        server.restart();
        await().atMost(SOON).until(() -> risky.isOn(Context.EMPTY));
        await().atMost(SOON).until(() -> changes.equals(List.of(Set.of("risky"))));
    }

    @Test
    void polls_where_web_sockets_do_not_get_through_and_changes_over_when_they_do() throws InterruptedException {
        server.webSockets = false;
        Andon andon = connect(server.options());
        assertThat(andon.awaitReady(SOON)).isTrue();
        assertThat(andon.bool("checkout").isOn(Context.EMPTY)).isTrue();

        StandingKill kill = Ruled.kill(1, "checkout");
        server.broadcast(new Frame.Kills(List.of(kill)));
        await().atMost(SOON).until(() -> !andon.bool("checkout").isOn(Context.EMPTY));
        await().atMost(SOON)
                .until(() -> server.received(Frame.Ack.class).stream()
                        .anyMatch(ack -> ack.pending().contains(kill.id())));
        await().atMost(SOON).until(() -> !server.received(Frame.Report.class).isEmpty());
        assertThat(andon.status().live()).isTrue();

        List<Status.State> states = new CopyOnWriteArrayList<>();
        andon.onStatus(status -> states.add(status.state()));
        server.webSockets = true;
        await().atMost(SOON).until(() -> server.upgrades.get() == 1);
        await().atMost(SOON).until(() -> server.received(Frame.Hello.class).size() == 2);
        ruled.bool("search", true);
        server.broadcast(ruled.patch());
        await().atMost(SOON).until(() -> andon.bool("search").isOn(Context.EMPTY));
        assertThat(states).as("contact was never lost").isEmpty();
        andon.close();
        await().atMost(SOON).until(() -> server.received(Frame.Bye.class).size() == 1);
    }

    @Test
    void a_refused_key_is_not_final() throws InterruptedException {
        server.status = 401;
        Andon andon = connect(server.options());
        assertThat(andon.awaitReady(Duration.ofMillis(300))).isFalse();
        server.status = 0;
        assertThat(andon.awaitReady(Duration.ofSeconds(60))).isTrue();
    }

    @Test
    void a_dead_connection_is_noticed_by_its_silence() throws InterruptedException {
        server.heartbeatMs = 50;
        Andon andon = connect(server.options());
        andon.awaitReady(SOON);
        await().atMost(SOON).until(() -> server.received(Frame.Hello.class).size() >= 3);
    }

    @Test
    void close_says_goodbye_once_and_evaluations_go_on() throws Exception {
        Andon andon = live();
        List<Thread> threads = new ArrayList<>();
        long startNanos = System.nanoTime();
        for (int i = 0; i < 8; i++) {
            Thread thread = new Thread(andon::close);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(SOON);
        await().atMost(SOON).until(() -> server.received(Frame.Bye.class).size() == 1);
        assertThat(andon.bool("checkout").isOn(Context.EMPTY)).isTrue();
        assertThat(andon.status().live()).isFalse();
        andon.close();
        await().atMost(SOON)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("andon-link")));
    }

    @Test
    void close_is_prompt_when_the_server_hangs() throws InterruptedException {
        server.silent = true;
        Andon andon = connect(server.options());
        await().atMost(SOON).until(() -> !server.received(Frame.Hello.class).isEmpty());
        long startNanos = System.nanoTime();
        andon.close();
        // It hangs for longer than this.
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(SOON);
    }

    @Test
    void the_file_is_for_its_owner_alone_and_a_damaged_one_is_set_aside() throws Exception {
        live();
        Path file = await().atMost(SOON).until(this::stateFile, found -> found != null);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        connected.forEach(Andon::close);
        server.stop();
        Files.writeString(file, Files.readString(file).replace("checkout", "checkin!"));

        Andon second = connect(server.options().stateDirectory(directory));

        assertThat(second.bool("checkout").evaluate(Context.EMPTY, true).error())
                .contains(ErrorCode.NOT_READY);
        assertThat(Path.of(file + ".damaged")).exists();
        assertThat(file).doesNotExist();
    }

    private Path stateFile() throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .findFirst()
                    .orElse(null);
        }
    }

    @Test
    void reports_what_was_served_by_generation_and_the_callers_defaults() throws InterruptedException {
        Andon andon = live();
        BoolFlag checkout = andon.bool("checkout");
        for (int i = 0; i < 10; i++) {
            checkout.value(Context.EMPTY, true);
        }
        ruled.bool("checkout", false);
        server.broadcast(ruled.patch());
        await().atMost(SOON).until(() -> !checkout.isOn(Context.EMPTY));

        await().atMost(SOON).untilAsserted(() -> {
            List<Frame.Report> reports = server.received(Frame.Report.class);
            long on = 0;
            long off = 0;
            for (Frame.Report report : reports) {
                for (Frame.Exposures exposures : report.exposures()) {
                    var counts = exposures.counts().get("checkout");
                    if (exposures.version() == ruled.version()) {
                        assertThat(counts).containsOnlyKeys("off");
                        off += counts.get("off");
                    } else {
                        assertThat(counts).containsOnlyKeys("on");
                        on += counts.get("on");
                    }
                }
            }
            assertThat(on).isGreaterThanOrEqualTo(10);
            assertThat(off).isGreaterThanOrEqualTo(1);
            assertThat(reports.stream()
                            .filter(report -> report.defaults().containsKey("checkout"))
                            .map(report -> report.defaults().get("checkout").text()))
                    .containsExactlyInAnyOrder("true", "false");
        });
    }
}
