package dev.andon.core.image;

import dev.andon.core.model.Configuration;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Segment;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which flags and segments of an environment build on which others. Reads the environment once, when first asked. Not
 * thread-safe.
 */
public final class Dependents {
    private final Map<String, Versioned<Configuration>> configurations;
    private final Map<String, Versioned<Segment>> segments;
    private @Nullable Map<String, SortedSet<String>> flagsByFlag;
    private @Nullable Map<String, SortedSet<String>> flagsBySegment;
    private @Nullable Map<String, SortedSet<String>> segmentsBySegment;

    public Dependents(EnvironmentImage environment) {
        this(environment.configurations(), environment.segments());
    }

    private Dependents(Map<String, Versioned<Configuration>> configurations, Map<String, Versioned<Segment>> segments) {
        this.configurations = configurations;
        this.segments = segments;
    }

    /** Where there is no environment yet. */
    public static Dependents none() {
        return new Dependents(Map.of(), Map.of());
    }

    /** The flags that name this one as a prerequisite. */
    public SortedSet<String> flagsRequiring(String flag) {
        return of(flagsByFlag(), flag);
    }

    /** The flags whose rules name the segment. */
    public SortedSet<String> flagsNaming(String segment) {
        return of(flagsBySegment(), segment);
    }

    /** The segments whose conditions name the segment. */
    public SortedSet<String> segmentsNaming(String segment) {
        return of(segmentsBySegment(), segment);
    }

    /** These segments and all that build on them, however many steps away. */
    public SortedSet<String> reachedSegments(Collection<String> segments) {
        return segments.isEmpty() ? Collections.emptySortedSet() : closure(segments, segmentsBySegment());
    }

    /** These flags and all whose evaluation reads one of them or of the segments, however many steps away. */
    public SortedSet<String> reachedFlags(Collection<String> flags, Collection<String> segments) {
        SortedSet<String> reached = new TreeSet<>(flags);
        for (String segment : reachedSegments(segments)) {
            reached.addAll(flagsNaming(segment));
        }
        return reached.isEmpty() ? reached : closure(reached, flagsByFlag());
    }

    private static SortedSet<String> of(Map<String, SortedSet<String>> users, String key) {
        return Collections.unmodifiableSortedSet(users.getOrDefault(key, Collections.emptySortedSet()));
    }

    private static SortedSet<String> closure(Collection<String> keys, Map<String, SortedSet<String>> users) {
        SortedSet<String> all = new TreeSet<>(keys);
        ArrayDeque<String> open = new ArrayDeque<>(all);
        while (!open.isEmpty()) {
            for (String user : of(users, open.pop())) {
                if (all.add(user)) {
                    open.push(user);
                }
            }
        }
        return all;
    }

    private Map<String, SortedSet<String>> flagsByFlag() {
        if (flagsByFlag == null) {
            Map<String, SortedSet<String>> users = new HashMap<>();
            for (Map.Entry<String, Versioned<Configuration>> flag : configurations.entrySet()) {
                for (Prerequisite prerequisite : flag.getValue().value().prerequisites()) {
                    add(users, prerequisite.flag(), flag.getKey());
                }
            }
            flagsByFlag = users;
        }
        return flagsByFlag;
    }

    private Map<String, SortedSet<String>> flagsBySegment() {
        if (flagsBySegment == null) {
            Map<String, SortedSet<String>> users = new HashMap<>();
            configurations.forEach(
                    (flag, configuration) -> addAll(users, configuration.value().segments(), flag));
            flagsBySegment = users;
        }
        return flagsBySegment;
    }

    private Map<String, SortedSet<String>> segmentsBySegment() {
        if (segmentsBySegment == null) {
            Map<String, SortedSet<String>> users = new HashMap<>();
            segments.forEach((key, segment) -> addAll(users, segment.value().segments(), key));
            segmentsBySegment = users;
        }
        return segmentsBySegment;
    }

    private static void addAll(Map<String, SortedSet<String>> users, Set<String> used, String user) {
        used.forEach(key -> add(users, key, user));
    }

    private static void add(Map<String, SortedSet<String>> users, String used, String user) {
        users.computeIfAbsent(used, key -> new TreeSet<>()).add(user);
    }
}
