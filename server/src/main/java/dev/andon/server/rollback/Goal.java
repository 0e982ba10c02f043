package dev.andon.server.rollback;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How an environment is to be: what differs from the present, by key, each as it will be or empty if it won't be there. Not
 * thread-safe.
 */
final class Goal {
    private final String key;
    private final EnvironmentImage present;
    private final SortedMap<String, Optional<Configuration>> flags = new TreeMap<>();
    private final SortedMap<String, Optional<Segment>> segments = new TreeMap<>();

    Goal(EnvironmentImage present) {
        this.key = present.environment().key();
        this.present = present;
    }

    EnvironmentImage present() {
        return present;
    }

    SortedMap<String, Optional<Configuration>> flags() {
        return flags;
    }

    SortedMap<String, Optional<Segment>> segments() {
        return segments;
    }

    Optional<Configuration> presentFlag(String flag) {
        return Optional.ofNullable(present.configurations().get(flag)).map(Versioned::value);
    }

    Optional<Segment> presentSegment(String segment) {
        return Optional.ofNullable(present.segments().get(segment)).map(Versioned::value);
    }

    /** The flag's configuration once the goal is reached. */
    Optional<Configuration> flag(String flag) {
        Optional<Configuration> changed = flags.get(flag);
        return changed == null ? presentFlag(flag) : changed;
    }

    Optional<Segment> segment(String segment) {
        Optional<Segment> changed = segments.get(segment);
        return changed == null ? presentSegment(segment) : changed;
    }

    /** @return whether that is a change */
    boolean setFlag(String flag, Optional<Configuration> configuration) {
        if (configuration.equals(presentFlag(flag))) {
            flags.remove(flag);
            return false;
        }
        flags.put(flag, configuration);
        return true;
    }

    boolean setSegment(String segment, Optional<Segment> then) {
        if (then.equals(presentSegment(segment))) {
            segments.remove(segment);
            return false;
        }
        segments.put(segment, then);
        return true;
    }

    /** What leads there. Archived flags that are configured again come back as they were, all but the archive. */
    List<Event> events(Image image) {
        List<Event> events = new ArrayList<>();
        returned(image).forEach(flag -> events.add(new Event.FlagSaved(flag.unarchive())));
        segments.forEach((segment, then) -> events.add(then.<Event>map(saved -> new Event.SegmentSaved(key, saved))
                .orElseGet(() -> new Event.SegmentDeleted(key, segment))));
        flags.forEach((flag, then) ->
                events.add(then.<Event>map(configuration -> new Event.ConfigurationSaved(key, flag, configuration))
                        .orElseGet(() -> new Event.ConfigurationDeleted(key, flag))));
        return events;
    }

    /** The archived flags that come back. */
    List<Flag> returned(Image image) {
        List<Flag> returned = new ArrayList<>();
        flags.forEach((flag, then) -> {
            Versioned<Flag> known = image.flags().get(flag);
            if (then.isPresent() && known != null && known.value().archived()) {
                returned.add(known.value());
            }
        });
        return returned;
    }

    List<String> flagsThatStay() {
        return flags.entrySet().stream()
                .filter(flag -> flag.getValue().isPresent())
                .map(java.util.Map.Entry::getKey)
                .toList();
    }

    List<String> flagsThatGo() {
        return flags.entrySet().stream()
                .filter(flag -> flag.getValue().isEmpty())
                .map(java.util.Map.Entry::getKey)
                .toList();
    }

    List<String> segmentsThatStay() {
        return segments.entrySet().stream()
                .filter(segment -> segment.getValue().isPresent())
                .map(java.util.Map.Entry::getKey)
                .toList();
    }

    List<String> segmentsThatGo() {
        return segments.entrySet().stream()
                .filter(segment -> segment.getValue().isEmpty())
                .map(java.util.Map.Entry::getKey)
                .toList();
    }
}
