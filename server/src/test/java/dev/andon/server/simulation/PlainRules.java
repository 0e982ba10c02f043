package dev.andon.server.simulation;

import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** What a flag serves, said as plainly as can be. Knows the conditions that {@link Changes} makes, and no others. */
record PlainRules(Model.State state, Map<String, Long> context, Predicate<String> killed) {
    private static final int MAX_DEPTH = 32;

    /** Why. */
    enum Because {
        KILLED,
        OFF,
        PREREQUISITE,
        RULES
    }

    record Served(String variant, Json value, Because because) {}

    /** Empty for a flag that isn't there. */
    Optional<Served> serves(String flag) {
        return serves(flag, 0);
    }

    private Optional<Served> serves(String flag, int depth) {
        Configuration configuration = state.configurations().get(flag);
        if (configuration == null) {
            return Optional.empty();
        }
        if (depth > MAX_DEPTH) {
            throw new IllegalStateException("flags that require each other: " + flag);
        }
        if (killed.test(flag)) {
            return served(configuration, configuration.safeVariant(), Because.KILLED);
        }
        if (!configuration.on()) {
            return served(configuration, configuration.safeVariant(), Because.OFF);
        }
        for (Prerequisite prerequisite : configuration.prerequisites()) {
            Optional<Served> required = serves(prerequisite.flag(), depth + 1);
            if (required.isEmpty()
                    || !prerequisite.variants().contains(required.get().variant())) {
                return served(configuration, configuration.safeVariant(), Because.PREREQUISITE);
            }
        }
        for (Rule rule : configuration.rules()) {
            if (holds(rule.when(), context, state.segments())) {
                return served(configuration, variant(rule.serve()), Because.RULES);
            }
        }
        return served(configuration, variant(configuration.fallThrough()), Because.RULES);
    }

    private static Optional<Served> served(Configuration configuration, String variant, Because because) {
        return Optional.of(new Served(variant, configuration.variants().get(variant), because));
    }

    private static String variant(Serve serve) {
        return ((Serve.Fixed) serve).variant();
    }

    static boolean holds(Condition condition, Map<String, Long> context, Map<String, Segment> segments) {
        if (condition instanceof Condition.In in) {
            Long value = context.get(in.attribute());
            return value != null && in.values().contains(Json.of(value));
        }
        if (condition instanceof Condition.Not not) {
            return !holds(not.part(), context, segments);
        }
        if (condition instanceof Condition.Any any) {
            return any.parts().stream().anyMatch(part -> holds(part, context, segments));
        }
        if (condition instanceof Condition.InSegment in) {
            Segment segment = segments.get(in.segment());
            return segment != null && holds(segment.when(), context, segments);
        }
        throw new IllegalArgumentException("condition: " + condition);
    }
}
