package dev.andon.server.flagd;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Segment;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * An environment's segments, which a document holds once, under {@code $evaluators}, as far as clients find them there. Clients
 * put them in by replacing text, once and some by regular expressions: a segment within another is written out, and so is one
 * whose key or content the replacing would take for more than text. Not thread-safe.
 */
final class Evaluators {
    private static final Pattern PLAIN_KEY = Pattern.compile("[A-Za-z0-9_-]+");

    /** How deep what a reference stands for may nest; what is deeper is written out, where it counts. */
    static final int MOST_LEVELS = 60;

    private final EnvironmentImage environment;
    private final Map<String, Written> written = new HashMap<>();
    private final SortedMap<String, Json> named = new TreeMap<>();

    /** @param size as a {@link Budget} counts it */
    private record Written(Json condition, int size) {}

    Evaluators(EnvironmentImage environment) {
        this.environment = environment;
    }

    /** A segment's condition or a reference to it; false where there is no such segment. */
    Json reference(String path, String key, Budget budget) {
        Written segment = written(key);
        budget.spend(path, segment.size());
        boolean plain = PLAIN_KEY.matcher(key).matches() && isPlain(segment.condition());
        if (!plain) {
            return segment.condition();
        }
        named.put(key, segment.condition());
        return Json.object().put("$ref", key).build();
    }

    /** What was referred to, by key. */
    SortedMap<String, Json> named() {
        return Collections.unmodifiableSortedMap(named);
    }

    private Written written(String key) {
        Written known = written.get(key);
        if (known == null) {
            Versioned<Segment> segment = environment.segments().get(key);
            known = segment == null ? new Written(Logic.FALSE, 0) : write(segment.value());
            written.put(key, known);
        }
        return known;
    }

    private Written write(Segment segment) {
        Budget budget = new Budget();
        Conditions conditions = new Conditions(budget, (path, key) -> {
            Written inner = written(key);
            budget.spend(path, inner.size());
            return inner.condition();
        });
        return new Written(conditions.of("segments." + segment.key() + ".when", segment.when()), budget.spent());
    }

    private static boolean isPlain(Json condition) {
        String text = condition.text();
        return condition instanceof Json.Members
                && Logic.depth(condition) <= MOST_LEVELS
                && text.indexOf('$') < 0
                && text.indexOf('\\') < 0;
    }
}
