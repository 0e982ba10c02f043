package dev.andon.server.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random histories of a small world: every promise holds after every step. Each history is one thread's; several run at a
 * time, and what comes of one has nothing to do with the others.
 */
final class SimulationTest {
    private static final int NIGHTLY = 20_000;

    /** So often has each of the named races to happen in the nightly run. */
    private static final long NAMED_RACES = 100;

    private static final int STEPS = 500;
    private static final int SHRINKING_TRIES = 400;
    private static final int TOLD_EVERY = 1_000;

    @Test
    void everyPromiseHoldsInRandomHistories() throws Exception {
        check(0, 300);
    }

    /** {@code mvn test -Pnightly -pl server -am -Dtest=SimulationTest#nightly -Dsurefire.failIfNoSpecifiedTests=false} */
    @Test
    @Tag("nightly")
    void nightly() throws Exception {
        check(100_000, Integer.getInteger("andon.histories", NIGHTLY));
    }

    /** {@code mvn test -pl server -am -Dtest=SimulationTest#replay -Dandon.seed=17 -Dsurefire.failIfNoSpecifiedTests=false} */
    @Test
    void replay() throws Exception {
        Long seed = Long.getLong("andon.seed");
        if (seed != null) {
            check(seed, 1);
        }
    }

    private static void check(long first, int histories) throws Exception {
        long beganNanos = System.nanoTime();
        AtomicLong next = new AtomicLong(first);
        AtomicBoolean failed = new AtomicBoolean();
        Callable<Races> work = () -> {
            Races races = new Races();
            for (long seed; !failed.get() && (seed = next.getAndIncrement()) < first + histories; ) {
                History history = History.of(seed, STEPS, Set.of());
                History.Outcome outcome = history.run(false);
                if (outcome.failure().isPresent()) {
                    failed.set(true);
                    throw failure(history, outcome);
                }
                races.add(outcome.races());
                if ((seed - first + 1) % TOLD_EVERY == 0) {
                    System.out.printf("simulation: %,d of %,d histories begun%n", seed - first + 1, histories);
                }
            }
            return races;
        };
        Races races = new Races();
        for (Races some : onAllCores(work)) {
            races.add(some);
        }
        double seconds = (System.nanoTime() - beganNanos) / 1e9;
        System.out.printf(
                "simulation: %,d histories of %d steps in %.1f s, %,.0f steps/s%n%s%n",
                histories, STEPS, seconds, histories * STEPS / seconds, races);
        if (histories > 1) {
            for (Races.Race race : Races.Race.values()) {
                long least = race.named ? Math.max(1, NAMED_RACES * histories / NIGHTLY) : 1;
                assertThat(races.of(race)).as(race.toString()).isGreaterThanOrEqualTo(least);
            }
        }
    }

    private static List<Races> onAllCores(Callable<Races> work) throws Exception {
        int cores = Runtime.getRuntime().availableProcessors();
        try (ExecutorService threads = Executors.newFixedThreadPool(cores)) {
            List<Future<Races>> running = new ArrayList<>();
            for (int i = 0; i < cores; i++) {
                running.add(threads.submit(work));
            }
            List<Races> done = new ArrayList<>();
            for (Future<Races> one : running) {
                done.add(one.get());
            }
            return done;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AssertionError failure) {
                throw failure;
            }
            throw e;
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
