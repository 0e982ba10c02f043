package dev.andon.server.rollback;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Invariants;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Segment;
import dev.andon.server.http.Problems;
import dev.andon.server.node.Command;
import dev.andon.server.node.Decision;
import dev.andon.server.node.KnownKills;
import dev.andon.server.node.Refused;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Makes an environment, or part of it, what it was at an earlier version. History isn't touched: this is a change like any
 * other, one entry. Standing kills go on standing and pin the safe variants under them, see {@link Pins}. An archived flag
 * that was in use then comes back: the same flag, which its key was kept for.
 *
 * @param past the environment at the version to go back to
 * @param ifUnchangedSince refuses if the environment changed after this version
 */
record Rollback(String environment, Scope scope, Past past, OptionalLong ifUnchangedSince) implements Command<Json> {
    /** Beside its events, an entry holds the reason, names, and for each event a subject and a version. */
    private static final int ENVELOPE_BYTES = 64 << 10;

    /** With the punctuation around it. */
    private static final int VERSION_BYTES = 32;

    @Override
    public Decision<Json> decide(Image image, KnownKills kills, Instant now) {
        EnvironmentImage present = image.environment(environment)
                .orElseThrow(() -> Problems.notFound(
                        "environment", environment, image.environments().keySet()));
        requireUnchanged(present);
        Goal goal = new Goal(present);
        Report report = new Report(environment, scope, past);
        switch (scope) {
            case Scope.Whole whole -> addAll(goal);
            case Scope.Named named -> addNamed(image, goal, report, named);
        }
        requireAllowed(image, goal);
        Pins pins = new Pins(image, goal, past.version(), kills.standing(environment)).keep();
        List<Event> events = goal.events(image);
        requireFits(goal, events);
        String cause = "version " + past.version() + (scope instanceof Scope.Whole ? ", the whole environment" : "");
        return new Decision<>(
                "rollback",
                Optional.of(cause),
                events,
                committed -> report.json(committed, goal, pins, goal.returned(image)));
    }

    private void requireUnchanged(EnvironmentImage present) {
        if (ifUnchangedSince.isPresent() && present.version() > ifUnchangedSince.getAsLong()) {
            throw new Refused(
                    Refused.Code.PRECONDITION_FAILED,
                    "ifUnchangedSince",
                    ifUnchangedSince.getAsLong() + ", but " + environment + " changed in version " + present.version(),
                    "no change since; look at what the rollback would do now");
        }
    }

    private void addAll(Goal goal) {
        SortedSet<String> flags = past.flags();
        flags.addAll(goal.present().configurations().keySet());
        flags.forEach(flag -> goal.setFlag(flag, past.configuration(flag)));
        SortedSet<String> segments = past.segments();
        segments.addAll(goal.present().segments().keySet());
        segments.forEach(segment -> goal.setSegment(segment, past.segment(segment)));
    }

    private void addNamed(Image image, Goal goal, Report report, Scope.Named named) {
        for (String flag : named.flags()) {
            if (!image.flags().containsKey(flag)) {
                throw Problems.notFound("flags", flag, image.flags().keySet());
            }
            if (!goal.setFlag(flag, there("flags", flag, past.configuration(flag)))) {
                report.unchanged("flag", flag);
            }
            addDependencies(goal, report, named, flag, past.ofFlag(flag));
        }
        for (String segment : named.segments()) {
            if (!goal.setSegment(segment, there("segments", segment, past.segment(segment)))) {
                report.unchanged("segment", segment);
            }
            addDependencies(goal, report, named, segment, past.ofSegment(segment));
        }
        if (!named.withDependencies()) {
            requireReferences(goal, named);
        }
    }

    private <T> Optional<T> there(String field, String key, Optional<T> then) {
        if (then.isEmpty()) {
            throw new Refused(
                    Refused.Code.NOT_FOUND,
                    field,
                    key + ", which wasn't there at version " + past.version(),
                    "what was there");
        }
        return then;
    }

