package dev.andon.server.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The simulation can fail: each bug that is planted in the world is found, and its history made short. */
final class PlantedBugsTest {
    private static final int STEPS = 500;

    /** So many histories at most until a bug is found. */
    private static final int HISTORIES = 200;

    private static final int SHRINKING_TRIES = 100;

    private record Found(Fault fault, int histories, History.Outcome outcome, History shrunk) {}

    /** Each is looked for on a thread of its own, as many at a time as there are cores. */
    @TestFactory
    Stream<DynamicTest> eachIsFound() {
        ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        Map<Fault, Future<Optional<Found>>> looking = new EnumMap<>(Fault.class);
        for (Fault fault : Fault.values()) {
            looking.put(fault, threads.submit(() -> find(fault)));
        }
        threads.shutdown();
        return looking.entrySet().stream()
                .map(one ->
                        DynamicTest.dynamicTest(one.getKey().toString(), () -> isFound(one.getKey(), one.getValue())));
    }

    private static Optional<Found> find(Fault fault) {
        for (int seed = 0; seed < HISTORIES; seed++) {
            History history = History.of(seed, STEPS, EnumSet.of(fault));
            History.Outcome outcome = history.run(false);
            if (outcome.failure().isPresent()) {
                return Optional.of(new Found(fault, seed + 1, outcome, history.shrunk(outcome, SHRINKING_TRIES)));
            }
        }
        return Optional.empty();
    }

    private static void isFound(Fault fault, Future<Optional<Found>> looking) throws Exception {
        Found found = looking.get()
                .orElseThrow(() -> new AssertionError(fault + " isn't found in " + HISTORIES + " histories"));
        RuntimeException failure = found.outcome().failure().orElseThrow();
        System.out.printf(
                "simulation: %s found in history %d, shown in %d steps: %s%n",
                fault, found.histories(), found.shrunk().left().size(), failure);
        assertThat(found.shrunk().left().size()).isLessThan(STEPS / 2);
        assertThat(found.shrunk().run(true).kind()).isEqualTo(found.outcome().kind());
        assertThat(failure).isInstanceOf(Violation.class);
    }
}
