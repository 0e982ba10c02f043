package dev.andon.core.image;

import dev.andon.core.event.Event;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Segment;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What must be true of every image, whatever command led to it, beyond what each object sees to itself. Looks only at what
 * the events touch and at what depends on that, so that the cost of a change doesn't grow with all that is there. Kills
 * and restores are never refused here.
 */
public final class Invariants {
    /** Archived flags count: their keys stay taken. */
    public static final int MAX_FLAGS = 100_000;

    public static final int MAX_ENVIRONMENTS = 100;

    /** In one environment. */
    public static final int MAX_SEGMENTS = 10_000;

    private final Image before;
    private final Image after;
    private final List<StandingKill> kills;
    private final Map<String, Reach> reaches = new HashMap<>();
    private final Map<String, Dependents> dependents = new HashMap<>();

    private Invariants(Image before, Image after, List<StandingKill> kills) {
        this.before = before;
        this.after = after;
        this.kills = kills;
    }

    /**
     * Refuses a change that breaks a rule; the refusal names the field, what it is about and what to do instead.
     *
     * @param after what {@code before} becomes with the events
     * @param kills all that stand: those in the image and those on their way to the ledger
     * @throws InvalidInput for the first rule that is broken
     */
    public static void check(Image before, Image after, List<Event> events, Collection<StandingKill> kills) {
        Set<KillId> restored = new HashSet<>();
        Set<String> subjects = new HashSet<>();
        for (Event event : events) {
            if (!subjects.add(event.subject())) {
                throw new InvalidInput("events", event.subject() + " twice", "each object once in a change");
            }
            if (event instanceof Event.KillRestored released) {
                restored.add(released.kill());
            }
        }
        List<StandingKill> standing =
                kills.stream().filter(kill -> !restored.contains(kill.id())).toList();
        Invariants invariants = new Invariants(before, after, standing);
        events.forEach(invariants::check);
    }

    private void check(Event event) {
        if (event instanceof Event.FlagSaved saved) {
            checkFlag(saved.flag());
        } else if (event instanceof Event.ConfigurationSaved saved) {
            checkConfiguration(environment(saved.environment()), saved.flag(), saved.configuration());
        } else if (event instanceof Event.ConfigurationDeleted deleted) {
            checkLeft(environment(deleted.environment()), deleted.flag());
        } else if (event instanceof Event.SegmentSaved saved) {
            checkSegment(environment(saved.environment()), saved.segment());
        } else if (event instanceof Event.SegmentDeleted deleted) {
            checkDeleted(environment(deleted.environment()), deleted.segment());
        } else if (event instanceof Event.EnvironmentSaved) {
            atMost(
                    "environments",
                    after.environments().size(),
                    before.environments().size(),
                    MAX_ENVIRONMENTS);
        }
    }

    private void checkFlag(Flag flag) {
        atMost("flags", after.flags().size(), before.flags().size(), MAX_FLAGS);
        Versioned<Flag> known = before.flags().get(flag.key());
        boolean sameAgain =
                known != null && known.value().archived() && known.value().equals(flag.archive());
        if (known != null && known.value().archived() && !sameAgain) {
            throw new InvalidInput(
                    "key",
                    quoted(flag.key()) + ", the key of an archived flag",
                    "a key that was never used; old code may still ask for this one");
        }
        if (known != null && known.value().type() != flag.type()) {
            throw new InvalidInput(
                    "type",
                    flag.type().word(),
                    known.value().type().word() + ", as before; create a flag with another key for another type");
        }
        if (flag.archived()) {
            checkArchive(flag.key());
        }
    }

    private void checkArchive(String flag) {
        for (Map.Entry<String, EnvironmentImage> environment :
                after.environments().entrySet()) {
            SortedSet<String> users = dependents(environment.getValue()).flagsRequiring(flag);
            if (!users.isEmpty()) {
                throw new InvalidInput(
                        "archived",
                        quoted(flag) + " is required in " + environment.getKey() + " by " + named(users),
                        "a flag that none requires; take it out of their prerequisites first");
            }
        }
        for (StandingKill kill : kills) {
            if (holds(kill, flag)) {
                throw new InvalidInput(
                        "archived",
                        quoted(flag) + " is held by kill " + kill.id() + " in "
                                + kill.signed().kill().environment(),
                        "a flag that no kill holds; restore it first");
            }
        }
    }

