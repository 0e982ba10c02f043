package dev.andon.proof.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.FaultProxy;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Fleet;
import dev.andon.proof.harness.Fleets;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PROOF's other side: who can't answer is named, and nothing is called proven meanwhile. */
final class SilentTest {
    private static final String FLAG = "new-checkout";
    private static final int SIZE = 10;
    private static final Duration WAIT = Duration.ofMillis(200);
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration GIVEN_UP = Duration.ofSeconds(60);
    private static final Duration BACK = Duration.ofSeconds(60);
    private static final Duration OFTEN = Duration.ofSeconds(1);
    private static final Duration REMEMBERED = Duration.ofSeconds(2);

    @Test
    void aFrozenProcessKeepsAKillUnprovenUntilItIsResumed(@TempDir Path directory) {
        try (Server server = new Server(directory.resolve("server")).heartbeat(OFTEN)) {
            freeze(directory, server);
        }
    }

    @Test
    @Tag("nightly")
    void aFrozenProcessKeepsAKillUnprovenWithTheHeartbeatsOfProduction(@TempDir Path directory) {
        try (Server server = new Server(directory.resolve("server"))) {
            freeze(directory, server);
        }
    }

    private static void freeze(Path directory, Server server) {
        try (Fleets fleets = new Fleets(directory.resolve("fleets"))) {
            Api admin = begin(server);
            String key = admin.sdkKey("fleets");
            fleets.add(server.port(), key, "healthy", SIZE, FLAG);
            Fleet frozen = fleets.add(server.port(), key, "frozen", SIZE, FLAG);
            awaitOn(fleets);

            frozen.process().freeze();
            Watch watch = new Watch(admin, admin.kill(FLAG, "declines payments").expect(201));
            watch.await(SOON, SIZE, SIZE, 0);
            assertThat(watch.names("silent")).isEqualTo(frozen.names());
            assertThat(watch.verdictAfter(WAIT)).isEqualTo("partial");

            long silentNanos = System.nanoTime();
            watch.await(GIVEN_UP, SIZE, 0, SIZE);
            double silentS = secondsSince(silentNanos);
            assertThat(watch.names("unreachable")).isEqualTo(frozen.names());
            assertThat(watch.verdictAfter(WAIT)).isEqualTo("partial");
            assertThat(watch.verdicts()).isSubsetOf("requested", "partial");
            String meanwhile = String.join(", ", watch.verdicts());

            long thawNanos = System.nanoTime();
            frozen.process().thaw();
            watch.await(BACK, 2 * SIZE, 0, 0);
            double thawedS = secondsSince(thawNanos);
            assertThat(watch.verdictAfter(WAIT)).isEqualTo("proven");
            Set<String> applied = new HashSet<>(watch.names("applied"));
            applied.addAll(watch.names("returned"));
            assertThat(applied).isEqualTo(fleets.names());
            assertThat(fleets.report().count("on")).isZero();
            Figures.print(
                    "a frozen process",
                    "%d of %d instances applied, %d silent, named unreachable %.1f s later, never proven (%s); applied %.1f s after the process was resumed, and proven"
                            .formatted(SIZE, 2 * SIZE, SIZE, silentS, meanwhile, thawedS));
        }
    }

    @Test
    void aProcessBehindADeadNetworkKeepsAKillUnprovenEvenWhenItIsForgotten(@TempDir Path directory) {
        try (Server server =
                        new Server(directory.resolve("server")).heartbeat(OFTEN).remember(REMEMBERED);
                Fleets fleets = new Fleets(directory.resolve("fleets"))) {
            Api admin = begin(server);
            try (FaultProxy network = new FaultProxy(server.port())) {
                String key = admin.sdkKey("fleets");
                fleets.add(server.port(), key, "healthy", SIZE, FLAG);
                Fleet cutOff = fleets.add(network.port(), key, "cut-off", SIZE, FLAG);
                awaitOn(fleets);

                network.stall();
                Watch watch =
                        new Watch(admin, admin.kill(FLAG, "declines payments").expect(201));
                watch.await(SOON, SIZE, SIZE, 0);
                assertThat(watch.names("silent")).isEqualTo(cutOff.names());
                watch.await(GIVEN_UP, SIZE, 0, SIZE);
                assertThat(watch.names("unreachable")).isEqualTo(cutOff.names());
                Until.holds(
                        "those behind the network are forgotten",
                        GIVEN_UP,
                        () -> admin.instances().size() == SIZE);
                assertThat(watch.verdictAfter(WAIT)).isEqualTo("partial");
                assertThat(watch.names("unreachable")).isEqualTo(cutOff.names());
                assertThat(cutOff.report().count("on"))
                        .as("what the receipt doesn't claim")
                        .isEqualTo(SIZE);
                assertThat(watch.verdicts()).isSubsetOf("requested", "partial");

                long healNanos = System.nanoTime();
                network.forward();
                watch.await(BACK, 2 * SIZE, 0, 0);
                double healedS = secondsSince(healNanos);
                assertThat(watch.verdictAfter(WAIT)).isEqualTo("proven");
                assertThat(fleets.report().count("on")).isZero();
                Figures.print(
                        "a process behind a dead network",
                        "%d of %d instances applied, %d unreachable, not proven when they were forgotten; applied %.1f s after the network was back, and proven"
                                .formatted(SIZE, 2 * SIZE, SIZE, healedS));
            }
        }
    }

