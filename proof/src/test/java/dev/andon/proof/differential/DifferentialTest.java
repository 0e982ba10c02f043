package dev.andon.proof.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random rule sets, asked for random contexts: flagd's engines serve what Andon serves. */
final class DifferentialTest {
    private static final long EVALUATIONS = 1_000_000;
    private static final int RULE_SETS = 10_000;
    private static final int CONTEXTS = 15;
    private static final int TIMES_EACH_WAY = 1_000;
    private static final double KILLS_OR_PREREQUISITES = 0.3;
    private static final double LEFT = 0.1;
    private static final int DISAGREEMENTS = 5;

    @Test
    void flagdsEnginesServeWhatAndonServes() {
        check(0, 60, 50, 20_000, 0);
    }

    @Test
    @Tag("nightly")
    void flagdsEnginesServeWhatAndonServesInManyRuleSets() {
        check(100_000, RULE_SETS, CONTEXTS, EVALUATIONS, TIMES_EACH_WAY);
    }

    /**
     * {@code mvn test -pl proof -am -Dtest=DifferentialTest#replay -Dandon.seed=17 -Dandon.contexts=15
     * -Dsurefire.failIfNoSpecifiedTests=false}
     */
    @Test
    void replay() {
        Long seed = Long.getLong("andon.seed");
        if (seed != null) {
            check(seed, 1, Integer.getInteger("andon.contexts", CONTEXTS), 1, 0);
        }
    }

    /** Goes on beyond the rule sets if it takes more to reach the evaluations: some flags can't be written. */
    private static void check(long first, int ruleSets, int contexts, long evaluations, int eachWay) {
        long beganNanos = System.nanoTime();
        List<String> disagreements = new ArrayList<>();
        try (Differential differential = new Differential()) {
            Tally tally = differential.tally();
            for (long seed = first;
                    disagreements.size() < DISAGREEMENTS
                            && (tally.worlds() < ruleSets || tally.evaluations() < evaluations);
                    seed++) {
                Dice dice = new Dice(seed);
                World world = Worlds.random(dice);
                List<Map<String, Json>> all = new ArrayList<>();
                for (int i = 0; i < contexts; i++) {
                    all.add(Pools.context(dice));
                }
                for (Differential.Disagreement found : differential.ask(world, all)) {
                    disagreements.add(told(seed, contexts, found, Shrinking.of(differential, found)));
                }
            }
            double seconds = (System.nanoTime() - beganNanos) / 1e9;
            System.out.printf(
                    "differential: %.1f s, %,.0f evaluations/s%n%s%n", seconds, tally.evaluations() / seconds, tally);
            assertThat(disagreements).isEmpty();
            if (ruleSets > 1) {
                check(tally, eachWay);
            }
        }
    }

    private static void check(Tally tally, int eachWay) {
        for (Operator operator : Operator.values()) {
            for (boolean holds : new boolean[] {true, false}) {
                assertThat(tally.count(operator, holds))
                        .as("%s is %s", operator, holds)
                        .isGreaterThanOrEqualTo(Math.max(1, eachWay));
            }
        }
        assertThat(tally.killsOrNeeds()).as("flags with kills or prerequisites").isGreaterThan(KILLS_OR_PREREQUISITES);
        assertThat(tally.left()).as("flags that can't be written").isLessThan(LEFT);
    }

    private static String told(
            long seed, int contexts, Differential.Disagreement found, Differential.Disagreement shrunk) {
        return String.format(
                "seed %d, flag %s%nreplay: mvn test -pl proof -am -Dtest=DifferentialTest#replay -Dandon.seed=%d"
                        + " -Dandon.contexts=%d -Dsurefire.failIfNoSpecifiedTests=false%nshrunk: %s%n",
                seed, found.flag(), seed, contexts, shrunk);
    }
}