    private void addDependencies(
            Goal goal, Report report, Scope.Named named, String reader, Past.Dependencies dependencies) {
        dependencies.flags().forEach((key, then) -> {
            Optional<Configuration> now = goal.presentFlag(key);
            if (!now.equals(Optional.of(then)) && !named.flags().contains(key)) {
                report.drifted(Event.configurationOf(environment, key), now.isEmpty(), reader);
                if (named.withDependencies()) {
                    goal.setFlag(key, Optional.of(then));
                }
            }
        });
        dependencies.segments().forEach((key, then) -> {
            Optional<Segment> now = goal.presentSegment(key);
            boolean same = now.isPresent() && now.get().when().equals(then.when());
            if (!same && !named.segments().contains(key)) {
                report.drifted(Event.segmentOf(environment, key), now.isEmpty(), reader);
                if (named.withDependencies()) {
                    goal.setSegment(key, Optional.of(then));
                }
            }
        });
    }

    /** What the old states name must be there; what that reads in turn need only be known to differ. */
    private void requireReferences(Goal goal, Scope.Named named) {
        SortedSet<String> missing = new TreeSet<>();
        for (String flag : goal.flagsThatStay()) {
            Configuration then = goal.flag(flag).orElseThrow();
            then.segments().forEach(segment -> addMissing(goal, segment, missing));
            then.prerequisites().stream()
                    .filter(prerequisite -> goal.flag(prerequisite.flag()).isEmpty())
                    .forEach(prerequisite -> missing.add("flag " + prerequisite.flag()));
        }
        for (String segment : goal.segmentsThatStay()) {
            goal.segment(segment).orElseThrow().segments().forEach(used -> addMissing(goal, used, missing));
        }
        if (!missing.isEmpty()) {
            throw new Refused(
                    Refused.Code.CONFLICT,
                    named.flags().isEmpty() ? "segments" : "flags",
                    String.join(", ", Report.names(named)) + " at version " + past.version()
                            + " need what is missing now: " + String.join(", ", missing),
                    "all that they read; roll back with dependencies (withDependencies: true)");
        }
    }

    private static void addMissing(Goal goal, String segment, SortedSet<String> missing) {
        if (goal.segment(segment).isEmpty()) {
            missing.add("segment " + segment);
        }
    }

    /** The rules that every change must keep, kills aside, told in terms of a rollback. */
    private void requireAllowed(Image image, Goal goal) {
        List<Event> events = goal.events(image);
        long next = image.provenance().version() + 1;
        ImageDelta delta = new ImageDelta(image);
        events.forEach(event -> delta.apply(next, event));
        try {
            Invariants.check(image, delta.build(image.provenance().at(next)), events, List.of());
        } catch (InvalidInput broken) {
            throw new Refused(
                    Refused.Code.CONFLICT,
                    "to",
                    "version " + past.version() + ", when " + broken.path() + " was " + broken.value(),
                    broken.expected() + hint());
        }
    }

    private String hint() {
        return switch (scope) {
            case Scope.Whole whole -> "; choose another version";
            case Scope.Named named
            when named.withDependencies() ->
                "; roll back together what depends on one another, or choose another version";
            case Scope.Named named ->
                "; roll back with dependencies (withDependencies: true), or roll back together what depends on one"
                        + " another";
        };
    }

    private void requireFits(Goal goal, List<Event> events) {
        long bytes = ENVELOPE_BYTES;
        for (Event event : events) {
            bytes += event.toJson().utf8().length + event.subject().length() + VERSION_BYTES;
        }
        if (bytes > Entry.MAX_BYTES) {
            throw new Refused(
                    Refused.Code.CONFLICT,
                    "to",
                    "version " + past.version() + ", from which "
                            + (goal.flags().size() + goal.segments().size()) + " flags and segments differ by now, "
                            + bytes / 1_024 + " KiB of them",
                    "at most " + Entry.MAX_BYTES / 1_024
                            + " KiB in one entry; roll back in parts, by the flags' names");
        }
    }
}
