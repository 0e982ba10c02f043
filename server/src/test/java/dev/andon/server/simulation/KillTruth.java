package dev.andon.server.simulation;

import dev.andon.core.model.Condition;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Target;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is so of one kill: it holds each flag from the first version on in which the flag was there and matched, counted
 * from the version on which the kill was resolved.
 */
final class KillTruth {
    final KillId id;
    final Target target;
    final Optional<Condition> audience;
    final List<String> services;
    final List<String> regions;
    final long resolvedAt;

    /** What was so when it was resolved, and the ledger's epoch then. */
    final Model.State then;

    final long epoch;

    /** Whether its body lists what it resolved to; if not, it may hold more than it must. */
    final boolean listed;

    /** The epoch of the history that this is about. */
    private final long history;

    /**
     * Whether it was resolved in another history than this one: it holds what it says and what it matches from settling on,
     * and rather too much.
     */
    private final boolean loose;

    private final Map<String, Long> since = new HashMap<>();

    /** Flags that matched before it was resolved. */
    private final Set<String> earlier = new TreeSet<>();

    /** Flags that weren't in the environment for a while since then. */
    private final Set<String> away = new TreeSet<>();

    /** The version that settled it, and the one that restored it; 0 for none yet. */
    long settledAt;

    long restoredAt;

    KillTruth(
            KillId id,
            Target target,
            Optional<Condition> audience,
            List<String> services,
            List<String> regions,
            long resolvedAt,
            Model.State then,
            long epoch,
            boolean listed) {
        this(id, target, audience, services, regions, resolvedAt, then, epoch, listed, epoch, false);
    }

    private KillTruth(
            KillId id,
            Target target,
            Optional<Condition> audience,
            List<String> services,
            List<String> regions,
            long resolvedAt,
            Model.State then,
            long epoch,
            boolean listed,
            long history,
            boolean loose) {
        this.id = id;
        this.target = target;
        this.audience = audience;
        this.services = services;
        this.regions = regions;
        this.resolvedAt = resolvedAt;
        this.then = then;
        this.epoch = epoch;
        this.listed = listed;
        this.history = history;
        this.loose = loose;
    }

    /** The same kill under its number. */
    KillTruth numbered(KillId number) {
        return copy(number, history, loose);
    }

    /** The same kill where nothing has become of it yet, in a history of the epoch. */
    KillTruth in(long other) {
        return copy(id, other, other != epoch);
    }

    private KillTruth copy(KillId number, long other, boolean foreign) {
        return new KillTruth(
                number, target, audience, services, regions, resolvedAt, then, epoch, listed, other, foreign);
    }

    /** The same kill in a history of the epoch that has this one's versions up to {@code last}. */
    KillTruth upTo(long last, long other) {
        if (!settledIn(last)) {
            return in(other);
        }
        KillTruth kept = copy(id, other, loose);
        since.forEach((flag, version) -> {
            if (version <= last) {
                kept.since.put(flag, version);
            }
        });
        kept.earlier.addAll(earlier);
        kept.away.addAll(away);
        kept.settledAt = settledAt;
        kept.restoredAt = restoredIn(last) ? restoredAt : 0;
        return kept;
    }

    /** Whether the version is one in which it counts what it matches, before it has settled. */
    boolean countsIn(long version) {
        return loose ? epoch < history : version >= resolvedAt;
    }

    boolean settledIn(long version) {
        return settledAt != 0 && settledAt <= version;
    }

    boolean restoredIn(long version) {
        return restoredAt != 0 && restoredAt <= version;
    }

    boolean stoodIn(long version) {
        return settledIn(version) && !restoredIn(version);
    }

    boolean matches(Flag flag) {
        if (target instanceof Target.OneFlag one) {
            return flag.key().equals(one.flag());
        }
        if (target instanceof Target.Tagged tagged) {
            return flag.tags().contains(tagged.tag());
        }
        if (target instanceof Target.OwnedBy owned) {
            return flag.owner().equals(owned.owner());
        }
        if (target instanceof Target.OfKind kind) {
            return flag.kind() == kind.kind();
        }
        return true;
    }

    /** Takes note of what the flags were in a version, in the order of versions. */
    void see(long version, Model.State state) {
        if (loose) {
            if (settledIn(version)) {
                matched(state).forEach(key -> since.putIfAbsent(key, version));
            }
            return;
        }
        for (String key : matched(state)) {
            if (version < resolvedAt) {
                earlier.add(key);
            } else {
                since.putIfAbsent(key, version);
            }
        }
        if (version >= resolvedAt) {
            for (String key : state.flags().keySet()) {
                if (!state.configurations().containsKey(key)) {
                    away.add(key);
                }
            }
        }
    }

    /**
     * Whether it may hold a flag that it needn't: whoever goes from a version before the kill to one after it in one go can't
     * tell a change before the kill from one after it. And whoever sees a flag come back can't tell what it was meanwhile.
     *
     * Whoever comes over from a history that was lost can't tell either.
     *
     * @param edited the version that last changed what the flag is
     */
    boolean mayHold(String flag, long version, long edited) {
        boolean was = earlier.contains(flag);
        boolean left = away.contains(flag);
        return !listed
                || loose
                || history > MemoryLedger.FIRST_EPOCH
                || held(flag, version)
                || ((was || left) && edited > resolvedAt)
                || (was && left);
    }

    /** Whether it holds a flag that is there in the version. */
    boolean held(String flag, long version) {
        Long first = since.get(flag);
        return (first != null && first <= version) || (loose && says(flag));
    }

    /** Whether it names the flag itself, as one that it resolved to. */
    private boolean says(String flag) {
        return listed
                && then.configurations().containsKey(flag)
                && matches(then.flags().get(flag));
    }

    /** The flags that it held in the version, those that weren't there then left out. */
    Set<String> held(long version, Model.State state) {
        Set<String> held = new TreeSet<>();
        for (String key : state.configurations().keySet()) {
            if (held(key, version)) {
                held.add(key);
            }
        }
        return held;
    }

    /** Of the flags that are there, those that it matches by what they are, without regard to what they were. */
    Set<String> matched(Model.State state) {
        Set<String> matched = new TreeSet<>();
        for (String key : state.configurations().keySet()) {
            if (matches(state.flags().get(key))) {
                matched.add(key);
            }
        }
        return matched;
    }

    @Override
    public String toString() {
        return id + " of " + target.label();
    }
}
