package dev.andon.server.receipt;

import dev.andon.core.evaluate.Place;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.Kill;
import dev.andon.server.node.Exercises.Exercise;
import dev.andon.server.node.Instance;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * A kill as an exercise: by SDK, of those who have applied it and whom it is aimed at; an SDK nobody has applied it with has
 * none. Clients of other protocols count by their protocol; where they run isn't known, so that it is aimed at them.
 */
final class Exercised {
    private final Map<String, int[]> counts = new HashMap<>();
    private final Map<String, Double> slowest = new HashMap<>();
    private final Map<String, Double> fastest = new HashMap<>();

    private Exercised() {}

    static Map<String, Exercise> of(StandingKill kill, Instant sentAt, Collection<Member> members, Verdict verdict) {
        Exercised exercised = new Exercised();
        Kill aimed = kill.signed().kill();
        boolean everywhere = aimed.services().isEmpty() && aimed.regions().isEmpty();
        members.stream()
                .filter(member -> everywhere || isAimedAt(aimed, member.instance))
                .forEach(exercised::add);
        Map<String, Exercise> exercises = new HashMap<>();
        exercised.fastest.forEach((sdk, ms) -> {
            int[] count = exercised.counts.getOrDefault(sdk, new int[2]);
            exercises.put(
                    sdk,
                    new Exercise(
                            kill.id(),
                            sentAt.plusMillis(Math.round(ms)),
                            count[0],
                            count[1],
                            exercised.slowest.getOrDefault(sdk, 0.0),
                            verdict.word()));
        });
        return exercises;
    }

    private static boolean isAimedAt(Kill kill, Instance instance) {
        return instance.protocol().foreign()
                || Place.of(instance.key().service(), instance.region().orElse(""))
                        .within(kill);
    }

    private void add(Member member) {
        String sdk = member.instance.exercisedAs();
        int[] count = counts.computeIfAbsent(sdk, key -> new int[2]);
        if (member.holds()) {
            count[0]++;
            slowest.merge(sdk, member.heldMs(), Math::max);
            fastest.merge(sdk, member.heldMs(), Math::min);
        } else if (member.state() != Member.State.GONE) {
            count[1]++;
        }
    }
}
