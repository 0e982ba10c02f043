package dev.andon.server.rollback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.image.Image;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.server.node.Outcome;
import dev.andon.server.node.Refused;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random histories: after a rollback to N, a flag evaluates as it did at N. */
final class RollbackPropertyTest {
    private static final int CHANGES = 60;

    private int equal;
    private int refused;
    private int drifted;
    private int removed;
    private int returned;

    @Test
    void afterARollbackAFlagEvaluatesAsItDid() {
        check(0, 60);
    }

    @Test
    @Tag("nightly")
    void afterManyRollbacksFlagsEvaluateAsTheyDid() {
        check(1_000, 2_000);
    }

    private void check(int firstSeed, int histories) {
        for (int seed = firstSeed; seed < firstSeed + histories; seed++) {
            check(seed);
        }
        assertThat(equal).as("rollbacks that were compared").isGreaterThan(histories);
        assertThat(drifted)
                .as("rollbacks without dependencies that had changed")
                .isGreaterThan(histories / 10);
        assertThat(removed).as("rollbacks that brought something back").isGreaterThan(histories / 20);
        assertThat(returned).as("archived flags that came back").isGreaterThan(histories / 20);
        assertThat(refused).as("refusals").isLessThan(2 * histories);
    }

    private void check(int seed) {
        RandomHistory history = new RandomHistory(seed, false);
        for (int i = 0; i < CHANGES; i++) {
            history.change();
        }
        long newest = history.newest();
        for (int i = 0; i < 4; i++) {
            long to = 2 + history.random.nextLong(newest - 1);
            Past past = history.past(to);
            SortedSet<String> flags = new TreeSet<>();
            flags.add("f" + history.random.nextInt(RandomHistory.FLAGS));
            if (history.random.nextInt(4) == 0) {
                flags.add("f" + history.random.nextInt(RandomHistory.FLAGS));
            }
            flags.retainAll(past.flags());
            if (!flags.isEmpty()) {
                String label = "seed " + seed + ", " + flags + " to " + to;
                rollBack(history, flags, past, false, label);
                rollBack(history, flags, past, true, label + " with dependencies");
            }
        }
    }

    private void rollBack(
            RandomHistory history, SortedSet<String> flags, Past past, boolean withDependencies, String label) {
        Image before = history.plane.image();
        Scope scope = new Scope.Named(flags, new TreeSet<>(), withDependencies);
        Outcome<Json> outcome;
        try {
            outcome = history.plane.execute(
                    new Rollback(RandomHistory.ENVIRONMENT, scope, past, OptionalLong.empty()), RandomHistory.CONTEXT);
        } catch (Refused e) {
            assertThat(history.plane.image()).as(label).isSameAs(before);
            refused++;
            return;
        } catch (InvalidInput e) {
            throw new AssertionError(label + ": " + e.getMessage(), e);
        }
        Json reply = switch (outcome) {
            case Outcome.Done<Json> done -> done.reply();
            case Outcome.Unchanged<Json> unchanged -> unchanged.reply();
            default -> throw new AssertionError(label + ": " + outcome);
        };
        long version = history.newest();
        assertThat(version)
                .as(label)
                .isBetween(before.provenance().version(), before.provenance().version() + 1);
        String text = reply.text();
        boolean same = text.contains("\"changedDependencies\":[]");
        removed += withDependencies && text.contains("removed\"") ? 1 : 0;
        returned += text.contains("\"returnedFlags\":[]") ? 0 : 1;
        Ruleset then = Ruleset.of(history.plane.imageAt(past.version()), RandomHistory.ENVIRONMENT);
        Ruleset now = Ruleset.of(history.plane.image(), RandomHistory.ENVIRONMENT);
        if (!withDependencies && !same) {
            drifted++;
            return;
        }
        for (String flag : flags) {
            for (Context context : RandomHistory.contexts()) {
                assertThat(shown(now.evaluate(flag, context)))
                        .as(label + ", " + flag + " for " + context + ": " + text)
                        .isEqualTo(shown(then.evaluate(flag, context)));
            }
        }
        equal++;
    }

    static String shown(Evaluation evaluation) {
        return evaluation.variant() + " " + evaluation.value() + " " + evaluation.reason() + " " + evaluation.error()
                + " " + evaluation.rule();
    }
}
