package dev.andon.server.rollback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.event.Event;
import dev.andon.core.image.Dependents;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.server.node.Outcome;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random histories: after a rollback of the whole environment to N, every flag evaluates as it did at N, under the kills that
 * stand now; what those pin, and nothing else, is as before.
 */
final class WholeRollbackPropertyTest {
    private static final int CHANGES = 60;
    private static final String ENVIRONMENT = RandomHistory.ENVIRONMENT;

    private int exact;
    private int underKills;
    private int safeVariantsKept;
    private int flagsKept;
    private int keptForOthers;
    private int came;
    private int went;
    private int returned;

    @Test
    void afterARollbackTheEnvironmentEvaluatesAsItDid() {
        check(0, 100);
    }

    @Test
    @Tag("nightly")
    void afterManyRollbacksTheEnvironmentEvaluatesAsItDid() {
        check(10_000, 10_000);
    }

    private void check(int firstSeed, int histories) {
        for (int seed = firstSeed; seed < firstSeed + histories; seed++) {
            check(seed);
        }
        assertThat(exact).as("rollbacks without kills").isGreaterThan(histories / 2);
        assertThat(underKills).as("rollbacks under kills").isGreaterThan(histories);
        assertThat(safeVariantsKept).as("safe variants that were kept").isGreaterThan(histories / 10);
        assertThat(flagsKept).as("flags that were kept").isGreaterThan(histories / 10);
        assertThat(keptForOthers).as("flags that were kept for others").isBetween(histories / 50, histories);
        assertThat(came).as("flags that came since").isGreaterThan(histories / 10);
        assertThat(went).as("segments that came since").isGreaterThan(histories / 10);
        assertThat(returned).as("archived flags that came back").isGreaterThan(histories / 10);
    }

    private void check(int seed) {
        RandomHistory history = new RandomHistory(seed, seed % 4 != 0);
        for (int i = 0; i < CHANGES; i++) {
            history.change();
        }
        for (int i = 0; i < 4; i++) {
            long newest = history.newest();
            long to = 2 + history.random.nextLong(newest - 1);
            String label = "seed " + seed + ", from " + newest + " to " + to;
            rollBack(history, to, label);
            for (int j = 0; j < 5; j++) {
                history.change();
            }
        }
    }

    private void rollBack(RandomHistory history, long to, String label) {
        Image before = history.plane.image();
        List<StandingKill> standing = history.standing();
        Rollback command = new Rollback(ENVIRONMENT, new Scope.Whole(), history.past(to), OptionalLong.empty());
        Json reply = reply(history.plane.execute(command, RandomHistory.CONTEXT));
        Image after = history.plane.image();
        assertThat(after.provenance().version())
                .as(label)
                .isBetween(before.provenance().version(), before.provenance().version() + 1);
        assertThat(history.standing()).as(label + ": kills stay").isEqualTo(standing);
        String text = label + ": " + reply.text();
        Fields fields = Fields.lenient(reply);
        Map<String, Fields> kept = kept(fields, "flag");
        Map<String, Fields> keptSegments = kept(fields, "segment");
        Image old = history.plane.imageAt(to);
        if (standing.isEmpty()) {
            exact++;
            assertThat(kept).as(text).isEmpty();
            assertThat(keptSegments).as(text).isEmpty();
            assertThat(configurations(after)).as(text).isEqualTo(configurations(old));
            assertThat(segments(after)).as(text).isEqualTo(segments(old));
        } else {
            underKills++;
        }
        checkKept(text, before, old, after, standing, kept);
        checkEvaluations(text, old, after, standing, kept, keptSegments.keySet());
        came += fields.texts("removedFlags").size();
        went += fields.texts("removedSegments").size();
        returned += fields.texts("returnedFlags").size();
        Outcome<Json> again = history.plane.execute(
                new Rollback(ENVIRONMENT, new Scope.Whole(), history.past(to), OptionalLong.empty()),
                RandomHistory.CONTEXT);
        assertThat(again).as(text + ", again").isInstanceOf(Outcome.Unchanged.class);
    }

    private static Json reply(Outcome<Json> outcome) {
        return switch (outcome) {
            case Outcome.Done<Json> done -> done.reply();
            case Outcome.Unchanged<Json> unchanged -> unchanged.reply();
            default -> throw new AssertionError(outcome);
        };
    }

    private static Map<String, Fields> kept(Fields reply, String kind) {
        Map<String, Fields> kept = new TreeMap<>();
        for (Json item : reply.items("skipped")) {
            Fields fields = Fields.lenient(item);
            fields.optionalText(kind).ifPresent(key -> kept.put(key, fields));
        }
        return kept;
    }

