package dev.andon.core.image;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How far one evaluation in an environment can reach through prerequisites and segments. Flags and segments that are
 * shared along several ways count once for each way, as evaluation looks at them each time: a few dozen flags can
 * otherwise cost more steps than there is time. Remembers what it has measured. Not thread-safe.
 */
public final class Reach {
    /** How many flags, or segments, may build on one another in a row. */
    public static final int MAX_DEPTH = 64;

    /** How deep conditions may nest, segments included. */
    public static final int MAX_NESTING = 128;

    /** How many conditions, text comparisons and flags one evaluation may have to look at. */
    public static final int MAX_STEPS = 100_000;

    private final EnvironmentImage environment;
    private final Map<String, Size> flags = new HashMap<>();
    private final Map<String, Size> segments = new HashMap<>();
    private final Set<String> flagPath = new LinkedHashSet<>();
    private final Set<String> segmentPath = new LinkedHashSet<>();

    private record Size(int depth, int nesting, long steps) {
        static final Size LEAF = new Size(0, 1, 1);
    }

    public Reach(EnvironmentImage environment) {
        this.environment = environment;
    }

    /** Refuses a flag that requires itself, or whose evaluation would go beyond the limits. */
    public void requireFlag(String key) {
        flagPath.clear();
        segmentPath.clear();
        flag(key);
    }

    /** How many conditions, text comparisons and flags one evaluation of the flag may have to look at; refuses as {@link #requireFlag}. */
    public int steps(String key) {
        flagPath.clear();
        segmentPath.clear();
        return (int) flag(key).steps();
    }

    /** Refuses a segment that builds on itself, or whose evaluation would go beyond the limits. */
    public void requireSegment(String key) {
        segmentPath.clear();
        segment(key);
    }

    private Size flag(String key) {
        Size known = flags.get(key);
        if (known != null) {
            return known;
        }
        Versioned<Configuration> versioned = environment.configurations().get(key);
        if (versioned == null) {
            return Size.LEAF;
        }
        enter(flagPath, key, "prerequisites");
        Configuration configuration = versioned.value();
        int depth = 0;
        long steps = 1;
        for (Prerequisite prerequisite : configuration.prerequisites()) {
            Size size = flag(prerequisite.flag());
            depth = Math.max(depth, size.depth());
            steps = limited("prerequisites", steps + size.steps());
        }
        for (int i = 0; i < configuration.rules().size(); i++) {
            Rule rule = configuration.rules().get(i);
            steps = limited(
                    "rules[" + i + "].when", steps + measure(rule.when()).steps());
        }
        flagPath.remove(key);
        Size size = new Size(within("prerequisites", depth + 1), 0, steps);
        flags.put(key, size);
        return size;
    }

    private Size segment(String key) {
        Size known = segments.get(key);
        if (known != null) {
            return known;
        }
        Versioned<Segment> segment = environment.segments().get(key);
        if (segment == null) {
            return Size.LEAF;
        }
        enter(segmentPath, key, "segment");
        Size when = measure(segment.value().when());
        segmentPath.remove(key);
        Size size = new Size(within("segment", when.depth() + 1), when.nesting() + 1, when.steps() + 1);
        segments.put(key, size);
        return size;
    }

    private Size measure(Condition condition) {
        if (condition instanceof Condition.All all) {
            return measure(all.parts());
        }
        if (condition instanceof Condition.Any any) {
            return measure(any.parts());
        }
        if (condition instanceof Condition.Not not) {
            return measure(List.of(not.part()));
        }
        if (condition instanceof Condition.InSegment in) {
            return segment(in.segment());
        }
        if (condition instanceof Condition.TextMatch match) {
            return new Size(0, 1, Math.max(1, match.values().size()));
        }
        return Size.LEAF;
    }

    private Size measure(List<Condition> parts) {
        int depth = 0;
        int nesting = 0;
        long steps = 1;
        for (Condition part : parts) {
            Size size = measure(part);
            depth = Math.max(depth, size.depth());
            nesting = Math.max(nesting, size.nesting());
            steps = limited("when", steps + size.steps());
        }
        if (nesting >= MAX_NESTING) {
            throw new InvalidInput(
                    "when",
                    "conditions nested deeper than " + MAX_NESTING,
                    "at most " + MAX_NESTING + " levels, those of segments included");
        }
        return new Size(depth, nesting + 1, steps);
    }

    private static void enter(Set<String> path, String key, String name) {
        if (path.contains(key)) {
            List<String> cycle = new ArrayList<>(path);
            cycle = cycle.subList(cycle.indexOf(key), cycle.size());
            throw new InvalidInput(
                    name, String.join(" → ", cycle) + " → " + key, "no cycle; remove one of these references");
        }
        within(name, path.size() + 1);
        path.add(key);
    }

    private static int within(String name, int depth) {
        if (depth > MAX_DEPTH) {
            throw new InvalidInput(name, "more than " + MAX_DEPTH + " in a row", "at most " + MAX_DEPTH);
        }
        return depth;
    }

    private static long limited(String name, long steps) {
        if (steps > MAX_STEPS) {
            throw new InvalidInput(
                    name,
                    "more than " + MAX_STEPS + " steps for one evaluation, prerequisites and segments included",
                    "at most " + MAX_STEPS
                            + "; share fewer prerequisites or segments, or use in instead of lists of texts");
        }
        return steps;
    }
}
