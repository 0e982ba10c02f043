package dev.andon.core.stream;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Segment;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * What differs between two states.
 *
 * @param direct flags whose configuration or metadata differ, segments that differ, and whether kills do
 * @param affected flags that may answer differently: those of {@code direct}, those that a kill holds in only one of the
 *     states, those that read a segment that differs, and those that require one of these. May name too many, never too few
 */
public record Changes(ImageDelta.Touched direct, Set<String> affected) {
    public static final Changes NONE = new Changes(new ImageDelta.Touched(Set.of(), Set.of(), false), Set.of());

    public Changes {
        affected = Collections.unmodifiableSet(affected);
    }

    static Changes between(HeldState before, HeldState after) {
        Map<String, Versioned<Configuration>> old = configurations(before);
        Map<String, Versioned<Configuration>> now = configurations(after);
        Set<String> flags = differing(old, now);
        Set<String> metadata = differing(before.image().flags(), after.image().flags());
        metadata.stream()
                .filter(key -> old.containsKey(key) || now.containsKey(key))
                .forEach(flags::add);
        Set<String> segments = differing(segments(before), segments(after));

        Set<String> affected = new TreeSet<>(flags);
        boolean kills = addKilled(before, after, affected);
        if (!segments.isEmpty()) {
            affected.addAll(before.dependents().reachedFlags(Set.of(), segments));
            affected.addAll(after.dependents().reachedFlags(Set.of(), segments));
        }
        if (!affected.isEmpty()) {
            affected.addAll(after.dependents().reachedFlags(affected, Set.of()));
        }
        return new Changes(new ImageDelta.Touched(flags, segments, kills), affected);
    }

    private static boolean addKilled(HeldState before, HeldState after, Set<String> changed) {
        Map<KillId, StandingKill> old = new HashMap<>();
        before.standing().forEach(kill -> old.put(kill.id(), kill));
        Map<KillId, StandingKill> now = new HashMap<>();
        after.standing().forEach(kill -> now.put(kill.id(), kill));
        Set<KillId> differing = differing(old, now);
        for (KillId id : differing) {
            StandingKill was = old.get(id);
            StandingKill is = now.get(id);
            if (was != null && is != null) {
                // What its target matches differs only where flags do.
                changed.addAll(was.flags());
                changed.addAll(is.flags());
            }
            boolean every = is != null && is.flags().contains(StandingKill.EVERY);
            if (was != null && (is == null || every)) {
                changed.addAll(was.held(before.image()));
            }
            if (is != null && (was == null || every)) {
                changed.addAll(is.held(after.image()));
            }
        }
        changed.remove(StandingKill.EVERY);
        return !differing.isEmpty();
    }

    @SuppressWarnings("ReferenceEquality") // what didn't change is handed on
    private static <K, V> Set<K> differing(Map<K, V> old, Map<K, V> now) {
        Set<K> keys = new HashSet<>();
        if (old == now) {
            return keys;
        }
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
