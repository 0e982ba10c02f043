package dev.andon.server.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random histories of a small world: every promise holds after every step. */
final class SimulationTest {
    /** So many histories of the nightly run have to see each of the named races so often. */
    private static final int NIGHTLY = 10_000;

    private static final long NAMED_RACES = 1_000;
    private static final int STEPS = 300;
    private static final int SHRINKING_TRIES = 400;

    @Test
    void everyPromiseHoldsInRandomHistories() {
        check(0, 200);
    }

    @Test
    @Tag("nightly")
    void everyPromiseHoldsInManyRandomHistories() {
        check(100_000, NIGHTLY);
    }

    /** {@code mvn test -pl server -am -Dtest=SimulationTest#replay -Dandon.seed=17 -Dsurefire.failIfNoSpecifiedTests=false} */
    @Test
    void replay() {
        Long seed = Long.getLong("andon.seed");
        if (seed != null) {
            check(seed, 1);
        }
    }

    private static void check(long first, int histories) {
        Races races = new Races();
        long beganNanos = System.nanoTime();
        for (long seed = first; seed < first + histories; seed++) {
            History history = History.of(seed, STEPS, Set.of());
            History.Outcome outcome = history.run(false);
            if (outcome.failure().isPresent()) {
                throw failure(history, outcome);
            }
            races.add(outcome.races());
        }
        double seconds = (System.nanoTime() - beganNanos) / 1e9;
        System.out.printf(
                "simulation: %,d histories of %d steps in %.1f s, %,.0f steps/s%n%s%n",
                histories, STEPS, seconds, histories * STEPS / seconds, races);
        if (histories > 1) {
            for (Races.Race race : Races.Race.values()) {
                long least = race.named ? NAMED_RACES * histories / NIGHTLY : 1;
                assertThat(races.of(race)).as(race.toString()).isGreaterThanOrEqualTo(least);
            }
        }
    }

    private static AssertionError failure(History history, History.Outcome outcome) {
        History shrunk = history.shrunk(outcome, SHRINKING_TRIES);
        History.Outcome again = shrunk.run(true);
        String what = outcome.failure().orElseThrow().toString();
        return new AssertionError(
                String.format(
                        "seed %d, step %d of %d: %s%nreplay: mvn test -pl server -am -Dtest=SimulationTest#replay"
                            + " -Dandon.seed=%d -Dsurefire.failIfNoSpecifiedTests=false%nshrunk to %d steps: %s%n%s",
                        history.seed(),
                        outcome.step(),
                        STEPS,
                        what,
                        history.seed(),
                        shrunk.left().size(),
                        again.failure().map(Throwable::toString).orElse("nothing"),
                        again.trace()),
                again.failure().orElse(null));
    }
}
