package dev.andon.server.node;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Segment;
import java.util.List;

/**
 * Writes out the segments that a kill's audience names: a kill must mean the same for ever. Used once.
 */
final class Inlining {
    /** Conditions and values; what has more is longer than a kill may be, too. */
    private static final int MAX_PARTS = 50_000;

    private static final String NEXT = "; stop a wider audience, such as one condition of it, or everyone";

    /** Levels of JSON that lie around an audience wherever a kill travels. */
    private static final int LEVELS_AROUND = 4;

    private final EnvironmentImage environment;
    private int parts;

    private Inlining(EnvironmentImage environment) {
        this.environment = environment;
    }

    /** Refuses an audience that names what isn't there, or is too large once it is written out. */
    static Condition of(Condition audience, EnvironmentImage environment) {
        Condition inlined = new Inlining(environment).inlined(audience);
        int depth = depth(inlined.toJson(), 1);
        int most = JsonLimits.DEFAULT.depth() - LEVELS_AROUND;
        if (depth > most) {
            throw new InvalidInput(
                    "audience",
                    "conditions that nest to " + depth + " levels of JSON, segments written out",
                    "at most " + most + NEXT);
        }
        return inlined;
    }

    private static int depth(Json json, int level) {
        return switch (json) {
            case Json.Members object ->
                object.members().values().stream()
                        .mapToInt(value -> depth(value, level + 1))
                        .max()
                        .orElse(level);
            case Json.Array array ->
                array.items().stream()
                        .mapToInt(value -> depth(value, level + 1))
                        .max()
                        .orElse(level);
            default -> level;
        };
    }

    private Condition inlined(Condition condition) {
        return switch (condition) {
            case Condition.All all -> new Condition.All(inlined(all.parts()));
            case Condition.Any any -> new Condition.Any(inlined(any.parts()));
            case Condition.Not not -> new Condition.Not(inlined(not.part()));
            case Condition.InSegment in -> inlined(segment(in.segment()).when());
            case Condition.In in -> counted(in, in.values().size());
            case Condition.TextMatch match -> counted(match, match.values().size());
            case Condition.NumberMatch match -> counted(match, 1);
            case Condition.VersionMatch match -> counted(match, 1);
            case Condition.DateMatch match -> counted(match, 1);
            case Condition.Exists exists -> counted(exists, 1);
        };
    }

    private List<Condition> inlined(List<Condition> conditions) {
        return conditions.stream().map(this::inlined).toList();
    }

    private Condition counted(Condition condition, int size) {
        parts += 1 + size;
        if (parts > MAX_PARTS) {
            throw new InvalidInput(
                    "audience",
                    "more than " + MAX_PARTS + " conditions and values, segments written out",
                    "at most " + MAX_PARTS + NEXT);
        }
        return condition;
    }

    private Segment segment(String key) {
        Versioned<Segment> segment = environment.segments().get(key);
        if (segment == null) {
            throw Refused.unknown(
                    "audience.segment",
                    key,
                    "a segment of environment " + environment.environment().key(),
                    environment.segments().keySet());
        }
        return segment.value();
    }
}
