package dev.andon.server.simulation;

import static dev.andon.server.simulation.Violation.unless;

import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Segment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a rollback has to come to: what is meant is what it was then. Where whoever decided knew kills that hold flags, those
 * keep their safe variants, and may keep others from going back; then each is what it was then or what it is now.
 */
record PlainRollback(Model model, Intent.Pending pending, Intent.Rollback rollback, Model.State before) {
    private static final String PROMISE = "ROLLBACK";

    /** What was found, if it is as it has to be. */
    Model.State checked(Model.State found) {
        long to = rollback.toVersion().isPresent()
                ? rollback.toVersion().getAsLong()
                : model.versionAt(rollback.toTime().orElseThrow(), rollback.newest())
                        .orElseThrow();
        Model.State then = model.at(to);
        Set<String> flags = new TreeSet<>(rollback.flags());
        Set<String> segments = new TreeSet<>(rollback.segments());
        if (rollback.whole()) {
            flags.addAll(then.configurations().keySet());
            flags.addAll(before.configurations().keySet());
            segments.addAll(then.segments().keySet());
            segments.addAll(before.segments().keySet());
        } else if (rollback.withDependencies()) {
            addDependencies(then, flags, segments);
        }
        boolean pinned = before.configurations().keySet().stream().anyMatch(flag -> model.maybeHeld(pending, flag));
        Map<String, Configuration> configurations = new TreeMap<>(before.configurations());
        for (String flag : flags) {
            set(configurations, flag, checked(flag, then.configurations().get(flag), found, pinned));
        }
        Map<String, Segment> kept = new TreeMap<>(before.segments());
        for (String segment : segments) {
            set(kept, segment, checked(segment, then.segments().get(segment), found, pinned));
        }
        Map<String, Flag> metadata = new TreeMap<>(before.flags());
        configurations.keySet().forEach(flag -> metadata.computeIfPresent(flag, (key, old) -> old.unarchive()));
        return new Model.State(metadata, configurations, kept);
    }

    private static <T> void set(Map<String, T> map, String key, T value) {
        if (value == null) {
            map.remove(key);
        } else {
            map.put(key, value);
        }
    }

    private Configuration checked(String flag, Configuration then, Model.State found, boolean pinned) {
        Configuration now = before.configurations().get(flag);
        Configuration is = found.configurations().get(flag);
        boolean held = now != null && model.heldByKnown(pending, flag);
        if (held) {
            unless(is != null, PROMISE, "it took " + flag + " away, which is held by a kill");
            unless(Model.sameSafe(now, is), PROMISE, "it changed the safe variant of " + flag + " under a kill");
        }
        boolean may = then != null && model.maybeHeld(pending, flag);
        boolean back = Objects.equals(is, then) || (may && Objects.equals(is, withSafeOf(now, then)));
        unless(back || (pinned && Objects.equals(is, now)), PROMISE, flag + " isn't what it was then: " + is);
        return is;
    }

    private Segment checked(String segment, Segment then, Model.State found, boolean pinned) {
        Segment is = found.segments().get(segment);
        boolean kept = pinned && Objects.equals(is, before.segments().get(segment));
        unless(kept || Objects.equals(is, then), PROMISE, "segment " + segment + " isn't what it was then: " + is);
        return is;
    }

    private static Configuration withSafeOf(Configuration now, Configuration then) {
        Map<String, Json> variants = new LinkedHashMap<>(then.variants());
        variants.put(now.safeVariant(), now.variants().get(now.safeVariant()));
        return new Configuration(
                variants,
                now.safeVariant(),
                then.on(),
                then.prerequisites(),
                then.rules(),
                then.fallThrough(),
                then.whenBlind());
    }

    private static void addDependencies(Model.State then, Set<String> flags, Set<String> segments) {
        boolean grown = true;
        while (grown) {
            int size = flags.size() + segments.size();
            for (String flag : Set.copyOf(flags)) {
                Configuration configuration = then.configurations().get(flag);
                if (configuration != null) {
                    for (Prerequisite prerequisite : configuration.prerequisites()) {
                        flags.add(prerequisite.flag());
                    }
                    configuration.rules().forEach(rule -> addNamed(rule.when(), segments));
                }
            }
            for (String segment : Set.copyOf(segments)) {
                Segment one = then.segments().get(segment);
                if (one != null) {
                    addNamed(one.when(), segments);
                }
            }
            grown = flags.size() + segments.size() > size;
        }
    }

    private static void addNamed(Condition condition, Set<String> segments) {
        if (condition instanceof Condition.InSegment in) {
            segments.add(in.segment());
        } else if (condition instanceof Condition.Not not) {
            addNamed(not.part(), segments);
        } else if (condition instanceof Condition.Any any) {
            any.parts().forEach(part -> addNamed(part, segments));
        }
    }
}
