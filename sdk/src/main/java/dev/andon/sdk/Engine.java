package dev.andon.sdk;

import dev.andon.core.evaluate.Place;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.image.Dependents;
import dev.andon.core.image.Image;
import dev.andon.core.model.LocalStop;
import dev.andon.core.stream.Changes;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.HeldState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What is in force. Thread-safe; reading {@link #generation()} takes no lock. */
final class Engine {
    /** How long a replaced generation is asked for late counts after its last one. */
    private static final long QUIET_MS = 10_000;

    /** So many replaced generations are kept at most; the oldest go first, after they were asked. */
    private static final int MAX_RETIRED = 256;

    private final Place place;
    private final ArrayDeque<Retired> retired = new ArrayDeque<>();
    private List<LocalStop> stops = List.of();
    private volatile Generation generation = new Generation(0, Ruleset.EMPTY, new Tally(0, List.of()));

    private static final class Retired {
        private final Tally tally;
        private long countedMs;

        Retired(Tally tally, long nowMs) {
            this.tally = tally;
            this.countedMs = nowMs;
        }
    }

    Engine(Place place) {
        this.place = place;
    }

    Generation generation() {
        return generation;
    }

    /** Every evaluation that begins after this returns sees the state. */
    synchronized void put(HeldState state, Set<String> blind, Changes changes, long nowMs) {
        Generation before = generation;
        Ruleset ruleset = ruleset(before.ruleset(), state.image(), changes)
                .withKills(state.carried())
                .withBlind(blind);
        replace(ruleset, new Tally(state.image().provenance().version(), state.carriedIds()), nowMs);
    }

    private void replace(Ruleset ruleset, Tally tally, long nowMs) {
        Generation before = generation;
        generation = new Generation(before.number() + 1, ruleset, tally);
        retired.addLast(new Retired(before.tally(), nowMs));
        // Without a connection nobody asks; what is given up is counts.
        if (retired.size() > 2 * MAX_RETIRED) {
            retired.removeFirst();
        }
    }

    /**
     * Every evaluation that begins after this returns sees exactly these stops of this process.
     *
     * @return the flags that may answer differently for it
     */
    synchronized Set<String> stop(List<LocalStop> exactly, long nowMs) {
        stops = List.copyOf(exactly);
        Ruleset before = generation.ruleset();
        Ruleset now = before.withLocalStops(stops);
        replace(now, generation.tally().again(), nowMs);
        Set<String> changed = new TreeSet<>(before.locallyStopped());
        changed.addAll(now.locallyStopped());
        changed.removeIf(flag ->
                before.locallyStopped().contains(flag) && now.locallyStopped().contains(flag));
        return now.image()
                .environment(now.environment())
                .map(environment -> (Set<String>) new Dependents(environment).reachedFlags(changed, Set.of()))
                .orElse(changed);
    }

    private Ruleset ruleset(Ruleset before, Image image, Changes changes) {
        if (image.provenance().equals(before.image().provenance())
                && changes.direct().flags().isEmpty()
                && changes.direct().segments().isEmpty()
                && image.equals(before.image())) {
            return before;
        }
        String environment = image.environments().keySet().stream().findFirst().orElse("");
        return environment.equals(before.environment())
                ? before.advance(image, changes.direct())
                : Ruleset.of(image, environment, place).withLocalStops(stops);
    }

    /** How many replaced generations may still be counting. */
    synchronized int retiredGenerations() {
        return retired.size();
    }

    /** What was served since the last time, by the generation that served it. */
    synchronized List<Frame.Exposures> drain(long nowMs) {
        List<Frame.Exposures> all = new ArrayList<>();
        Iterator<Retired> old = retired.iterator();
        while (old.hasNext()) {
            Retired one = old.next();
            Frame.Exposures exposures = one.tally.drain();
            if (exposures != null) {
                all.add(exposures);
                one.countedMs = nowMs;
            } else if (nowMs - one.countedMs >= QUIET_MS || retired.size() > MAX_RETIRED) {
                old.remove();
            }
        }
        Frame.Exposures exposures = generation.tally().drain();
        if (exposures != null) {
            all.add(exposures);
        }
        return all;
    }
}
