package dev.andon.core.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.Histories;
import dev.andon.core.Samples;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Random environments and contexts: the compiled evaluation, its explanation and a naive one say the same. */
class EvaluationTest {
    private static final int SEEDS = 12;
    private static final int ENTRIES = 32;
    private static final int CONTEXTS = 9;

    @Test
    void evaluation_agrees_with_the_naive_one_and_with_its_explanation() {
        Map<Reason, Integer> reasons = new EnumMap<>(Reason.class);
        Set<Reason> whateverTheContext = EnumSet.noneOf(Reason.class);
        for (long seed = 0; seed < SEEDS; seed++) {
            Samples samples = new Samples(seed);
            List<Image> images = Histories.images(Histories.sound(seed, ENTRIES));
            for (int at = 2; at < images.size(); at += 3) {
                Image image = images.get(at);
                for (String environment : Samples.ENVIRONMENTS) {
                    List<StandingKill> carried = carried(samples, environment);
                    Set<String> blind = samples.chance(0.8) ? Set.of() : Set.of(samples.one(Samples.FLAGS));
                    Place place = samples.one(List.of(
                            Place.UNKNOWN, Place.of("shop", "eu"), Place.of("billing", ""), Place.of("", "us")));
                    Ruleset ruleset = Ruleset.of(image, environment, place)
                            .withKills(carried)
                            .withBlind(blind);
                    NaiveEvaluation naive = new NaiveEvaluation(image, environment, carried, blind, place);
                    for (int i = 0; i < CONTEXTS; i++) {
                        Context context = samples.context();
                        for (String flag : Samples.FLAGS) {
                            Evaluation evaluation = ruleset.evaluate(flag, context);
                            reasons.merge(evaluation.reason(), 1, Integer::sum);
                            CompiledFlag compiled = ruleset.flag(flag);
                            Evaluation always = compiled == null ? null : ruleset.always(compiled);
                            if (always != null) {
                                assertThat(always).as("%s, %s", seed, flag).isSameAs(evaluation);
                                whateverTheContext.add(always.reason());
                            }
                            assertThat(evaluation)
                                    .as("seed %d, version %d, %s, %s, %s", seed, at, environment, flag, context)
                                    .hasToString(naive.evaluate(flag, context));
                            if (i % 3 == 0) {
                                check(ruleset.explain(flag, context), evaluation);
                            }
                        }
                    }
                }
            }
        }
        assertThat(reasons.keySet())
                .contains(
                        Reason.KILLED,
                        Reason.BLIND,
                        Reason.OFF,
                        Reason.PREREQUISITE,
                        Reason.TARGETING_MATCH,
                        Reason.SPLIT,
                        Reason.FALLTHROUGH,
                        Reason.STATIC,
                        Reason.ERROR);
        assertThat(whateverTheContext)
                .contains(Reason.KILLED, Reason.BLIND, Reason.OFF, Reason.STATIC)
                .doesNotContain(Reason.TARGETING_MATCH, Reason.SPLIT, Reason.PREREQUISITE);
        assertThat(reasons)
                .allSatisfy(
                        (reason, times) -> assertThat(times).as(reason.name()).isGreaterThan(10));
    }

    private static void check(Explanation explanation, Evaluation evaluation) {
        assertThat(explanation.evaluation()).isSameAs(evaluation);
        assertThat(Json.parse(explanation.toJson().utf8())).isEqualTo(explanation.toJson());
        List<Explanation.Step> steps = explanation.steps();
        if (evaluation.reason() == Reason.TARGETING_MATCH) {
            Explanation.Step last = steps.get(steps.size() - 1);
            assertThat(last.kind()).isEqualTo("rule");
            assertThat(last.what()).startsWith("" + evaluation.rule());
            assertThat(last.outcome()).isEqualTo("holds");
        } else if (evaluation.kill() != null) {
            Explanation.Step last = steps.get(steps.size() - 1);
            assertThat(last.what()).isEqualTo(evaluation.kill().toString());
            assertThat(last.outcome()).isEqualTo("stops");
        } else if (evaluation.reason() == Reason.PREREQUISITE) {
            assertThat(steps.get(steps.size() - 1).outcome()).isIn("not met", "doesn't exist");
        }
        assertThat(explanation.text()).endsWith(evaluation + "\n");
    }

    @Test
    void a_ruleset_moved_on_equals_one_made_from_scratch() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Samples samples = new Samples(seed);
            List<Histories.Written> history = Histories.sound(seed, ENTRIES);
            List<Image> images = Histories.images(history);
            for (String environment : Samples.ENVIRONMENTS) {
                int at = 2;
                Ruleset moved = Ruleset.of(images.get(at), environment);
                while (at < history.size()) {
                    int next = Math.min(history.size(), at + 1 + samples.below(3));
                    ImageDelta delta = new ImageDelta(images.get(at));
                    history.subList(at, next).forEach(entry -> delta.applyAll(entry.versioned()));
                    Image image = delta.build(Histories.at(next));
                    Ruleset compared =
                            moved.advance(image, ImageDelta.Touched.between(moved.image(), image, environment));
                    moved = moved.advance(image, delta.touched(environment));
                    Ruleset fresh = Ruleset.of(image, environment);
                    assertThat(moved.flags()).hasSameSizeAs(fresh.flags());
                    for (int i = 0; i < CONTEXTS; i++) {
                        Context context = samples.context();
                        for (String flag : Samples.FLAGS) {
                            assertThat(moved.explain(flag, context).toJson())
                                    .as("seed %d, %s from %d to %d, %s", seed, environment, at, next, flag)
                                    .isEqualTo(fresh.explain(flag, context).toJson())
                                    .isEqualTo(compared.explain(flag, context).toJson());
                        }
                    }
                    images.set(next, image);
                    at = next;
                }
            }
        }
    }

    private static List<StandingKill> carried(Samples samples, String environment) {
        Map<KillId, StandingKill> kills = new TreeMap<>();
        samples.some(0, 2, () -> kill(samples, environment)).forEach(kill -> kills.put(kill.id(), kill));
        return List.copyOf(kills.values());
    }

    private static StandingKill kill(Samples samples, String environment) {
        TreeSet<String> flags = new TreeSet<>(samples.some(1, 2, () -> samples.one(Samples.FLAGS)));
        KillId id = new KillId("9f86d081", 1 + samples.below(20));
        Kill kill = samples.kill(id, samples.chance(0.9) ? environment : "other", flags);
        return new StandingKill(new SignedKill(kill.toJson().text(), "unsigned", kill), flags);
    }
}
