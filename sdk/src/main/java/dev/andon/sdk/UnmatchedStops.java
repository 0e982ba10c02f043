package dev.andon.sdk;

import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.model.Flag;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.Nearest;
import dev.andon.core.model.Target;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once of each stop that it matches no flag that is known, as soon as any are: it may be mistyped, and it stays in force
 * for the day on which such a flag comes. Thread-safe.
 */
final class UnmatchedStops {
    private static final Logger LOG = LoggerFactory.getLogger(Andon.class);

    private final Set<LocalStop> checked = new HashSet<>();

    /** @param stops those that are in force in the ruleset */
    synchronized void look(List<LocalStop> stops, Ruleset ruleset) {
        if ((stops.isEmpty() && checked.isEmpty()) || ruleset.environment().isEmpty()) {
            return;
        }
        checked.retainAll(new HashSet<>(stops));
        for (LocalStop stop : stops) {
            if (checked.add(stop) && ruleset.held(stop) == 0) {
                List<String> near = near(
                        stop.target(),
                        ruleset.image().flags().values().stream()
                                .map(flag -> flag.value())
                                .toList());
                LOG.warn(
                        "Stopped in this process: {}: no flag of {} matches yet; one that comes is stopped from the"
                                + " start{}",
                        stop,
                        ruleset.environment(),
                        near.isEmpty() ? "" : ". Did you mean " + String.join(" or ", near) + "?");
            }
        }
    }

    private static List<String> near(Target target, Collection<Flag> flags) {
        if (target instanceof Target.Tagged tagged) {
            return near(tagged.tag(), flags, flag -> flag.tags().stream(), Target.Tagged::new);
        } else if (target instanceof Target.OwnedBy owned) {
            return near(owned.owner(), flags, flag -> Stream.of(flag.owner()), Target.OwnedBy::new);
        } else if (target instanceof Target.OneFlag one) {
            return near(one.flag(), flags, flag -> Stream.of(flag.key()), Target.OneFlag::new);
        }
        return List.of();
    }

    private static List<String> near(
            String word,
            Collection<Flag> flags,
            Function<Flag, Stream<String>> words,
            Function<String, Target> target) {
        Set<String> known = new TreeSet<>();
        flags.forEach(flag -> words.apply(flag).forEach(known::add));
        return Nearest.to(word, known).stream()
                .map(one -> target.apply(one).label())
                .toList();
    }
}