    /** What is kept has a reason that can be seen from outside. */
    private void checkKept(
            String text, Image before, Image old, Image after, List<StandingKill> standing, Map<String, Fields> kept) {
        boolean forKills = false;
        for (Map.Entry<String, Fields> entry : kept.entrySet()) {
            String flag = entry.getKey();
            Configuration was = configurations(before).get(flag);
            Configuration is = configurations(after).get(flag);
            Configuration then = configurations(old).get(flag);
            boolean held = standing.stream().anyMatch(kill -> kill.flags().contains(flag));
            boolean pinned = held && was != null && !safe(was).equals(safe(then));
            assertThat(entry.getValue().texts("kills").isEmpty())
                    .as(text + ": kills of " + flag)
                    .isEqualTo(!pinned);
            forKills |= pinned;
            if (entry.getValue().text("what").equals("safe-variant")) {
                safeVariantsKept++;
                assertThat(pinned).as(text).isTrue();
                Configuration wanted = Objects.requireNonNull(then);
                assertThat(safe(is)).as(text).isEqualTo(safe(was));
                assertThat(is.rules()).as(text).isEqualTo(wanted.rules());
                assertThat(is.fallThrough()).as(text).isEqualTo(wanted.fallThrough());
                assertThat(is.prerequisites()).as(text).isEqualTo(wanted.prerequisites());
                assertThat(is.on()).as(text).isEqualTo(wanted.on());
                assertThat(is.variants()).as(text).containsAllEntriesOf(wanted.variants());
            } else {
                flagsKept++;
                keptForOthers += pinned ? 0 : 1;
                assertThat(is).as(text + ": " + flag).isEqualTo(was);
            }
        }
        assertThat(forKills).as(text).isEqualTo(!kept.isEmpty());
    }

    private static Optional<String> safe(Configuration configuration) {
        return Optional.ofNullable(configuration)
                .map(there -> there.safeVariant() + " "
                        + there.variants().get(there.safeVariant()).text());
    }

    /** The old rules under the present kills say what is to be served, wherever nothing kept is read. */
    private static void checkEvaluations(
            String text,
            Image old,
            Image after,
            List<StandingKill> standing,
            Map<String, Fields> kept,
            Collection<String> keptSegments) {
        EnvironmentImage place = after.environment(ENVIRONMENT).orElseThrow();
        Set<String> touched = new Dependents(place).reachedFlags(kept.keySet(), keptSegments);
        Ruleset then = Ruleset.of(under(standing, old), ENVIRONMENT);
        Ruleset now = Ruleset.of(under(standing, after), ENVIRONMENT);
        Set<String> flags = new TreeSet<>(configurations(old).keySet());
        flags.addAll(configurations(after).keySet());
        flags.removeAll(touched);
        for (String flag : flags) {
            for (Context context : RandomHistory.contexts()) {
                assertThat(RollbackPropertyTest.shown(now.evaluate(flag, context)))
                        .as(text + ", " + flag + " for " + context)
                        .isEqualTo(RollbackPropertyTest.shown(then.evaluate(flag, context)));
            }
        }
        for (Map.Entry<String, Fields> entry : kept.entrySet()) {
            boolean alone = new Dependents(place)
                    .reachedFlags(
                            kept.keySet().stream()
                                    .filter(other -> !other.equals(entry.getKey()))
                                    .toList(),
                            keptSegments)
                    .contains(entry.getKey());
            if (entry.getValue().text("what").equals("safe-variant") && !alone) {
                checkSafeVariantAlone(text, entry.getKey(), then, now, place);
            }
        }
    }

    /** A flag of which the safe variant alone was kept serves as then, but for the safe variant. */
    private static void checkSafeVariantAlone(
            String text, String flag, Ruleset then, Ruleset now, EnvironmentImage place) {
        String safe = place.configurations().get(flag).value().safeVariant();
        for (Context context : RandomHistory.contexts()) {
            Evaluation was = then.evaluate(flag, context);
            Evaluation is = now.evaluate(flag, context);
            String label = text + ", " + flag + " for " + context;
            assertThat(is.reason()).as(label).isEqualTo(was.reason());
            assertThat(is.rule()).as(label).isEqualTo(was.rule());
            if (!safe.equals(is.variant())) {
                assertThat(is.variant()).as(label).isEqualTo(was.variant());
                assertThat(is.value()).as(label).isEqualTo(was.value());
            }
        }
    }

    /** The image as if these kills stood in it, and no others. */
    private static Image under(List<StandingKill> standing, Image image) {
        ImageDelta delta = new ImageDelta(image);
        long next = image.provenance().version() + 1;
        image.environment(ENVIRONMENT)
                .orElseThrow()
                .kills()
                .keySet()
                .forEach(kill -> delta.apply(next, new Event.KillRestored(ENVIRONMENT, kill)));
        standing.forEach(kill -> delta.apply(next, new Event.KillStood(kill.signed(), kill.flags())));
        return delta.build(image.provenance().at(next));
    }

    private static Map<String, Configuration> configurations(Image image) {
        return values(image.environment(ENVIRONMENT).orElseThrow().configurations());
    }

    private static Map<String, dev.andon.core.model.Segment> segments(Image image) {
        return values(image.environment(ENVIRONMENT).orElseThrow().segments());
    }

    private static <T> Map<String, T> values(Map<String, Versioned<T>> versioned) {
        Map<String, T> values = new TreeMap<>();
        versioned.forEach((key, value) -> values.put(key, value.value()));
        return values;
    }
}
