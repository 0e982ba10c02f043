package dev.andon.server.flagd;

import dev.andon.core.event.Event;
import dev.andon.core.image.Dependents;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.server.node.Committed;
import dev.andon.server.node.Invariant;
import dev.andon.server.node.KnownKills;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Every flag of an environment that serves {@link Environment#FLAGD_SYNC} can be written in flagd's language. What can't is
 * refused when it is saved, be it the flag itself, one that builds on what is saved, or the environment that is to be served
 * from now on. Kills are never refused. Thread-safe.
 */
public final class Expressible implements Invariant {
    private static final int MOST_NAMED = 20;

    @Override
    public void check(Committed change, KnownKills kills) {
        for (EnvironmentImage after : change.after().environments().values()) {
            if (served(after)) {
                check(change, after);
            }
        }
    }

    private static boolean served(EnvironmentImage environment) {
        return environment.environment().serves(Environment.FLAGD_SYNC);
    }

    private static void check(Committed change, EnvironmentImage after) {
        String environment = after.environment().key();
        SortedSet<String> saved = new TreeSet<>();
        SortedSet<String> touched = new TreeSet<>();
        SortedSet<String> segments = new TreeSet<>();
        for (Event event : change.events()) {
            switch (event) {
                case Event.ConfigurationSaved configured
                when configured.environment().equals(environment) -> saved.add(configured.flag());
                case Event.SegmentSaved segment
                when segment.environment().equals(environment) ->
                    segments.add(segment.segment().key());
                case Event.FlagSaved flag -> touched.add(flag.flag().key());
                default -> {}
            }
        }
        touched.addAll(saved);
        Attempt now = new Attempt(change.after(), after);
        Optional<EnvironmentImage> before =
                change.before().environment(environment).filter(Expressible::served);
        if (before.isEmpty()) {
            checkAll(now, after);
        } else if (!touched.isEmpty() || !segments.isEmpty()) {
            Attempt then = new Attempt(change.before(), before.get());
            for (String flag : new Dependents(after).reachedFlags(touched, segments)) {
                now.refusal(flag).filter(why -> then.refusal(flag).isEmpty()).ifPresent(why -> {
                    throw refused(why, saved.equals(Set.of(flag)) ? "" : "flags." + flag + ".", environment, "");
                });
            }
        }
    }

    private static void checkAll(Attempt now, EnvironmentImage environment) {
        SortedMap<String, InvalidInput> refusals = new TreeMap<>();
        environment
                .configurations()
                .keySet()
                .forEach(flag -> now.refusal(flag).ifPresent(why -> refusals.put(flag, why)));
        if (!refusals.isEmpty()) {
            String all = refusals.size() == 1
                    ? ""
                    : ". " + refusals.size() + " flags can't be written: "
                            + String.join(
                                    ", ",
                                    refusals.keySet().stream().limit(MOST_NAMED).toList())
                            + (refusals.size() > MOST_NAMED ? ", …" : "");
            String first = refusals.firstKey();
            throw refused(
                    refusals.sequencedValues().getFirst(),
                    "flags." + first + ".",
                    environment.environment().key(),
                    all);
        }
    }

    private static InvalidInput refused(InvalidInput why, String place, String environment, String more) {
        return new InvalidInput(
                place + why.path(),
                why.value(),
                why.expected() + "; environment " + environment + " is served to flagd's clients" + more);
    }

    /** To write an environment's flags as they are configured; what they share is written once. */
    private static final class Attempt {
        private final Source source;
        private final Evaluators evaluators;

        Attempt(Image image, EnvironmentImage environment) {
            this.source = new Source(image, environment, List.of());
            this.evaluators = new Evaluators(environment);
        }

        /** Why the flag can't be written. */
        Optional<InvalidInput> refusal(String key) {
            Optional<Flag> flag = source.image().flag(key);
            Versioned<Configuration> configuration =
                    source.environment().configurations().get(key);
            if (flag.isEmpty() || configuration == null) {
                return Optional.empty();
            }
            return new FlagWriter(source, evaluators)
                    .write(flag.get(), configuration)
                    .refusal();
        }
    }
}
