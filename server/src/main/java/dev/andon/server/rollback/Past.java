package dev.andon.server.rollback;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Segment;
import dev.andon.server.node.Refused;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** An environment as it was at an earlier version. Immutable. */
final class Past {
    private final long version;
    private final EnvironmentImage environment;

    private Past(long version, EnvironmentImage environment) {
        this.version = version;
        this.environment = environment;
    }

    /** @throws Refused if the environment didn't exist then */
    static Past of(Image image, long version, String environment) {
        return new Past(
                version,
                image.environment(environment)
                        .orElseThrow(() -> new Refused(
                                Refused.Code.NOT_FOUND,
                                "to",
                                version + ", when there was no environment " + environment,
                                "a version since it was created")));
    }

    /** @throws Refused if the flag wasn't configured then */
    Configuration configuration(String flag) {
        Versioned<Configuration> configuration = environment.configurations().get(flag);
        if (configuration == null) {
            throw new Refused(
                    Refused.Code.NOT_FOUND,
                    "flags",
                    flag + ", which wasn't configured at version " + version,
                    "flags that were; to take this one out of use, switch it off or archive it");
        }
        return configuration.value();
    }

    Optional<Segment> segment(String key) {
        return Optional.ofNullable(environment.segments().get(key)).map(Versioned::value);
    }

    /** What the flag's evaluation read then, however many steps away. */
    Dependencies dependencies(String flag) {
        SortedMap<String, Configuration> flags = new TreeMap<>();
        SortedMap<String, Segment> segments = new TreeMap<>();
        Deque<Configuration> open = new ArrayDeque<>();
        open.push(configuration(flag));
        while (!open.isEmpty()) {
            Configuration configuration = open.pop();
            configuration.segments().forEach(key -> addSegment(key, segments));
            for (Prerequisite prerequisite : configuration.prerequisites()) {
                Versioned<Configuration> required = environment.configurations().get(prerequisite.flag());
                if (required != null && flags.put(prerequisite.flag(), required.value()) == null) {
                    open.push(required.value());
                }
            }
        }
        return new Dependencies(flags, segments);
    }

    private void addSegment(String key, SortedMap<String, Segment> segments) {
        Deque<String> open = new ArrayDeque<>();
        open.push(key);
        while (!open.isEmpty()) {
            Optional<Segment> segment = segment(open.pop());
            if (segment.isPresent() && segments.put(segment.get().key(), segment.get()) == null) {
                segment.get().segments().forEach(open::push);
            }
        }
    }

    /** Prerequisites by key, and segments by key. */
    record Dependencies(SortedMap<String, Configuration> flags, SortedMap<String, Segment> segments) {}
}
