package dev.andon.server.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.slf4j.MDC;

/**
 * One random history. The same seed makes the same; each step throws a die of its own, so that a history from which steps
 * are left out goes on as before wherever it can.
 *
 * @param left the numbers of the steps that happen
 */
record History(long seed, Set<Fault> faults, List<Integer> left) {
    private static final long STEP_SEED = 0x9E3779B97F4A7C15L;

    static History of(long seed, int steps, Set<Fault> faults) {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            all.add(i);
        }
        return new History(seed, faults, all);
    }

    /**
     * What came of it.
     *
     * @param failure what went wrong, if anything did
     * @param step in which
     * @param trace what happened, if it was asked for
     */
    record Outcome(Optional<RuntimeException> failure, int step, Races races, String trace) {
        /** What went wrong, whichever flags, nodes and numbers it was. */
        String kind() {
            return failure.map(e -> e.toString().replaceAll("[0-9a-f]{12}|\\d+|\\[.*?]", "N"))
                    .orElse("");
        }
    }

    Outcome run(boolean traced) {
        StringBuilder trace = new StringBuilder();
        MDC.put("simulated", "yes");
        World world = null;
        int step = -1;
        try {
            SplittableRandom random = new SplittableRandom(seed);
            world = new World(faults, random);
            Steps steps = new Steps(world, random);
            steps.begin();
            world.takeNotes();
            for (int number : left) {
                step = number;
                try {
                    steps.step(new SplittableRandom(seed * 31 + (number + 1) * STEP_SEED), number);
                    world.nowMs += 3;
                    world.promises.checkDurable();
                } finally {
                    String notes = world.takeNotes();
                    if (traced) {
                        trace.append(String.format("%5d ", number))
                                .append(steps.told())
                                .append(System.lineSeparator())
                                .append(notes);
                    }
                }
            }
            step = Integer.MAX_VALUE;
            Healing healing = new Healing(world);
            healing.withoutStore();
            healing.whole();
            return new Outcome(Optional.empty(), step, world.races, trace.toString());
        } catch (RuntimeException e) {
            if (traced && world != null && step == Integer.MAX_VALUE) {
                trace.append("while all becomes well again")
                        .append(System.lineSeparator())
                        .append(world.takeNotes());
            }
            return new Outcome(Optional.of(e), step, world == null ? new Races() : world.races, trace.toString());
        } finally {
            MDC.remove("simulated");
        }
    }

    /** A shorter history that goes wrong in the same way, after so many tries. */
    History shrunk(Outcome outcome, int tries) {
        List<Integer> kept = new ArrayList<>(left);
        kept.removeIf(number -> number > outcome.step());
        History shortest = new History(seed, faults, kept);
        int size = Math.max(1, kept.size() / 2);
        int tried = 0;
        while (tried < tries) {
            boolean shorter = false;
            for (int from = 0; from < shortest.left.size() && tried < tries; tried++) {
                List<Integer> fewer = new ArrayList<>(shortest.left);
                fewer.subList(from, Math.min(fewer.size(), from + size)).clear();
                History candidate = new History(seed, faults, fewer);
                if (candidate.run(false).kind().equals(outcome.kind())) {
                    shortest = candidate;
                    shorter = true;
                } else {
                    from += size;
                }
            }
            if (!shorter && size == 1) {
                break;
            }
            size = Math.max(1, size / 2);
        }
        return shortest;
    }
}
