package dev.andon.server.simulation;

import static dev.andon.server.simulation.Violation.unless;

import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Segment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is so: the environment in every version, and what became of every kill. It is told what was meant, and in what order
 * the ledger took it, and works out the rest by itself.
 */
final class Model {
    private static final State NOTHING = new State(Map.of(), Map.of(), Map.of());

    private final List<State> states = new ArrayList<>(List.of(NOTHING));
    private final List<Stamp> stamps = new ArrayList<>(List.of(new Stamp(Instant.MIN, false)));
    private final Map<KillId, KillTruth> kills = new LinkedHashMap<>();
    private final Map<String, Long> edited = new HashMap<>();

    /** Kills that somebody was told are durable, and kills that were ever restored, in any history. */
    private final Set<KillId> promised;

    private final Set<KillId> everRestored;
    final long epoch;

    Model(long epoch) {
        this(epoch, new HashSet<>(), new HashSet<>());
    }

    private Model(long epoch, Set<KillId> promised, Set<KillId> everRestored) {
        this.epoch = epoch;
        this.promised = promised;
        this.everRestored = everRestored;
    }

    /** The ledger goes on from a version on in another epoch; what came after it was lost. */
    Model fork(long version, long later) {
        Model fork = new Model(later, promised, everRestored);
        fork.states.clear();
        fork.stamps.clear();
        for (int i = 0; i <= version; i++) {
            fork.states.add(states.get(i));
            fork.stamps.add(stamps.get(i));
            if (i > 0) {
                fork.noteEdits(i);
            }
        }
        kills.forEach((id, kill) -> fork.kills.put(id, kill.upTo(version, later)));
        return fork;
    }

    void promise(KillId kill) {
        promised.add(kill);
    }

    /** Whether somebody has restored it, in whichever history. */
    boolean everRestored(KillId kill) {
        return everRestored.contains(kill);
    }

    /** Whether somebody was told that it is durable, and nobody has restored it in any history. */
    boolean promised(KillId kill) {
        return promised.contains(kill) && !everRestored.contains(kill);
    }

    /** The environment as it was in one version: flags by key, archived ones too; configurations of those in use. */
    record State(Map<String, Flag> flags, Map<String, Configuration> configurations, Map<String, Segment> segments) {}

    /** When an entry was made, by the clock of the node that made it; of a kill's, when the kill was. */
    private record Stamp(Instant at, boolean kill) {}

    long head() {
        return states.size() - 1L;
    }

    State at(long version) {
        return states.get((int) version);
    }

    State now() {
        return at(head());
    }

    Collection<KillTruth> kills() {
        return kills.values();
    }

    KillTruth kill(KillId id) {
        KillTruth kill = kills.get(id);
        unless(kill != null, "NOT-FORGED", id + " stands, and nobody ordered it");
        return kill;
    }

    /** A node gave a kill its number. */
    void taken(KillTruth kill) {
        unless(kills.put(kill.id, kill) == null, "ONCE", kill + " got its number twice");
        for (long version = 0; version <= head(); version++) {
            kill.see(version, at(version));
        }
    }

    /**
     * The ledger took an entry.
     *
     * @param found what the production makes of it, for what the model leaves open
     */
    void written(Intent.Pending pending, Instant at, State found) {
        State before = now();
        long version = head() + 1;
        State after = after(pending, before, version, found);
        states.add(after);
        noteEdits(version);
        stamps.add(new Stamp(at, pending.intent() instanceof Intent.Settle));
        kills.values().forEach(kill -> kill.see(version, after));
    }

    private void noteEdits(long version) {
        Map<String, Flag> before = at(version - 1).flags();
        at(version).flags().forEach((key, flag) -> {
            if (!flag.equals(before.get(key))) {
                edited.put(key, version);
            }
        });
    }

