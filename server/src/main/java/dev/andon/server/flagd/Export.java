package dev.andon.server.flagd;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import dev.andon.server.node.ServedState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An environment's flags as a flagd document to be used elsewhere, and what it lacks. Kills that stand are in it, since without
 * them the document would switch on elsewhere what somebody stopped here. In each flag's metadata stands what Andon knows and
 * flagd doesn't, for an import. Immutable.
 *
 * @param json the document
 * @param left flags that flagd's language can't express, which aren't in it, and why
 * @param kills those whose effect is in it
 * @param warnings by flag in the document: what isn't in it, or is there in another form
 */
record Export(
        Json json,
        SortedMap<String, InvalidInput> left,
        SortedSet<KillId> kills,
        SortedMap<String, SortedSet<String>> warnings) {
    Export {
        left = Collections.unmodifiableSortedMap(new TreeMap<>(left));
        kills = Collections.unmodifiableSortedSet(new TreeSet<>(kills));
        warnings = Collections.unmodifiableSortedMap(new TreeMap<>(warnings));
    }

    static Export of(ServedState state) {
        Document document = Document.of(state, flag -> true);
        return new Reader(state, document).read();
    }

    private static final class Reader {
        private final Document document;
        private final Image image;
        private final EnvironmentImage environment;
        private final Source source;
        private final SortedSet<KillId> kills = new TreeSet<>();
        private final SortedMap<String, SortedSet<String>> warnings = new TreeMap<>();

        Reader(ServedState state, Document document) {
            this.document = document;
            this.image = state.image();
            this.environment = image.environment(state.environment()).orElseThrow();
            this.source = new Source(image, environment, state.kills());
        }

        Export read() {
            Map<String, Json> members = new LinkedHashMap<>(members(document.json()));
            Map<String, Json> flags = new LinkedHashMap<>();
            members(Objects.requireNonNull(members.get("flags")))
                    .forEach((key, json) -> flags.put(key, flag(key, json)));
            members.put("flags", new Json.Members(flags));
            return new Export(new Json.Members(members), document.left(), kills, warnings);
        }

        private Json flag(String key, Json json) {
            Flag flag = image.flag(key).orElseThrow();
            Configuration configuration = Objects.requireNonNull(
                            environment.configurations().get(key))
                    .value();
            SortedSet<String> notes = new TreeSet<>();
            if (!noteKills(key, notes)) {
                note(configuration, notes);
            }
            warnings.put(key, notes);
            Map<String, Json> members = new LinkedHashMap<>();
            if (!flag.description().isEmpty()) {
                members.put("description", Json.of(flag.description()));
            }
            members.putAll(members(json));
            Map<String, Json> metadata = new LinkedHashMap<>(members(Objects.requireNonNull(members.get("metadata"))));
            metadata.put("safeVariant", Json.of(configuration.safeVariant()));
            metadata.put("owner", Json.of(flag.owner()));
            metadata.put("kind", Json.of(flag.kind().word()));
            if (!flag.tags().isEmpty()) {
                metadata.put("tags", Json.of(String.join(",", flag.tags())));
            }
            flag.lifetimeDays().ifPresent(days -> metadata.put("lifetimeDays", Json.of(days)));
            members.put("metadata", new Json.Members(metadata));
            return new Json.Members(members);
        }

        /** Whether one stops the flag for everyone. */
        private boolean noteKills(String key, SortedSet<String> notes) {
            boolean everyone = false;
            for (StandingKill kill : source.killsOf(key)) {
                kills.add(kill.id());
                boolean some = kill.signed().kill().audience().isPresent();
                boolean wide = document.widened().getOrDefault(key, Set.of()).contains(kill.id());
                everyone |= !some || wide;
                if (wide) {
                    notes.add("kill " + kill.id()
                            + " stops it for everyone in the document: flagd's language can't express"
                            + " for whom the kill is");
                } else {
                    notes.add("kill " + kill.id() + " stops it in the document, too"
                            + (some ? ", for its audience" : ""));
                }
            }
            return everyone;
        }

        private void note(Configuration configuration, SortedSet<String> notes) {
            if (!configuration.on()) {
                notes.add("off: the document has what it serves, not its rules");
                return;
            }
            if (!configuration.prerequisites().isEmpty()) {
                notes.add("its prerequisites are written out: the document has what they come to now");
            }
            List<Condition> conditions = new ArrayList<>();
            configuration.rules().forEach(rule -> {
                conditions.add(rule.when());
                if (!rule.name().isEmpty()) {
                    notes.add("its rules' names aren't in the document");
                }
            });
            if (conditions.stream().anyMatch(condition -> asksForDates(condition, new HashSet<>()))) {
                notes.add("its dates are numbers of milliseconds in the document: attributes that are text are no dates"
                        + " there");
            }
        }

        private boolean asksForDates(Condition condition, Set<String> seen) {
            return switch (condition) {
                case Condition.All all -> all.parts().stream().anyMatch(part -> asksForDates(part, seen));
                case Condition.Any any -> any.parts().stream().anyMatch(part -> asksForDates(part, seen));
                case Condition.Not not -> asksForDates(not.part(), seen);
                case Condition.InSegment in ->
                    seen.add(in.segment())
                            && Optional.ofNullable(environment.segments().get(in.segment()))
                                    .filter(segment ->
                                            asksForDates(segment.value().when(), seen))
                                    .isPresent();
                case Condition.DateMatch date -> true;
                case Condition.In in -> false;
                case Condition.TextMatch text -> false;
                case Condition.NumberMatch number -> false;
                case Condition.VersionMatch version -> false;
                case Condition.Exists exists -> false;
            };
        }

        private static Map<String, Json> members(Json json) {
            if (json instanceof Json.Members object) {
                return object.members();
            }
            throw new IllegalStateException(json.text() + " (expected: an object)");
        }
    }
}