    @Test
    @Tag("nightly")
    void aProcessThatNobodyCanReachAnyMoreIsUnreachableFromTheStart(@TempDir Path directory) {
        try (Server server = new Server(directory.resolve("server"));
                Fleets fleets = new Fleets(directory.resolve("fleets"))) {
            Api admin = begin(server);
            try (FaultProxy network = new FaultProxy(server.port())) {
                String key = admin.sdkKey("fleets");
                fleets.add(server.port(), key, "healthy", SIZE, FLAG);
                Fleet cutOff = fleets.add(network.port(), key, "cut-off", SIZE, FLAG);
                awaitOn(fleets);

                network.refuse();
                Until.accepted(
                        "their connections are gone",
                        SOON,
                        () -> states(admin.instances()).get("unreachable"),
                        names -> cutOff.names().equals(names));
                Watch watch =
                        new Watch(admin, admin.kill(FLAG, "declines payments").expect(201));
                watch.await(SOON, SIZE, 0, SIZE);
                assertThat(watch.names("unreachable")).isEqualTo(cutOff.names());
                assertThat(watch.verdictAfter(WAIT)).isEqualTo("partial");

                network.accept();
                watch.await(BACK, 2 * SIZE, 0, 0);
                assertThat(watch.verdictAfter(WAIT)).isEqualTo("proven");
                assertThat(fleets.report().count("on")).isZero();
            }
        }
    }

    private static Api begin(Server server) {
        server.start();
        Api admin = server.admin();
        admin.createFlag(FLAG).expect(201);
        return admin;
    }

    private static void awaitOn(Fleets fleets) {
        fleets.awaitReady();
        Until.accepted(
                "all serve the feature",
                SOON,
                () -> fleets.report().count("on"),
                on -> on == fleets.names().size());
    }

    private static Map<String, Set<String>> states(List<Json> instances) {
        return instances.stream()
                .collect(Collectors.groupingBy(
                        instance -> Answer.text(instance, "state"),
                        Collectors.mapping(instance -> Answer.text(instance, "instance"), Collectors.toSet())));
    }

    private static double secondsSince(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos).toMillis() / 1_000.0;
    }

    /** Somebody who never takes the eyes off a receipt. */
    private static final class Watch {
        private final Api admin;
        private final String id;
        private final Set<String> verdicts = new TreeSet<>();

        Watch(Api admin, Answer kill) {
            this.admin = admin;
            this.id = kill.text("id");
            verdicts.add(kill.text("receipt.verdict"));
        }

        void await(Duration atMost, long applied, long silent, long unreachable) {
            Until.accepted(
                    "%d applied, %d silent, %d unreachable".formatted(applied, silent, unreachable),
                    atMost,
                    () -> {
                        Answer kill = admin.receipt(id);
                        verdicts.add(kill.text("receipt.verdict"));
                        return kill;
                    },
                    kill -> kill.whole("receipt.applied") == applied
                            && kill.whole("receipt.silent") == silent
                            && kill.whole("receipt.unreachable") == unreachable);
        }

        /** As whoever waits for the proof is told. */
        String verdictAfter(Duration wait) {
            String verdict = admin.receipt(id, wait).text("receipt.verdict");
            verdicts.add(verdict);
            return verdict;
        }

        Set<String> names(String state) {
            return states(admin.receipt(id).items("receipt.instances")).getOrDefault(state, Set.of());
        }

        /** Every verdict that was ever seen. */
        Set<String> verdicts() {
            return verdicts;
        }
    }
}
