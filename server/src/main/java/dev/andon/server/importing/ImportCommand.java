package dev.andon.server.importing;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Segment;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import dev.andon.server.http.Problems;
import dev.andon.server.node.Command;
import dev.andon.server.node.Committed;
import dev.andon.server.node.Decision;
import dev.andon.server.node.KnownKills;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Takes a document's flags over into one environment, all in one entry or none. Flags that aren't in the document stay as
 * they are. Of a flag that is there already, what the document doesn't know stays: owner, kind, tags, prerequisites, what
 * it does when blind, and a safe variant that is still among the variants.
 *
 * @param owner of new flags, rather than what the document says
 * @param kind of new flags, rather than what the document says
 */
record ImportCommand(String environment, FlagdDocument document, Optional<String> owner, Optional<FlagKind> kind)
        implements Command<Json> {
    static final String OWNER = "imported";

    @Override
    public Decision<Json> decide(Image image, KnownKills kills, Instant now) {
        EnvironmentImage place = image.environment(environment)
                .orElseThrow(() -> Problems.notFound(
                        "environment", environment, image.environments().keySet()));
        List<Event> events = new ArrayList<>();
        SortedMap<String, String> segments = new TreeMap<>();
        SortedSet<String> notes = new TreeSet<>(document.notes());
        document.segments().forEach((key, segment) -> segments.put(key, saveSegment(place, segment, events, notes)));
        SortedMap<String, Json> flags = new TreeMap<>();
        document.flags().forEach((key, flag) -> flags.put(key, saveFlag(image, place, flag, events)));
        return new Decision<>(
                "import",
                Optional.of("flagd document"),
                events,
                committed -> answer(committed, flags, segments, notes));
    }

    private String saveSegment(EnvironmentImage place, Segment segment, List<Event> events, SortedSet<String> notes) {
        Versioned<Segment> known = place.segments().get(segment.key());
        if (known != null && known.value().when().equals(segment.when())) {
            return "unchanged";
        }
        String description = known == null ? "" : known.value().description();
        if (known != null) {
            others(place, segment.key())
                    .ifPresent(others -> notes.add("segment " + segment.key() + " was here and changes: it is also used"
                            + " outside the document, by " + others));
        }
        events.add(new Event.SegmentSaved(environment, new Segment(segment.key(), description, segment.when())));
        return known == null ? "created" : "updated";
    }

    /** What isn't in the document and names a segment. */
    private Optional<String> others(EnvironmentImage place, String segment) {
        SortedSet<String> others = new TreeSet<>();
        place.configurations().forEach((flag, configuration) -> {
            if (!document.flags().containsKey(flag)
                    && configuration.value().segments().contains(segment)) {
                others.add("flag " + flag);
            }
        });
        place.segments().forEach((key, other) -> {
            Set<String> named = new HashSet<>();
            other.value().when().collectSegments(named);
            if (!document.segments().containsKey(key) && named.contains(segment)) {
                others.add("segment " + key);
            }
        });
        return others.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", others));
    }

    private Json saveFlag(Image image, EnvironmentImage place, FlagdDocument.ReadFlag read, List<Event> events) {
        SortedSet<String> notes = new TreeSet<>(read.notes());
        Versioned<Flag> known = image.flags().get(read.key());
        Versioned<Configuration> before = place.configurations().get(read.key());
        Flag flag = known == null ? created(read) : updated(read, known.value());
        Configuration configuration =
                configuration(read, Optional.ofNullable(before).map(Versioned::value), notes);
        int count = events.size();
        if (known == null || !known.value().equals(flag)) {
            events.add(new Event.FlagSaved(flag));
        }
        if (before == null || !before.value().equals(configuration)) {
            events.add(new Event.ConfigurationSaved(environment, read.key(), configuration));
        }
        String result = known == null ? "created" : events.size() > count ? "updated" : "unchanged";
        return Json.object()
                .put("key", read.key())
                .put("result", result)
                .put("safeVariant", configuration.safeVariant())
                .put("warnings", Json.texts(notes))
                .build();
    }

    private Flag created(FlagdDocument.ReadFlag read) {
        return new Flag(
                read.key(),
                kind.or(read::kind).orElse(FlagKind.RELEASE),
                read.type(),
                owner.or(read::owner).orElse(OWNER),
                read.description(),
                read.tags(),
                read.lifetimeDays(),
                false);
    }

    private static Flag updated(FlagdDocument.ReadFlag read, Flag known) {
        String path = "document.flags." + read.key();
        if (known.archived()) {
            throw new InvalidInput(path, "the key of an archived flag", "keys that are free or in use; leave it out");
        }
        boolean fits =
                known.type() == read.type() || (known.type() == ValueType.NUMBER && read.type() == ValueType.INTEGER);
        if (!fits) {
            throw new InvalidInput(
                    path + ".variants",
                    "values of type " + read.type().word(),
                    "values of type " + known.type().word() + ", as the flag has already");
        }
        return new Flag(
                known.key(),
                known.kind(),
                known.type(),
                known.owner(),
                read.description().isEmpty() ? known.description() : read.description(),
                known.tags(),
                known.lifetimeDays(),
                false);
    }

    private static Configuration configuration(
            FlagdDocument.ReadFlag read, Optional<Configuration> before, SortedSet<String> notes) {
        String safeVariant = before.map(Configuration::safeVariant)
                .filter(read.variants()::containsKey)
                .orElse(read.safeVariant());
        List<Prerequisite> prerequisites =
                before.map(Configuration::prerequisites).orElse(List.of());
        if (!prerequisites.isEmpty()) {
            notes.add("its prerequisites stay: the document knows of none");
        }
        return new Configuration(
                read.variants(),
                safeVariant,
                read.on(),
                prerequisites,
                read.rules().rules(),
                read.rules().fallThrough(),
                before.map(Configuration::whenBlind).orElseGet(WhenBlind.Keep::new));
    }

    private Json answer(
            Committed committed,
            SortedMap<String, Json> flags,
            SortedMap<String, String> segments,
            SortedSet<String> notes) {
        List<Json> shown = new ArrayList<>();
        segments.forEach((key, result) ->
                shown.add(Json.object().put("key", key).put("result", result).build()));
        return Json.object()
                .put("environment", environment)
                .put("version", committed.version())
                .put("flags", Json.array(List.copyOf(flags.values())))
                .put("segments", Json.array(shown))
                .put("warnings", Json.texts(notes))
                .build();
    }
}
