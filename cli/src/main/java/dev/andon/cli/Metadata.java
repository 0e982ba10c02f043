package dev.andon.cli;

import dev.andon.cli.text.Times;
import dev.andon.core.json.Json;
import dev.andon.core.model.FlagKind;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** A flag's metadata as options. */
final class Metadata {
    static final class Kinds implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return FlagKind.WORDS.keySet().iterator();
        }
    }

    @Option(names = "--owner", paramLabel = "NAME", description = "Team or person to tell.")
    private Optional<String> owner = Optional.empty();

    @Option(names = "--description", paramLabel = "TEXT", description = "What the flag is for.")
    private Optional<String> description = Optional.empty();

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            completionCandidates = Kinds.class,
            description = "One of ${COMPLETION-CANDIDATES}.")
    private Optional<String> kind = Optional.empty();

    @Option(names = "--tag", paramLabel = "TAG", description = "A tag; may be repeated. '' alone: none.")
    private List<String> tags = new ArrayList<>();

    @Option(
            names = "--lifetime",
            paramLabel = "TIME",
            description = "How long the flag is expected to live, such as 90d.")
    private Optional<String> lifetime = Optional.empty();

    boolean given() {
        return owner.isPresent()
                || description.isPresent()
                || kind.isPresent()
                || !tags.isEmpty()
                || lifetime.isPresent();
    }

    Optional<String> owner() {
        return owner;
    }

    /** The metadata with what the options say in its place. */
    Map<String, Json> over(Map<String, Json> before) {
        Map<String, Json> flag = new LinkedHashMap<>(before);
        owner.ifPresent(value -> flag.put("owner", Json.of(value)));
        description.ifPresent(value -> flag.put("description", Json.of(value)));
        kind.ifPresent(value -> flag.put("kind", Json.of(Words.oneOf("--kind", value, FlagKind.WORDS))));
        if (!tags.isEmpty()) {
            flag.put("tags", Json.texts(tags.equals(List.of("")) ? List.of() : tags));
        }
        lifetime.ifPresent(value -> flag.put("lifetimeDays", Json.of(Times.days("--lifetime", value))));
        return flag;
    }
}