    private void checkConfiguration(EnvironmentImage environment, String key, Configuration configuration) {
        String where = environment.environment().key();
        Flag flag = after.flag(key)
                .orElseThrow(() -> new InvalidInput("flag", quoted(key), "a flag that is in use; create it first"));
        configuration.requireType(flag.type());
        for (int i = 0; i < configuration.prerequisites().size(); i++) {
            checkPrerequisite(
                    "prerequisites[" + i + "]",
                    environment,
                    configuration.prerequisites().get(i));
        }
        for (String segment : configuration.segments()) {
            requireSegment("rules", environment, segment);
        }
        reach(environment).requireFlag(key);
        Configuration earlier = configuration(before, where, key);
        if (earlier != null && !earlier.equals(configuration)) {
            checkDependents(environment, key, configuration);
            checkSafeVariant(where, key, earlier, configuration);
        }
    }

    /** A flag leaves an environment only if nothing there builds on it and no kill there holds it. */
    private void checkLeft(EnvironmentImage environment, String flag) {
        String where = environment.environment().key();
        SortedSet<String> users = dependents(environment).flagsRequiring(flag);
        if (!users.isEmpty()) {
            throw new InvalidInput(
                    "flag",
                    quoted(flag) + " is required in " + where + " by " + named(users),
                    "a flag that none requires; take it out of their prerequisites first");
        }
        for (StandingKill kill : kills) {
            if (kill.signed().kill().environment().equals(where) && holds(kill, flag)) {
                throw new InvalidInput(
                        "flag",
                        quoted(flag) + " is held by kill " + kill.id() + " in " + where,
                        "a flag that no kill holds; restore it first");
            }
        }
    }

    private void checkPrerequisite(String path, EnvironmentImage environment, Prerequisite prerequisite) {
        String where = environment.environment().key();
        Versioned<Configuration> required = environment.configurations().get(prerequisite.flag());
        if (required == null || after.flag(prerequisite.flag()).isEmpty()) {
            throw new InvalidInput(
                    path + ".flag",
                    quoted(prerequisite.flag()),
                    "a flag that is in use and configured in " + where + "; configure it there first");
        }
        checkAsked(path + ".variants", prerequisite, required.value());
    }

    /** A kill switches a flag to its safe variant: whoever asks for that would be switched on by it. */
    private static void checkAsked(String path, Prerequisite prerequisite, Configuration required) {
        for (String variant : prerequisite.variants()) {
            if (!required.variants().containsKey(variant)) {
                throw new InvalidInput(
                        path,
                        quoted(variant),
                        "variants of " + prerequisite.flag() + ": "
                                + String.join(", ", required.variants().keySet()));
            }
            if (required.safeVariant().equals(variant)) {
                throw new InvalidInput(
                        path,
                        quoted(variant) + ", the safe variant of " + prerequisite.flag(),
                        "other variants: a kill of " + prerequisite.flag() + " would switch this flag on");
            }
        }
    }

    /** The flags that require this one must still be able to, in variants, depth and size. */
    private void checkDependents(EnvironmentImage environment, String key, Configuration configuration) {
        String where = environment.environment().key();
        for (String user : dependents(environment).flagsRequiring(key)) {
            Versioned<Configuration> dependent = environment.configurations().get(user);
            if (dependent == null) {
                continue;
            }
            for (Prerequisite prerequisite : dependent.value().prerequisites()) {
                if (!prerequisite.flag().equals(key)) {
                    continue;
                }
                for (String variant : prerequisite.variants()) {
                    if (!configuration.variants().containsKey(variant)) {
                        throw new InvalidInput(
                                "variants",
                                "without " + quoted(variant),
                                "this variant too, as " + user + " requires it in " + where + "; change " + user
                                        + " first");
                    }
                    if (configuration.safeVariant().equals(variant)) {
                        throw new InvalidInput(
                                "safeVariant",
                                quoted(variant),
                                "another variant, as " + user + " requires this one in " + where
                                        + ", and a kill would switch " + user + " on; change " + user + " first");
                    }
                }
            }
        }
        requireReach(environment, dependents(environment).reachedFlags(Set.of(key), Set.of()), key);
    }

    private void requireReach(EnvironmentImage environment, Set<String> flags, String changed) {
        for (String flag : flags) {
            try {
                reach(environment).requireFlag(flag);
            } catch (InvalidInput tooFar) {
                throw flag.equals(changed)
                        ? tooFar
                        : new InvalidInput(
                                tooFar.path(),
                                tooFar.value(),
                                tooFar.expected() + ", also in " + flag + ", which builds on " + changed);
            }
        }
    }

