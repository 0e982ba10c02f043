package dev.andon.server.past;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Flag;
import dev.andon.server.http.Change;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What is different in one environment between two images. Immutable. */
final class Difference {
    private final String environment;
    private final Optional<String> flag;

    /** @param flag the one flag that is asked for: its metadata, configuration and kills */
    Difference(String environment, Optional<String> flag) {
        this.environment = environment;
        this.flag = flag;
    }

    /** What of {@code earlier} is different in {@code later}, in the order of the subjects. */
    SortedMap<String, Change> between(Image earlier, Image later) {
        SortedMap<String, Json> before = objects(earlier);
        SortedMap<String, Json> after = objects(later);
        SortedMap<String, Change> changes = new TreeMap<>();
        before.forEach((subject, object) -> {
            Optional<Json> now = Optional.ofNullable(after.get(subject));
            if (!now.equals(Optional.of(object))) {
                changes.put(subject, new Change(subject, Optional.of(object), now));
            }
        });
        after.forEach((subject, object) -> {
            if (!before.containsKey(subject)) {
                changes.put(subject, new Change(subject, Optional.empty(), Optional.of(object)));
            }
        });
        return changes;
    }

    private SortedMap<String, Json> objects(Image image) {
        SortedMap<String, Json> objects = new TreeMap<>();
        image.environment(environment).ifPresent(place -> {
            addFlags(image, place, objects);
            if (flag.isEmpty()) {
                place.segments()
                        .forEach((key, segment) -> objects.put(
                                Event.segmentOf(environment, key),
                                segment.value().toJson()));
            }
            place.kills().values().stream()
                    .map(Versioned::value)
                    .filter(kill -> flag.isEmpty() || kill.holds(image, flag.get()))
                    .forEach(kill -> objects.put(
                            Event.killOf(kill.id()), kill.signed().kill().toJson()));
        });
        return objects;
    }

    private void addFlags(Image image, EnvironmentImage place, Map<String, Json> objects) {
        place.configurations().forEach((key, configuration) -> {
            Versioned<Flag> metadata = image.flags().get(key);
            if (flag.isEmpty() || flag.get().equals(key)) {
                objects.put(
                        Event.configurationOf(environment, key),
                        configuration.value().toJson());
                if (metadata != null) {
                    objects.put("flag/" + key, metadata.value().toJson());
                }
            }
        });
    }
}
