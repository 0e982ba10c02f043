package dev.andon.proof.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Until;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;

/** Several {@link Operator}s at work at once, and whether a server has what it acknowledged to them. For one thread. */
final class Operators {
    private static final String FLAGS = "flag-";
    private static final Duration SETTLED = Duration.ofSeconds(60);
    private static final long BREATH_NANOS = 20_000_000;

    private final List<Operator> all = new ArrayList<>();

    Operators(int count, RandomGenerator random) {
        for (int i = 0; i < count; i++) {
            all.add(new Operator(FLAGS + i, new Random(random.nextLong())));
        }
    }

    void createFlags(Api admin) {
        all.forEach(operator -> admin.createFlag(operator.flag()).expect(201));
    }

    /** The reasons of everything that was acknowledged. */
    Set<String> acknowledged() {
        Set<String> acknowledged = new HashSet<>();
        all.forEach(operator -> acknowledged.addAll(operator.acknowledged()));
        return acknowledged;
    }

    /** How often something had to be asked for again. */
    int repeated() {
        return all.stream().mapToInt(Operator::repeated).sum();
    }

    /** What got no answer is asked for again. */
    void catchUp(Api admin) {
        all.forEach(operator -> operator.catchUp(admin));
    }

    /** What operators do on threads of their own, until it is stopped or something ends them. */
    static final class Shift {
        private final List<Thread> threads = new ArrayList<>();
        private final AtomicBoolean failed = new AtomicBoolean();
        private final AtomicBoolean over = new AtomicBoolean();

        boolean failed() {
            return failed.get();
        }

        /** Waits until each has had its last answer, or none. */
        void end(String when) {
            over.set(true);
            for (Thread thread : threads) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException(e);
                }
            }
            assertThat(failed)
                    .as("%s: an operator was refused; see the test's output", when)
                    .isFalse();
        }
    }

    /** Each works until something gets no answer, or until it is told to stop. */
    Shift begin(Api admin, BooleanSupplier goOn) {
        Shift shift = new Shift();
        for (Operator operator : all) {
            shift.threads.add(Thread.ofVirtual()
                    .name(operator.flag())
                    .start(() -> operator.work(admin, () -> goOn.getAsBoolean() && !shift.over.get(), shift.failed)));
        }
        return shift;
    }

    /**
     * Each works until the shift ends, through whatever happens.
     *
     * @param home where the operator of a number works: who was refused asks there again
     */
    Shift begin(IntFunction<Api> home) {
        Shift shift = new Shift();
        for (int i = 0; i < all.size(); i++) {
            Operator operator = all.get(i);
            Api admin = home.apply(i);
            shift.threads.add(Thread.ofVirtual().name(operator.flag()).start(() -> {
                while (!shift.over.get()) {
                    operator.work(admin, () -> !shift.over.get(), shift.failed);
                    LockSupport.parkNanos(BREATH_NANOS);
                }
            }));
        }
        return shift;
    }

    /** What only a journal has is in the ledger as soon as its server has settled it. */
    void verifyLog(Api admin, String when) {
        Set<String> acknowledged = acknowledged();
        Map<String, Integer> counts = Until.accepted(
                when + ": everything acknowledged is in the log",
                SETTLED,
                () -> countReasons(admin),
                found -> found.keySet().containsAll(acknowledged));
        assertThat(counts.entrySet().stream().filter(entry -> entry.getValue() > 1))
                .as("%s: in the log twice", when)
                .isEmpty();
    }

    private static Map<String, Integer> countReasons(Api admin) {
        Map<String, Integer> counts = new HashMap<>();
        for (Json entry : admin.log()) {
            String reason = Answer.text(entry, "reason");
            if (reason.startsWith(FLAGS)) {
                counts.merge(reason, 1, Integer::sum);
            }
        }
        return counts;
    }

    /** Each flag is as its operator left it. */
    void verifyState(Api admin, String when) {
        Set<String> killed = new HashSet<>();
        admin.get("/api/v1/environments/" + Api.PRODUCTION + "/kills")
                .expect(200)
                .items("items")
                .forEach(kill -> killed.add(Answer.text(kill, "target")));
        for (Operator operator : all) {
            Answer flag = admin.flag(operator.flag());
            Operator.State seen = new Operator.State(
                    killed.contains(operator.flag()), flag.text("configuration.fallThrough.variant"));
            assertThat(operator.admits(seen))
                    .as("%s: %s is %s (expected: %s)", when, operator.flag(), seen, operator.state())
                    .isTrue();
        }
    }
}
