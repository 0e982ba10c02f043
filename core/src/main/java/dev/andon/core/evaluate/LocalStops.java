package dev.andon.core.evaluate;

import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Flag;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.Target;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What this process stops by itself, and the flags that it holds so: those that match, and those that matched before in
 * this process, whatever becomes of their tags and owners. Immutable.
 */
final class LocalStops {
    /** What makes a stop the same one, whatever its reason is by now. */
    private record Aim(LocalStop.Source source, Target target) {}

    static final LocalStops NONE = new LocalStops(List.of(), Map.of(), Map.of(), Map.of());

    private final List<LocalStop> stops;

    /** Of the flags that the image knows, and of those that were named; the first stop that holds each. */
    private final Map<String, LocalStop> held;

    private final @Nullable LocalStop everything;

    /** What flags give that are stopped and not known: any of them, and those that are named. */
    private final @Nullable Evaluation missing;

    private final Map<String, Evaluation> missingByName;

    /** By what is aimed at more than one flag: all that has matched it. */
    private final Map<Aim, Set<String>> holding;

    /** The image's flags that these were matched with. */
    private final Map<String, Versioned<Flag>> flags;

    private LocalStops(
            List<LocalStop> stops,
            Map<String, LocalStop> held,
            Map<Aim, Set<String>> holding,
            Map<String, Versioned<Flag>> flags) {
        this.stops = stops;
        this.held = held;
        this.holding = holding;
        this.flags = flags;
        this.everything = stops.stream()
                .filter(stop -> stop.target() instanceof Target.Everything)
                .findFirst()
                .orElse(null);
        this.missing = everything == null ? null : Evaluation.killedLocally(Ruleset.detail(everything));
        Map<String, Evaluation> named = new HashMap<>();
        for (LocalStop stop : stops) {
            if (stop.target() instanceof Target.OneFlag one) {
                named.putIfAbsent(one.flag(), Evaluation.killedLocally(Ruleset.detail(stop)));
            }
        }
        this.missingByName = named;
    }

    /** With exactly these stops. */
    LocalStops with(List<LocalStop> others, Image image) {
        return others.isEmpty() ? NONE : matched(others, image);
    }

    /** On another image. Maps that didn't change are the same ones: comparing them would cost too much. */
    @SuppressWarnings("ReferenceEquality")
    LocalStops on(Image image) {
        return stops.isEmpty() || flags == image.flags() ? this : matched(stops, image);
    }

    private LocalStops matched(List<LocalStop> some, Image image) {
        Map<String, LocalStop> matched = new HashMap<>();
        Map<Aim, Set<String>> holds = new HashMap<>();
        for (LocalStop stop : some) {
            if (stop.target() instanceof Target.OneFlag one) {
                matched.putIfAbsent(one.flag(), stop);
            } else {
                Aim aim = new Aim(stop.source(), stop.target());
                Set<String> keys = new HashSet<>(holding.getOrDefault(aim, Set.of()));
                for (Versioned<Flag> flag : image.flags().values()) {
                    if (stop.target().matches(flag.value())) {
                        keys.add(flag.value().key());
                    }
                }
                holds.put(aim, keys);
                keys.forEach(key -> matched.putIfAbsent(key, stop));
            }
        }
        return new LocalStops(List.copyOf(some), Collections.unmodifiableMap(matched), holds, image.flags());
    }

    boolean isEmpty() {
        return stops.isEmpty();
    }

    /** The flags that are held and known, or named. */
    Set<String> held() {
        return held.keySet();
    }

    /** How many of the image's flags a stop holds. */
    int count(LocalStop stop) {
        if (stop.target() instanceof Target.OneFlag one) {
            return flags.containsKey(one.flag()) ? 1 : 0;
        }
        return (int) holding.getOrDefault(new Aim(stop.source(), stop.target()), Set.of()).stream()
                .filter(flags::containsKey)
                .count();
    }

    /** What stops a flag that is known; null if nothing does. */
    @Nullable
    LocalStop of(String flag) {
        return held.get(flag);
    }

    /** What a flag gives that isn't known; null if nothing stops it. */
    @Nullable
    Evaluation missing(String flag) {
        Evaluation named = missingByName.isEmpty() ? null : missingByName.get(flag);
        return named == null ? missing : named;
    }
}