    private void checkSafeVariant(String where, String key, Configuration earlier, Configuration configuration) {
        String safe = configuration.safeVariant();
        boolean same = safe.equals(earlier.safeVariant())
                && Objects.equals(
                        configuration.variants().get(safe), earlier.variants().get(safe));
        if (same) {
            return;
        }
        for (StandingKill kill : kills) {
            if (kill.signed().kill().environment().equals(where) && holds(kill, key)) {
                throw new InvalidInput(
                        "safeVariant",
                        quoted(safe),
                        quoted(earlier.safeVariant()) + " with its value, as long as kill " + kill.id() + " holds "
                                + key + "; restore it first");
            }
        }
    }

    /** As it was before the change, which can't take a flag out of a kill's hold. */
    private boolean holds(StandingKill kill, String flag) {
        EnvironmentImage environment =
                before.environments().get(kill.signed().kill().environment());
        boolean configured = environment != null && environment.configurations().containsKey(flag);
        return configured ? kill.holds(before, flag) : kill.flags().contains(flag);
    }

    private void checkSegment(EnvironmentImage environment, Segment segment) {
        String where = environment.environment().key();
        EnvironmentImage earlier = before.environments().get(where);
        atMost(
                "segments",
                environment.segments().size(),
                earlier == null ? 0 : earlier.segments().size(),
                MAX_SEGMENTS);
        for (String used : segment.segments()) {
            requireSegment("when", environment, used);
        }
        reach(environment).requireSegment(segment.key());
        for (String user : dependents(environment).reachedSegments(Set.of(segment.key()))) {
            reach(environment).requireSegment(user);
        }
        requireReach(environment, dependents(environment).reachedFlags(Set.of(), Set.of(segment.key())), segment.key());
    }

    private void checkDeleted(EnvironmentImage environment, String segment) {
        if (environment.segments().containsKey(segment)) {
            return;
        }
        Dependents users = dependents(environment);
        SortedSet<String> flags = users.flagsNaming(segment);
        SortedSet<String> segments = users.segmentsNaming(segment);
        if (!flags.isEmpty() || !segments.isEmpty()) {
            String names = (flags.isEmpty() ? "" : "flags " + named(flags))
                    + (flags.isEmpty() || segments.isEmpty() ? "" : " and ")
                    + (segments.isEmpty() ? "" : "segments " + named(segments));
            throw new InvalidInput(
                    "segment",
                    quoted(segment) + " is used in " + environment.environment().key() + " by " + names,
                    "a segment that none uses; change these first");
        }
    }

    private static void requireSegment(String path, EnvironmentImage environment, String segment) {
        if (!environment.segments().containsKey(segment)) {
            throw new InvalidInput(
                    path,
                    "segment " + quoted(segment),
                    "a segment of " + environment.environment().key() + "; save it there first");
        }
    }

    private EnvironmentImage environment(String key) {
        EnvironmentImage environment = after.environments().get(key);
        if (environment == null) {
            throw new InvalidInput(
                    "environment",
                    quoted(key),
                    "one of "
                            + String.join(
                                    ", ",
                                    after.environments().keySet().stream()
                                            .sorted()
                                            .toList()));
        }
        return environment;
    }

    private static @Nullable Configuration configuration(Image image, String environment, String flag) {
        EnvironmentImage part = image.environments().get(environment);
        Versioned<Configuration> configuration =
                part == null ? null : part.configurations().get(flag);
        return configuration == null ? null : configuration.value();
    }

    private Reach reach(EnvironmentImage environment) {
        return reaches.computeIfAbsent(environment.environment().key(), key -> new Reach(environment));
    }

    private Dependents dependents(EnvironmentImage environment) {
        return dependents.computeIfAbsent(environment.environment().key(), key -> new Dependents(environment));
    }

    private static void atMost(String path, int now, int earlier, int limit) {
        if (now > limit && now > earlier) {
            throw new InvalidInput(path, "" + now, "at most " + limit);
        }
    }

    private static String quoted(String text) {
        return Json.of(text).text();
    }

    private static String named(SortedSet<String> keys) {
        int shown = 5;
        String names = String.join(", ", keys.stream().limit(shown).toList());
        return keys.size() <= shown ? names : names + " and " + (keys.size() - shown) + " more";
    }
}
