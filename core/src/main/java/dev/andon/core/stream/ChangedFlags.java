package dev.andon.core.stream;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Segment;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Which flags may answer differently in one state than in another: those whose own configuration, metadata or kills
 * differ, those that read a segment that differs, and those that require one of these. May name too many, never too few.
 */
final class ChangedFlags {
    private ChangedFlags() {}

    static Set<String> between(HeldState before, HeldState after) {
        Set<String> changed = new TreeSet<>();
        Map<String, Versioned<Configuration>> old = configurations(before);
        Map<String, Versioned<Configuration>> now = configurations(after);
        changed.addAll(differing(old, now));
        Set<String> metadata = differing(before.image().flags(), after.image().flags());
        metadata.stream()
                .filter(key -> old.containsKey(key) || now.containsKey(key))
                .forEach(changed::add);
        addKills(before, after, changed);
        Set<String> segments = differing(segments(before), segments(after));
        if (!segments.isEmpty()) {
            addReaders(segments, before, changed);
            addReaders(segments, after, changed);
        }
        if (!changed.isEmpty()) {
            addDependents(now, changed);
        }
        return Collections.unmodifiableSet(changed);
    }

    private static void addKills(HeldState before, HeldState after, Set<String> changed) {
        Map<KillId, StandingKill> old = new HashMap<>();
        before.standing().forEach(kill -> old.put(kill.id(), kill));
        Map<KillId, StandingKill> now = new HashMap<>();
        after.standing().forEach(kill -> now.put(kill.id(), kill));
        for (KillId id : differing(old, now)) {
            for (Map<KillId, StandingKill> side : List.of(old, now)) {
                StandingKill kill = side.get(id);
                if (kill != null) {
                    changed.addAll(kill.flags());
                }
            }
        }
    }

    private static void addReaders(Set<String> segments, HeldState state, Set<String> changed) {
        Map<String, Versioned<Segment>> all = segments(state);
        Set<String> reached = closure(
                segments,
                all.values(),
                segment -> segment.value().key(),
                segment -> segment.value().segments());
        configurations(state).forEach((flag, configuration) -> {
            if (!Collections.disjoint(configuration.value().segments(), reached)) {
                changed.add(flag);
            }
        });
    }

    private static void addDependents(Map<String, Versioned<Configuration>> configurations, Set<String> changed) {
        changed.addAll(closure(changed, configurations.entrySet(), Map.Entry::getKey, entry -> {
            Set<String> required = new HashSet<>();
            for (Prerequisite prerequisite : entry.getValue().value().prerequisites()) {
                required.add(prerequisite.flag());
            }
            return required;
        }));
    }

    /** The start and every item that refers to a member, directly or through others. */
    private static <T> Set<String> closure(
            Set<String> start, Iterable<T> items, Function<T, String> key, Function<T, Set<String>> refersTo) {
        Set<String> reached = new HashSet<>(start);
        boolean grown = true;
        while (grown) {
            grown = false;
            for (T item : items) {
                if (!reached.contains(key.apply(item)) && !Collections.disjoint(refersTo.apply(item), reached)) {
                    grown |= reached.add(key.apply(item));
                }
            }
        }
        return reached;
    }

    private static <K, V> Set<K> differing(Map<K, V> old, Map<K, V> now) {
        Set<K> keys = new HashSet<>();
        old.forEach((key, value) -> {
            if (!Objects.equals(value, now.get(key))) {
                keys.add(key);
            }
        });
        now.keySet().stream().filter(key -> !old.containsKey(key)).forEach(keys::add);
        return keys;
    }

    private static Map<String, Versioned<Configuration>> configurations(HeldState state) {
        return state.environment().map(EnvironmentImage::configurations).orElse(Map.of());
    }

    private static Map<String, Versioned<Segment>> segments(HeldState state) {
        return state.environment().map(EnvironmentImage::segments).orElse(Map.of());
    }
}
