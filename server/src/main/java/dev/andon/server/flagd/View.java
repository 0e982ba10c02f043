package dev.andon.server.flagd;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What documents of one environment are written from. Immutable.
 *
 * @param kills all that stand there; where clients run isn't known, so that services and regions don't count
 */
record View(Image image, EnvironmentImage environment, Collection<StandingKill> kills) {
    private static final Comparator<StandingKill> FOR_EVERYONE_FIRST = Comparator.comparing(
                    (StandingKill kill) -> kill.signed().kill().audience().isPresent())
            .thenComparing(StandingKill::id);

    View {
        kills = List.copyOf(kills);
    }

    /** The kills that hold a flag, those for everyone first. */
    List<StandingKill> killsOf(String flag) {
        return kills.stream()
                .filter(kill -> kill.holds(image, flag))
                .sorted(FOR_EVERYONE_FIRST)
                .toList();
    }

    /** The flags of which something isn't the same in both: flag, configuration or kills. */
    Set<String> flagsChangedSince(View before) {
        Set<String> keys = new HashSet<>();
        addChanged(keys, before.image.flags(), image.flags());
        addChanged(keys, before.environment.configurations(), environment.configurations());
        if (!before.kills.isEmpty() || !kills.isEmpty()) {
            for (String flag : environment.configurations().keySet()) {
                if (!ids(before.killsOf(flag)).equals(ids(killsOf(flag)))) {
                    keys.add(flag);
                }
            }
        }
        return keys;
    }

    Set<String> segmentsChangedSince(View before) {
        Set<String> keys = new HashSet<>();
        addChanged(keys, before.environment.segments(), environment.segments());
        return keys;
    }

    private static List<Object> ids(List<StandingKill> kills) {
        return kills.stream().<Object>map(StandingKill::id).toList();
    }

    /** Images share what hasn't changed, so that identity tells. */
    @SuppressWarnings("ReferenceEquality")
    private static <V> void addChanged(Set<String> keys, Map<String, V> before, Map<String, V> now) {
        if (before == now) {
            return;
        }
        now.forEach((key, value) -> {
            if (before.get(key) != value) {
                keys.add(key);
            }
        });
        before.keySet().stream().filter(key -> !now.containsKey(key)).forEach(keys::add);
    }
}
