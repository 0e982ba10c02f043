package dev.andon.server.rollback;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Segment;
import dev.andon.server.http.Chosen;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An environment as it was at an earlier version. Immutable.
 *
 * @param chosen the entry that the version is of
 */
record Past(Chosen chosen, EnvironmentImage environment) {

    long version() {
        return chosen.version();
    }

    /** Prerequisites by key, and segments by key. */
    record Dependencies(SortedMap<String, Configuration> flags, SortedMap<String, Segment> segments) {}

    SortedSet<String> flags() {
        return new TreeSet<>(environment.configurations().keySet());
    }

    SortedSet<String> segments() {
        return new TreeSet<>(environment.segments().keySet());
    }

    Optional<Configuration> configuration(String flag) {
        return Optional.ofNullable(environment.configurations().get(flag)).map(Versioned::value);
    }

    Optional<Segment> segment(String key) {
        return Optional.ofNullable(environment.segments().get(key)).map(Versioned::value);
    }

    /** What the flag's evaluation read then, however many steps away. */
    Dependencies ofFlag(String flag) {
        SortedMap<String, Configuration> flags = new TreeMap<>();
        SortedMap<String, Segment> segments = new TreeMap<>();
        Deque<Configuration> open = new ArrayDeque<>();
        configuration(flag).ifPresent(open::push);
        while (!open.isEmpty()) {
            Configuration configuration = open.pop();
            configuration.segments().forEach(key -> addSegment(key, segments));
            for (Prerequisite prerequisite : configuration.prerequisites()) {
                Optional<Configuration> required = configuration(prerequisite.flag());
                if (required.isPresent() && flags.put(prerequisite.flag(), required.get()) == null) {
                    open.push(required.get());
                }
            }
        }
        return new Dependencies(flags, segments);
    }

    /** What the segment built on then. */
    Dependencies ofSegment(String segment) {
        SortedMap<String, Segment> segments = new TreeMap<>();
        addSegment(segment, segments);
        segments.remove(segment);
        return new Dependencies(new TreeMap<>(), segments);
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
}
