package dev.andon.core.image;

import dev.andon.core.model.Flag;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import java.util.Collections;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A kill that nobody has restored. It holds every flag that its target matches, now or later, and beside these the ones
 * that it names: what a flag becomes doesn't take it out of a kill's hold. Immutable.
 *
 * @param flags keys that it holds whatever the target says: those that it resolved to, as far as the kill lists them, and
 *     those that have matched since and don't match any more. {@link #EVERY} among them stands for every flag
 */
public record StandingKill(SignedKill signed, SortedSet<String> flags) {
    /** Stands for every flag of the environment, where what is held can't be told; no flag's key can be so. */
    public static final String EVERY = "*";

    public StandingKill {
        flags = Collections.unmodifiableSortedSet(new TreeSet<>(flags));
    }

    /**
     * As a node takes it that knows this image. What matched when the kill was made and doesn't match any more is held: a
     * kill that doesn't list its flags holds all that may have changed since, rather too much than too little; and all there
     * are as long as the image is older than what the kill was resolved on.
     */
    public static StandingKill taken(SignedKill signed, Image image) {
        Kill kill = signed.kill();
        if (says(kill) || image.provenance().equals(Provenance.NONE)) {
            return new StandingKill(signed, kill.flags());
        }
        if (image.provenance().epoch() != kill.resolved().epoch() || isBehind(image.provenance(), kill)) {
            return new StandingKill(signed, everyFlag());
        }
        return new StandingKill(signed, changedSince(kill, image));
    }

    /** Whether the kill itself says which flags matched when it was made. */
    private static boolean says(Kill kill) {
        return kill.resolved().listed() || kill.target() instanceof Target.Everything;
    }

    /** Whether a state is too old to tell what the kill resolved to, but belongs to the same history. */
    private static boolean isBehind(Provenance state, Kill kill) {
        return !says(kill)
                && state.epoch() == kill.resolved().epoch()
                && state.version() < kill.resolved().version();
    }

    /**
     * As one who holds an image takes it from one who said on which state they know what it holds.
     *
     * @param at the sender's state
     */
    public StandingKill heard(Provenance at, Image image) {
        StandingKill said = isBehind(at, signed.kill()) ? withoutEvery() : this;
        boolean upToDate = at.sameLedger(image.provenance()) && !at.olderThan(image.provenance());
        return upToDate && !isBehind(image.provenance(), signed.kill())
                ? said
                : said.naming(taken(signed, image).flags());
    }

    private StandingKill withoutEvery() {
        SortedSet<String> others = new TreeSet<>(flags);
        others.remove(EVERY);
        return new StandingKill(signed, others);
    }

    /** Also flags that aren't in the environment just now: they may come back. */
    private static SortedSet<String> changedSince(Kill kill, Image image) {
        SortedSet<String> changed = new TreeSet<>();
        image.flags().forEach((key, flag) -> {
            if (flag.version() > kill.resolved().version() && !kill.target().matches(flag.value())) {
                changed.add(key);
            }
        });
        return Kill.canList(changed) ? changed : everyFlag();
    }

    /** What stands for every flag. */
    public static SortedSet<String> everyFlag() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(java.util.List.of(EVERY)));
    }

    public KillId id() {
        return signed.id();
    }

    /** Whether flags that aren't named may be held: then it takes a flag's metadata to tell. */
    public boolean wide() {
        return signed.kill().wide() || flags.contains(EVERY);
    }

    public boolean holds(Flag flag) {
        return signed.kill().matches(flag) || flags.contains(flag.key()) || flags.contains(EVERY);
    }

    /** Whether it holds the flag with this key, as the image knows that; also one that there isn't yet may be named. */
    public boolean holds(Image image, String key) {
        Versioned<Flag> flag = image.flags().get(key);
        return flag == null ? flags.contains(key) : holds(flag.value());
    }

    /** The keys that it holds: of a wide kill, those of the flags that its environment has in the image. */
    public SortedSet<String> held(Image image) {
        if (!wide()) {
            return flags;
        }
        SortedSet<String> held = new TreeSet<>();
        EnvironmentImage environment = image.environments().get(signed.kill().environment());
        if (environment != null) {
            for (String key : environment.configurations().keySet()) {
                if (holds(image, key)) {
                    held.add(key);
                }
            }
        }
        return held;
    }

    /** The same kill, holding these flags, too. */
    public StandingKill naming(SortedSet<String> more) {
        if (flags.containsAll(more)) {
            return this;
        }
        SortedSet<String> all = new TreeSet<>(flags);
        all.addAll(more);
        return new StandingKill(signed, all);
    }

    /**
     * As it is after the image has changed: it names the flags that it held before and that its target doesn't match any
     * more, and those that have left the environment, which may come back as something else. A change that was made before
     * the kill was is none of its concern.
     */
    public StandingKill keeping(Image before, Image after) {
        if (!wide()) {
            return this;
        }
        if (before.provenance().equals(Provenance.NONE)) {
            return naming(taken(signed, after).flags());
        }
        if (isBehind(before.provenance(), signed.kill())) {
            return isBehind(after.provenance(), signed.kill())
                    ? this
                    : withoutEvery().naming(taken(signed, after).flags());
        }
        EnvironmentImage here = before.environments().get(signed.kill().environment());
        EnvironmentImage later = after.environments().get(signed.kill().environment());
        boolean losesNothing = signed.kill().target() instanceof Target.Everything || flags.contains(EVERY);
        if (here == null || later == null || losesNothing || isAsOld(after.provenance())) {
            return this;
        }
        SortedSet<String> left = new TreeSet<>();
        if (!handedOn(before.flags(), after.flags()) || !handedOn(here.configurations(), later.configurations())) {
            for (String key : here.configurations().keySet()) {
                Versioned<Flag> was = before.flags().get(key);
                Versioned<Flag> is = after.flags().get(key);
                boolean stays = is != null && later.configurations().containsKey(key) && holds(is.value());
                if (was != null && holds(was.value()) && !stays && !ceasedBefore(is, after)) {
                    left.add(key);
                }
            }
        }
        return naming(left);
    }

    /** Whether all that led to a state came before the kill, which says itself what it resolved to then. */
    private boolean isAsOld(Provenance state) {
        Kill.Resolved resolved = signed.kill().resolved();
        return says(signed.kill()) && state.epoch() == resolved.epoch() && state.version() <= resolved.version();
    }

    /** Whether what the flag is now, which the kill doesn't hold, it was already when the kill was made. */
    private boolean ceasedBefore(@Nullable Versioned<Flag> is, Image after) {
        Kill.Resolved resolved = signed.kill().resolved();
        return is != null
                && after.provenance().epoch() == resolved.epoch()
                && is.version() <= resolved.version()
                && !holds(is.value());
    }

    /** Whether deltas handed the map on untouched. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean handedOn(Map<?, ?> before, Map<?, ?> now) {
        return before == now;
    }
}
