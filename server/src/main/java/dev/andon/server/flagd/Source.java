package dev.andon.server.flagd;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.StandingKill;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What documents of one environment are written from. Immutable.
 *
 * @param kills all that stand there; where clients run isn't known, so that services and regions don't count
 */
record Source(Image image, EnvironmentImage environment, Collection<StandingKill> kills) {
    private static final Comparator<StandingKill> FOR_EVERYONE_FIRST = Comparator.comparing(
                    (StandingKill kill) -> kill.signed().kill().audience().isPresent())
            .thenComparing(StandingKill::id);

    Source {
        kills = List.copyOf(kills);
    }

    /** The kills that hold a flag, those for everyone first. */
    List<StandingKill> killsOf(String flag) {
        return kills.stream()
                .filter(kill -> kill.holds(image, flag))
                .sorted(FOR_EVERYONE_FIRST)
                .toList();
    }

    /** What isn't the same in both: of a flag, itself, its configuration or the kills that hold it. */
    ImageDelta.Touched changedSince(Source before) {
        ImageDelta.Touched changed = ImageDelta.Touched.between(
                before.image, image, environment.environment().key());
        Set<String> flags = new HashSet<>(changed.flags());
        if (!before.kills.isEmpty() || !kills.isEmpty()) {
            for (String flag : environment.configurations().keySet()) {
                if (!ids(before.killsOf(flag)).equals(ids(killsOf(flag)))) {
                    flags.add(flag);
                }
            }
        }
        return new ImageDelta.Touched(flags, changed.segments(), changed.kills());
    }

    private static List<Object> ids(List<StandingKill> kills) {
        return kills.stream().<Object>map(StandingKill::id).toList();
    }
}
