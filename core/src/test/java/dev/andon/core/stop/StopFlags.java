package dev.andon.core.stop;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Serve;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** The flags of a {@link StopWorld}: the first has the tag that kills are aimed at, and each may get or lose it. */
final class StopFlags {
    static final Target.Tagged TAG = new Target.Tagged("vendor:x");
    static final List<String> KEYS = List.of("checkout", "search");

    private static final Configuration CONFIGURATION = new Configuration(
            Map.of("off", Json.of(false)),
            "off",
            true,
            List.of(),
            List.of(),
            new Serve.Fixed("off"),
            new WhenBlind.Keep());

    private StopFlags() {}

    static List<Event> create(String environment) {
        List<Event> events = new ArrayList<>();
        for (String key : KEYS) {
            events.add(new Event.FlagSaved(flag(key, key.equals(KEYS.get(0)))));
            events.add(new Event.ConfigurationSaved(environment, key, CONFIGURATION));
        }
        return events;
    }

    static Flag flag(String key, boolean tagged) {
        TreeSet<String> tags = tagged ? new TreeSet<>(Set.of(TAG.tag())) : new TreeSet<>();
        return new Flag(key, FlagKind.RELEASE, ValueType.BOOLEAN, "team", "", tags, OptionalInt.empty(), false);
    }

    static Set<String> matching(Image image, Target target) {
        Set<String> matching = new TreeSet<>();
        for (String key : KEYS) {
            if (target.matches(image.flags().get(key).value())) {
                matching.add(key);
            }
        }
        return matching;
    }
}
