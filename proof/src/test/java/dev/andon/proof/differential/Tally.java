package dev.andon.proof.differential;

import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.evaluate.Reason;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Kill;
import dev.andon.server.flagd.FlagdDocuments;
import java.util.Map;
import java.util.TreeMap;

/** What was asked and how it came out. */
final class Tally {
    /** How often an operator alone decided, and which way. */
    private final Map<String, long[]> operators = new TreeMap<>();

    private final Map<String, Long> reasons = new TreeMap<>();
    private final Map<String, Long> left = new TreeMap<>();
    private final Map<String, Long> killed = new TreeMap<>();
    private long worlds;
    private long flags;
    private long killsOrNeeds;
    private long evaluations;
    private long inJava;

    void count(World world, FlagdDocuments.Written written) {
        worlds++;
        world.flags().forEach((key, configured) -> {
            flags++;
            boolean held = world.kills().stream().anyMatch(kill -> kill.matches(configured.flag()));
            if (held || !configured.configuration().prerequisites().isEmpty()) {
                killsOrNeeds++;
            }
        });
        for (Kill kill : world.kills()) {
            String what = kill.target().getClass().getSimpleName()
                    + (kill.audience().isEmpty()
                            ? " for everyone"
                            : written.widened().values().stream().anyMatch(kills -> kills.contains(kill.id()))
                                    ? " widened"
                                    : " for some");
            killed.merge(what, 1L, Long::sum);
        }
        for (InvalidInput why : written.left().values()) {
            left.merge(
                    why.path().replaceAll(".*variants\\..*", "variants").replaceAll(".*\\.", "") + ": "
                            + why.expected(),
                    1L,
                    Long::sum);
        }
    }

    void count(Engine.Question question, Evaluation evaluation, boolean java) {
        evaluations++;
        if (java) {
            inJava++;
        }
        reasons.merge(evaluation.reason().name(), 1L, Long::sum);
        boolean decided = evaluation.reason() == Reason.TARGETING_MATCH || evaluation.reason() == Reason.FALLTHROUGH;
        if (question.flag().startsWith(Worlds.ASKS) && decided) {
            String operator = question.flag()
                    .substring(Worlds.ASKS.length(), question.flag().lastIndexOf('-'));
            operators
                    .computeIfAbsent(operator, name -> new long[2])[
                    evaluation.reason() == Reason.TARGETING_MATCH ? 0 : 1]++;
        }
    }

    long evaluations() {
        return evaluations;
    }

    long worlds() {
        return worlds;
    }

    long count(Operator operator, boolean holds) {
        return operators.getOrDefault(operator.name(), new long[2])[holds ? 0 : 1];
    }

    double killsOrNeeds() {
        return (double) killsOrNeeds / flags;
    }

    double left() {
        return (double) left.values().stream().mapToLong(Long::longValue).sum() / flags;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(
                "%,d evaluations, %,d of them in Java too, over %,d rule sets; %.0f %% of %,d flags with kills or"
                        + " prerequisites%n",
                evaluations, inJava, worlds, 100 * killsOrNeeds(), flags));
        operators.forEach((name, counts) ->
                text.append(String.format("  %s: %,d times true, %,d times false%n", name, counts[0], counts[1])));
        text.append(String.format("  outcomes: %s%n  kills: %s%n  not written: %s", reasons, killed, left));
        return text.toString();
    }
}
