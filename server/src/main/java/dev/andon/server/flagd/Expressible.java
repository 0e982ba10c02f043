package dev.andon.server.flagd;

import dev.andon.core.event.Event;
import dev.andon.core.image.Dependents;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.server.node.Committed;
import dev.andon.server.node.Invariant;
import dev.andon.server.node.KnownKills;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Every flag of an environment that flagd's clients sync can be written in flagd's language. What can't is refused when it is
 * saved, be it the flag itself or one that builds on what is saved; a flag that couldn't be written before may stay so, and
 * kills are never refused. Thread-safe.
 */
public final class Expressible implements Invariant {
    private final Set<String> environments;

    /** @param environments that are served to flagd's clients */
    public Expressible(Set<String> environments) {
        this.environments = Set.copyOf(environments);
    }

    @Override
    public void check(Committed change, KnownKills kills) {
        environments.forEach(key -> {
            EnvironmentImage after = change.after().environments().get(key);
            if (after != null) {
                check(change, after);
            }
        });
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
        if (touched.isEmpty() && segments.isEmpty()) {
            return;
        }
        Attempt now = new Attempt(change.after(), after);
        Optional<Attempt> before =
                change.before().environment(environment).map(was -> new Attempt(change.before(), was));
        for (String flag : new Dependents(after).reachedFlags(touched, segments)) {
            Optional<InvalidInput> refusal = now.refusal(flag);
            if (refusal.isPresent() && before.flatMap(was -> was.refusal(flag)).isEmpty()) {
                InvalidInput why = refusal.get();
                boolean alone = saved.equals(Set.of(flag));
                throw new InvalidInput(
                        alone ? why.path() : "flags." + flag + "." + why.path(),
                        why.value(),
                        why.expected() + "; environment " + environment + " is served to flagd's clients");
            }
        }
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
