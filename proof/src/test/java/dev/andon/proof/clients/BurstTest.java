package dev.andon.proof.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many writes back to back, and a kill as the last: clients of every make, all at once, end on what the server ends on. */
@Timeout(1_200)
class BurstTest {
    private static final int WRITES = 200;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Map<String, String> ANN = Map.of("targetingKey", "ann");
    private static final Json.Builder FLAG = Json.object().put("flag", Stage.BOOL);

    private static final Conformance conformance =
            new Conformance("writes", "200 writes back to back, and a kill as the last");

    @TempDir
    private Path folder;

    @Test
    void endsOnTheKillWithThreeFlags() throws IOException {
        run(1, 3);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 300})
    @Tag("nightly")
    void endsOnTheKillEachTime(int flags) throws IOException {
        run(20, flags);
    }

    @AfterAll
    static void keep() throws IOException {
        conformance.keep();
    }

    private void run(int times, int flags) throws IOException {
        try (Stage stage = new Stage(folder);
                ExecutorService everybody = Executors.newVirtualThreadPerTaskExecutor()) {
            stage.flagAndCounters(flags);
            Map<Make, ForeignClient> clients = Collections.synchronizedMap(new EnumMap<>(Make.class));
            try {
                together(List.of(Make.values()), everybody, make -> clients.put(make, make.connect(stage)));
                for (int round = 1; round <= times; round++) {
                    burst(stage, clients, everybody, flags, round);
                }
            } finally {
                clients.values().forEach(ForeignClient::close);
            }
        }
        for (Make make : Make.values()) {
            conformance.print(make);
        }
    }

    private static void burst(
            Stage stage, Map<Make, ForeignClient> clients, ExecutorService everybody, int flags, int round) {
        String what = "ends on the kill, with " + flags + " flags";
        together(clients, everybody, (make, client) -> ends(make, client, true));
        Stage.Order kill = stage.order(FLAG);
        Map<Integer, Integer> last = new LinkedHashMap<>();
        for (int write = 1; write <= WRITES; write++) {
            int counter = write % (flags - 1);
            int count = round * 1_000 + write;
            stage.count(counter, count);
            last.put(counter, count);
        }
        long startNanos = System.nanoTime();
        CompletableFuture<String> answered = kill.throwNow();
        together(clients, everybody, (make, client) -> {
            ends(make, client, false);
            conformance.killed(make, what, startNanos);
        });
        answered.join();
        // Whatever still comes from the burst must not be older than the kill.
        together(clients, everybody, (make, client) -> {
            last.forEach((counter, count) -> Awaitility.await(make + ", " + Stage.counter(counter) + " is " + count)
                    .atMost(SOON)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(5))
                    .pollInSameThread()
                    .until(() -> client.ask("integer", Stage.counter(counter), ANN)
                            .value()
                            .equals(Json.of((long) count))));
            conformance.tried(make, what, !on(client));
            assertThat(on(client)).as(make + ", once all is quiet").isFalse();
        });
        stage.restoreAll();
    }

    private static void together(
            Map<Make, ForeignClient> clients, ExecutorService everybody, BiConsumer<Make, ForeignClient> step) {
        together(
                List.copyOf(clients.keySet()),
                everybody,
                make -> step.accept(make, Objects.requireNonNull(clients.get(make))));
    }

    private static void together(List<Make> makes, ExecutorService everybody, Consumer<Make> step) {
        List<Future<?>> steps = new ArrayList<>();
        makes.forEach(make -> steps.add(everybody.submit(() -> step.accept(make))));
        for (Future<?> each : steps) {
            try {
                each.get();
            } catch (ExecutionException e) {
                // Such as one that skips the test, where there is no Node.
                if (e.getCause() instanceof RuntimeException cause) {
                    throw cause;
                }
                throw new AssertionError(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    private static void ends(Make make, ForeignClient client, boolean on) {
        Awaitility.await(make + " sees " + on)
                .atMost(SOON)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .pollInSameThread()
                .until(() -> on(client) == on);
    }

    private static boolean on(ForeignClient client) {
        return client.ask("boolean", Stage.BOOL, ANN).value().equals(Json.of(true));
    }
}
