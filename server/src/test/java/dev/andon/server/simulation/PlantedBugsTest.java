package dev.andon.server.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The simulation can fail: each bug that is planted in the world is found, and its history made short. */
final class PlantedBugsTest {
    private static final int STEPS = 500;

    /** So many histories at most until a bug is found. */
    private static final int HISTORIES = 600;

    private static final int SHRINKING_TRIES = 300;

    @TestFactory
    Stream<DynamicTest> eachIsFound() {
        return Stream.of(Fault.values()).map(fault -> DynamicTest.dynamicTest(fault.toString(), () -> isFound(fault)));
    }

    private static void isFound(Fault fault) {
        for (int seed = 0; seed < HISTORIES; seed++) {
            History history = History.of(seed, STEPS, EnumSet.of(fault));
            History.Outcome outcome = history.run(false);
            if (outcome.failure().isPresent()) {
                History shrunk = history.shrunk(outcome, SHRINKING_TRIES);
                System.out.printf(
                        "simulation: %s found in history %d, shown in %d steps: %s%n",
                        fault, seed + 1, shrunk.left().size(), outcome.failure().get());
                assertThat(shrunk.left().size()).isLessThan(STEPS / 2);
                assertThat(shrunk.run(true).kind()).isEqualTo(outcome.kind());
                assertThat(outcome.failure().get()).isInstanceOf(Violation.class);
                return;
            }
        }
        throw new AssertionError(fault + " isn't found in " + HISTORIES + " histories");
    }
}
