package dev.andon.core.image;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Kill;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which flags matched a kill's target for a while between the making of the kill and its settling. Whoever settles it may
 * have come to know of it when they had ceased to match; the ledger has them all. Not thread-safe.
 */
public final class PassingFlags {
    private final Kill kill;
    private final Set<String> matched = new HashSet<>();

    /** Flags whose configuration came into the kill's environment, or left it, meanwhile. */
    private final Set<String> cameOrLeft = new HashSet<>();

    /** Flags that have come, or left, while it wasn't known whether they match. */
    private final Set<String> unknown = new HashSet<>();

    private final Set<String> known = new HashSet<>();

    public PassingFlags(Kill kill) {
        this.kill = kill;
    }

    /** Takes the next of the entries that came after the kill's {@linkplain Kill#resolved state}. */
    public void see(Entry entry) {
        for (Event event : entry.events()) {
            see(event, entry.previous().containsKey(event.subject()));
        }
    }

    /**
     * Takes the next event of such an entry.
     *
     * @param replaces whether what it is about was there before
     */
    public void see(Event event, boolean replaces) {
        if (event instanceof Event.FlagSaved saved) {
            see(saved.flag());
        } else if (event instanceof Event.ConfigurationSaved saved
                && saved.environment().equals(kill.environment())) {
            cameOrLeft.add(saved.flag());
            if (!replaces && !known.contains(saved.flag())) {
                unknown.add(saved.flag());
            }
        } else if (event instanceof Event.ConfigurationDeleted deleted
                && deleted.environment().equals(kill.environment())) {
            cameOrLeft.add(deleted.flag());
            // Of a flag that was there all the time, a kill that lists what it resolved to says whether it matched.
            if (!kill.resolved().listed() && !known.contains(deleted.flag())) {
                unknown.add(deleted.flag());
            }
        }
    }

    /** What came or left and was changed then may have matched before: rather too much is held than too little. */
    private void see(Flag flag) {
        boolean mayHaveMatched = known.add(flag.key()) && unknown.contains(flag.key());
        if (mayHaveMatched || kill.matches(flag)) {
            matched.add(flag.key());
        }
        if (flag.archived()) {
            cameOrLeft.add(flag.key());
        }
    }

    /**
     * The kill, naming those that the target doesn't match any more, and those that aren't there any more, which may come back
     * as something else.
     *
     * @param now the image of the last entry that was seen
     */
    public StandingKill namedBy(StandingKill standing, Image now) {
        EnvironmentImage environment = now.environments().get(kill.environment());
        Set<String> here =
                environment == null ? Set.of() : environment.configurations().keySet();
        SortedSet<String> passed = new TreeSet<>();
        for (String key : matched) {
            Versioned<Flag> flag = now.flags().get(key);
            if (here.contains(key) && flag != null && !standing.holds(flag.value())) {
                passed.add(key);
            }
        }
        for (String key : cameOrLeft) {
            Versioned<Flag> flag = now.flags().get(key);
            if (!here.contains(key) && flag != null && (matched.contains(key) || kill.matches(flag.value()))) {
                passed.add(key);
            }
        }
        return standing.naming(passed);
    }
}
