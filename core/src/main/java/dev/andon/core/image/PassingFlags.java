package dev.andon.core.image;

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

    public PassingFlags(Kill kill) {
        this.kill = kill;
    }

    /** Takes the next event of the entries that came after the kill's {@linkplain Kill#resolved state}. */
    public void see(Event event) {
        if (event instanceof Event.FlagSaved saved && kill.matches(saved.flag())) {
            matched.add(saved.flag().key());
        } else if (event instanceof Event.ConfigurationSaved saved
                && saved.environment().equals(kill.environment())) {
            cameOrLeft.add(saved.flag());
        } else if (event instanceof Event.ConfigurationDeleted deleted
                && deleted.environment().equals(kill.environment())) {
            cameOrLeft.add(deleted.flag());
        }
    }

    /**
     * The kill, naming those that the target doesn't match any more.
     *
     * @param now the image of the last entry that was seen
     */
    public StandingKill namedBy(StandingKill standing, Image now) {
        EnvironmentImage environment = now.environments().get(kill.environment());
        SortedSet<String> passed = new TreeSet<>();
        for (String key : matched) {
            Versioned<Flag> flag = now.flags().get(key);
            boolean here = cameOrLeft.contains(key)
                    || (environment != null && environment.configurations().containsKey(key));
            if (here && flag != null && !flag.value().archived() && !standing.holds(flag.value())) {
                passed.add(key);
            }
        }
        return standing.naming(passed);
    }
}
