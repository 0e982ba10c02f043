package dev.andon.server.rollback;

import dev.andon.core.event.Event;
import dev.andon.core.image.Dependents;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Invariants;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Segment;
import dev.andon.server.http.Problems;
import dev.andon.server.node.Command;
import dev.andon.server.node.Committed;
import dev.andon.server.node.Decision;
import dev.andon.server.node.KnownKills;
import dev.andon.server.node.Refused;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Configures flags as they were at an earlier version. History isn't touched: this is a change like any other. Standing
 * kills go on standing, and pin the safe variants under them. With dependencies, the segments and required flags that the
 * flags read then are taken back too, however many steps away, so that the flags evaluate as they did.
 *
 * @param old the ledger's image at version {@code to}
 */
record Rollback(String environment, List<String> flags, long to, boolean withDependencies, Image old)
        implements Command<Json> {

    @Override
    public Decision<Json> decide(Image image, KnownKills kills, Instant now) {
        EnvironmentImage present = image.environment(environment)
                .orElseThrow(() -> Problems.notFound(
                        "environment", environment, image.environments().keySet()));
        Past past = Past.of(old, to, environment);
        Plan plan = new Plan(present);
        for (String flag : new TreeSet<>(flags)) {
            requireInUse(image, flag);
            plan.add(flag, past);
        }
        plan.requireReferences();
        plan.requireInUse(image);
        List<Event> events = plan.events();
        requireAllowed(image, kills, events);
        return new Decision<>("rollback", Optional.of("version " + to), events, committed -> plan.answer(committed));
    }

    private static void requireInUse(Image image, String flag) {
        if (image.flag(flag).isPresent()) {
            return;
        }
        if (image.flags().containsKey(flag)) {
            throw new Refused(
                    Refused.Code.CONFLICT,
                    "flags",
                    flag + ", which is archived by now",
                    "flags in use; an archived flag never comes back, create one with another key");
        }
        throw Problems.notFound("flags", flag, image.flags().keySet());
    }

    /** The rules that every change must keep, told in terms of a rollback. */
    private void requireAllowed(Image image, KnownKills kills, List<Event> events) {
        long next = image.provenance().version() + 1;
        ImageDelta delta = new ImageDelta(image);
        events.forEach(event -> delta.apply(next, event));
        List<StandingKill> standing = kills.standing(environment);
        try {
            Invariants.check(image, delta.build(image.provenance().at(next)), events, standing);
        } catch (InvalidInput broken) {
            requireNotPinned(image, standing, events, broken);
            String hint = withDependencies
                    ? "; roll the flags back together that depend on one another, or choose another version"
                    : "; roll back with its dependencies (withDependencies: true), or roll them back together";
            throw new Refused(
                    Refused.Code.CONFLICT,
                    "flags",
                    "at version " + to + ", " + broken.path() + " was " + broken.value(),
                    broken.expected() + hint);
        }
    }

    private void requireNotPinned(Image image, List<StandingKill> standing, List<Event> events, InvalidInput broken) {
        List<String> pinned = new ArrayList<>();
        for (Event event : events) {
            if (event instanceof Event.ConfigurationSaved saved && pins(image, standing, saved)) {
                pinned.add(saved.flag());
            }
        }
        if (!pinned.isEmpty()) {
            throw new Refused(
                    Refused.Code.STOPPED,
                    "flags",
                    String.join(", ", pinned) + ", held by a kill and with another safe variant at version " + to,
                    broken.expected());
        }
    }

    private static boolean pins(Image image, List<StandingKill> standing, Event.ConfigurationSaved saved) {
        Configuration present = image.environment(saved.environment())
                .map(environment -> environment.configurations().get(saved.flag()))
                .map(Versioned::value)
                .orElse(saved.configuration());
        Configuration next = saved.configuration();
        boolean same = present.safeVariant().equals(next.safeVariant())
                && java.util.Objects.equals(
                        present.variants().get(present.safeVariant()),
                        next.variants().get(next.safeVariant()));
        return !same && standing.stream().anyMatch(kill -> kill.flags().contains(saved.flag()));
    }

    /** What is to be done, and what is to be said about it. Not thread-safe. */
    private final class Plan {
        private final EnvironmentImage present;
        private final SortedMap<String, Configuration> configurations = new TreeMap<>();
        private final SortedMap<String, Segment> segments = new TreeMap<>();
        private final SortedMap<String, Drift> drifts = new TreeMap<>();
        private final List<String> unchanged = new ArrayList<>();

        Plan(EnvironmentImage present) {
            this.present = present;
        }

        /** What has changed since then in what a flag reads: how, and for which of the flags. */
        private record Drift(String change, SortedSet<String> flags) {}

        void add(String flag, Past past) {
            Configuration then = past.configuration(flag);
            if (then.equals(configuration(flag))) {
                unchanged.add(flag);
            } else {
                configurations.put(flag, then);
            }
            Past.Dependencies dependencies = past.dependencies(flag);
            dependencies.flags().forEach((key, required) -> {
                Configuration now = configuration(key);
                if (!required.equals(now)) {
                    drift(Event.configurationOf(environment, key), now == null, flag);
                    if (withDependencies) {
                        configurations.put(key, required);
                    }
                }
            });
            dependencies.segments().forEach((key, segment) -> {
                Segment now = segment(key);
                if (now == null || !segment.when().equals(now.when())) {
                    drift(Event.segmentOf(environment, key), now == null, flag);
                    if (withDependencies) {
                        segments.put(key, segment);
                    }
                }
            });
        }

        private void drift(String subject, boolean removed, String flag) {
            drifts.computeIfAbsent(subject, key -> new Drift(removed ? "removed" : "changed", new TreeSet<>()))
                    .flags()
                    .add(flag);
        }

        /** What the old configurations name must be there; what that reads in turn need only be known to differ. */
        void requireReferences() {
            if (withDependencies) {
                return;
            }
            SortedSet<String> missing = new TreeSet<>();
            configurations.values().forEach(configuration -> {
                for (String segment : configuration.segments()) {
                    if (segment(segment) == null) {
                        missing.add("segment " + segment);
                    }
                }
                configuration.prerequisites().forEach(prerequisite -> {
                    boolean there = configuration(prerequisite.flag()) != null
                            || configurations.containsKey(prerequisite.flag());
                    if (!there) {
                        missing.add("flag " + prerequisite.flag());
                    }
                });
            });
            if (!missing.isEmpty()) {
                throw new Refused(
                        Refused.Code.CONFLICT,
                        "flags",
                        String.join(", ", flags) + " at version " + to + " need what is missing now: "
                                + String.join(", ", missing),
                        "all that they read; roll back with dependencies (withDependencies: true)");
            }
        }

        /** An archived flag never comes back, not even because others required it. */
        void requireInUse(Image image) {
            List<String> archived = configurations.keySet().stream()
                    .filter(flag -> image.flag(flag).isEmpty())
                    .toList();
            if (!archived.isEmpty()) {
                throw new Refused(
                        Refused.Code.CONFLICT,
                        "flags",
                        String.join(", ", flags) + " at version " + to + " need archived flags: "
                                + String.join(", ", archived),
                        "flags in use; choose a version before they were required");
            }
        }

        /** Segments first: flags refer to them. */
        List<Event> events() {
            List<Event> events = new ArrayList<>();
            segments.values().forEach(segment -> events.add(new Event.SegmentSaved(environment, segment)));
            configurations.forEach((flag, configuration) ->
                    events.add(new Event.ConfigurationSaved(environment, flag, configuration)));
            return events;
        }

        Json answer(Committed committed) {
            Json.Builder json = Json.object()
                    .put("environment", environment)
                    .put("to", to)
                    .put("version", committed.version())
                    .put("flags", Json.texts(configurations.keySet()))
                    .put("segments", Json.texts(segments.keySet()));
            List<Json> skipped = new ArrayList<>();
            unchanged.forEach(flag -> skipped.add(Json.object()
                    .put("flag", flag)
                    .put("why", "it is configured as at version " + to)
                    .build()));
            List<Json> changed = new ArrayList<>();
            drifts.forEach((subject, drift) -> changed.add(Json.object()
                    .put("subject", subject)
                    .put("change", drift.change())
                    .put("flags", Json.texts(drift.flags()))
                    .build()));
            return json.put("skipped", Json.array(skipped))
                    .put("changedDependencies", Json.array(changed))
                    .put("alsoAffected", Json.texts(alsoAffected(committed)))
                    .build();
        }

        /** Flags that nobody asked about and that read something that changes. */
        private List<String> alsoAffected(Committed committed) {
            EnvironmentImage after = committed.after().environment(environment).orElse(present);
            return new Dependents(after)
                    .reachedFlags(configurations.keySet(), segments.keySet()).stream()
                            .filter(flag -> !flags.contains(flag))
                            .toList();
        }

        private @Nullable Configuration configuration(String flag) {
            Versioned<Configuration> configuration = present.configurations().get(flag);
            return configuration == null ? null : configuration.value();
        }

        private @Nullable Segment segment(String key) {
            Versioned<Segment> segment = present.segments().get(key);
            return segment == null ? null : segment.value();
        }
    }
}
