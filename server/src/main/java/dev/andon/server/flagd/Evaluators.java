package dev.andon.server.flagd;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Segment;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * An environment's segments, which a document holds once, under {@code $evaluators}, as far as clients find them there. Clients
 * put them in by replacing text, once and some by regular expressions: a segment within another is written out, and so is one
 * whose key or content the replacing would take for more than text. Not thread-safe.
 */
final class Evaluators {
    /** How deep what a reference stands for may nest; what is deeper is written out, where it counts. */
    static final int MOST_LEVELS = 60;

    private static final Pattern PLAIN_KEY = Pattern.compile("[A-Za-z0-9_-]+");

    private final EnvironmentImage environment;
    private final Map<String, Evaluator> written = new HashMap<>();

    /**
     * A segment as it is written.
     *
     * @param condition false where there is no such segment
     * @param size as a {@link Budget} counts it
     * @param read the segment, and those that it builds on
     * @param referable whether it can stand under {@code $evaluators}
     */
    record Evaluator(Json condition, int size, Set<String> read, boolean referable) {}

    Evaluators(EnvironmentImage environment) {
        this.environment = environment;
    }

    /** @throws dev.andon.core.json.InvalidInput naming what of the segment flagd's language hasn't got */
    Evaluator of(String key) {
        Evaluator known = written.get(key);
        if (known == null) {
            Versioned<Segment> segment = environment.segments().get(key);
            known = segment == null ? new Evaluator(Logic.FALSE, 0, Set.of(key), false) : write(segment.value());
            written.put(key, known);
        }
        return known;
    }

    private Evaluator write(Segment segment) {
        Budget budget = new Budget();
        Set<String> read = new TreeSet<>(Set.of(segment.key()));
        Conditions conditions = new Conditions(budget, (path, key) -> {
            Evaluator inner = of(key);
            budget.spend(path, inner.size());
            read.addAll(inner.read());
            return inner.condition();
        });
        Json condition = conditions.of("segments." + segment.key() + ".when", segment.when());
        boolean referable = PLAIN_KEY.matcher(segment.key()).matches() && isPlain(condition);
        return new Evaluator(condition, budget.spent(), Set.copyOf(read), referable);
    }

    private static boolean isPlain(Json condition) {
        String text = condition.text();
        return condition instanceof Json.Members
                && Logic.depth(condition) <= MOST_LEVELS
                && text.indexOf('$') < 0
                && text.indexOf('\\') < 0;
    }
}
