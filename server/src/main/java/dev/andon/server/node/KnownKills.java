package dev.andon.server.node;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.KillId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The kills that stand, as this node knows: those in the ledger and those on their way to it. Immutable.
 *
 * @param image the one that these kills were joined with
 * @param pending kills that the image's marks don't cover, by id
 */
public record KnownKills(Image image, Map<KillId, StandingKill> pending) {

    /** Kills that aren't settled, as they are known by who has the image. */
    record Waiting(Image image, Map<KillId, StandingKill> kills) {
        static final Waiting NONE = new Waiting(Image.EMPTY, Map.of());
    }

    /** Leaves out of {@code known} what the image has settled: in there it either stands or was restored. */
    public static KnownKills of(Image image, Map<KillId, StandingKill> known) {
        Map<KillId, StandingKill> pending = new TreeMap<>();
        known.forEach((id, kill) -> {
            if (!image.marks().covers(id)) {
                pending.put(id, kill);
            }
        });
        return new KnownKills(image, java.util.Collections.unmodifiableMap(pending));
    }

    /** As the kills are when the image is this one, which whoever knows them may not have seen yet. */
    static KnownKills of(Image image, Waiting waiting) {
        Map<KillId, StandingKill> now = new TreeMap<>();
        waiting.kills().forEach((id, kill) -> now.put(id, kill.keeping(waiting.image(), image)));
        return of(image, now);
    }

    /** Oldest first. */
    public List<StandingKill> standing(String environment) {
        List<StandingKill> kills = new ArrayList<>();
        image.environment(environment)
                .map(EnvironmentImage::kills)
                .orElse(Map.of())
                .values()
                .forEach(kill -> kills.add(kill.value()));
        kills.addAll(pending(environment));
        kills.sort(
                Comparator.comparing((StandingKill kill) -> kill.signed().kill().at())
                        .thenComparing(StandingKill::id));
        return kills;
    }

    public List<StandingKill> pending(String environment) {
        return pending.values().stream()
                .filter(kill -> kill.signed().kill().environment().equals(environment))
                .toList();
    }

    /** The kills that hold a flag, oldest first. */
    public List<StandingKill> holding(String environment, String flag) {
        return standing(environment).stream()
                .filter(kill -> kill.holds(image, flag))
                .toList();
    }

    public Optional<StandingKill> standing(KillId id) {
        StandingKill waiting = pending.get(id);
        if (waiting != null) {
            return Optional.of(waiting);
        }
        return image.environments().values().stream()
                .map(environment -> environment.kills().get(id))
                .filter(java.util.Objects::nonNull)
                .map(Versioned::value)
                .findFirst();
    }
}