    private State after(Intent.Pending pending, State before, long version, State found) {
        Intent intent = pending.intent();
        Map<String, Flag> flags = new TreeMap<>(before.flags());
        Map<String, Configuration> configurations = new TreeMap<>(before.configurations());
        Map<String, Segment> segments = new TreeMap<>(before.segments());
        if (intent instanceof Intent.Create create) {
            unless(
                    !flags.containsKey(create.flag().key()),
                    "TOMBSTONES",
                    create.flag().key() + " was used before");
            flags.put(create.flag().key(), create.flag());
            configurations.put(create.flag().key(), create.configuration());
        } else if (intent instanceof Intent.Edit edit) {
            flags.put(edit.flag().key(), edit.flag());
        } else if (intent instanceof Intent.Archive archive) {
            unless(!heldByKnown(pending, archive.flag()), "HOLDS", archive.flag() + " was archived under a kill");
            flags.computeIfPresent(archive.flag(), (key, flag) -> flag.archive());
            configurations.remove(archive.flag());
        } else if (intent instanceof Intent.Configure configure) {
            Configuration earlier = before.configurations().get(configure.flag());
            boolean held = heldByKnown(pending, configure.flag());
            unless(
                    !held || earlier == null || sameSafe(earlier, configure.configuration()),
                    "HOLDS",
                    "the safe variant of " + configure.flag() + " changed under a kill");
            configurations.put(configure.flag(), configure.configuration());
        } else if (intent instanceof Intent.SaveSegment save) {
            segments.put(save.segment().key(), save.segment());
        } else if (intent instanceof Intent.DeleteSegment delete) {
            segments.remove(delete.segment());
        } else if (intent instanceof Intent.Restore restore) {
            restore(restore, version);
        } else if (intent instanceof Intent.Settle settle) {
            KillTruth kill = kill(settle.kill());
            unless(kill.settledAt == 0, "ONCE", kill + " settled in version " + kill.settledAt + ", and again");
            kill.settledAt = version;
        } else if (intent instanceof Intent.Rollback rollback) {
            return new PlainRollback(this, pending, rollback, before).checked(found);
        }
        return new State(flags, configurations, segments);
    }

    private void restore(Intent.Restore restore, long version) {
        KillTruth named = kill(restore.kill());
        int released = 0;
        for (KillTruth kill : kills.values()) {
            boolean meant = restore.byTarget() ? kill.target.equals(named.target) : kill == named;
            if (meant && kill.stoodIn(version - 1)) {
                kill.restoredAt = version;
                everRestored.add(kill.id);
                released++;
            }
        }
        unless(released > 0, "START-BY-LEDGER", "a restore of " + named + " releases what doesn't stand");
    }

    /** The version that last changed what a flag is. */
    long edited(String flag) {
        return edited.getOrDefault(flag, 0L);
    }

    /** Whether whoever decided knew a kill that holds the flag, which is there. */
    boolean heldByKnown(Intent.Pending pending, String flag) {
        if (!now().configurations().containsKey(flag)) {
            return false;
        }
        for (Map.Entry<KillId, Set<String>> known : pending.known().entrySet()) {
            KillTruth kill = kill(known.getKey());
            boolean holds = kill.stoodIn(head())
                    ? kill.held(flag, head())
                    : known.getValue().contains(flag);
            if (holds && !kill.restoredIn(head())) {
                return true;
            }
        }
        return false;
    }

    /** Whether whoever decided may have known a kill that holds the flag, or may hold it. */
    boolean maybeHeld(Intent.Pending pending, String flag) {
        return now().configurations().containsKey(flag)
                && pending.known().keySet().stream().anyMatch(kill -> kill(kill).mayHold(flag, head(), edited(flag)));
    }

    static boolean sameSafe(Configuration one, Configuration other) {
        String safe = one.safeVariant();
        return safe.equals(other.safeVariant())
                && one.variants().get(safe).equals(other.variants().get(safe));
    }

    /** The version that a time leads to; none if the time is before the first change. */
    Optional<Long> versionAt(Instant time, long newest) {
        for (long version = newest; version > 0; version--) {
            Stamp stamp = stamps.get((int) version);
            if (!stamp.kill() && !stamp.at().isAfter(time)) {
                return Optional.of(version);
            }
        }
        return Optional.empty();
    }

    Instant stamp(long version) {
        return stamps.get((int) version).at();
    }
}
