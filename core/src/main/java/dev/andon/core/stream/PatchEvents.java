package dev.andon.core.stream;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Marks;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The events that lead a client of one environment from an earlier image of the same history to a later one. */
public final class PatchEvents {
    private PatchEvents() {}

    /**
     * As few events as name every object that differs; what was changed and changed back between the two images isn't in
     * there. The environment must be in both.
     */
    public static List<Versioned<Event>> between(Image from, Image to, String environment) {
        EnvironmentImage before = require(from, environment);
        EnvironmentImage after = require(to, environment);
        List<Versioned<Event>> events = new ArrayList<>();
        if (!before.environment().equals(after.environment())) {
            events.add(new Versioned<>(new Event.EnvironmentSaved(after.environment()), after.version()));
        }
        addFlags(from, before, to, after, events);
        addSegments(before, after, events);
        addKills(before, after, events);
        addMarks(from.marks(), to.marks(), events);
        return List.copyOf(events);
    }

    private static EnvironmentImage require(Image image, String environment) {
        return image.environment(environment)
                .orElseThrow(() -> new IllegalArgumentException(
                        "environment: " + environment + " (expected: one that both images have)"));
    }

    private static void addFlags(
            Image from, EnvironmentImage before, Image to, EnvironmentImage after, List<Versioned<Event>> events) {
        String environment = after.environment().key();
        after.configurations().forEach((key, configuration) -> {
            Versioned<Configuration> known = before.configurations().get(key);
            Versioned<Flag> flag = to.flags().get(key);
            if (flag != null && (known == null || !flag.equals(from.flags().get(key)))) {
                events.add(new Versioned<>(new Event.FlagSaved(flag.value()), flag.version()));
            }
            if (!configuration.equals(known)) {
                events.add(new Versioned<>(
                        new Event.ConfigurationSaved(environment, key, configuration.value()),
                        configuration.version()));
            }
        });
        before.configurations().keySet().forEach(key -> {
            Versioned<Flag> flag = to.flags().get(key);
            if (!after.configurations().containsKey(key) && flag != null) {
                events.add(new Versioned<>(new Event.FlagSaved(flag.value()), flag.version()));
            }
        });
    }

    private static void addSegments(EnvironmentImage before, EnvironmentImage after, List<Versioned<Event>> events) {
        String environment = after.environment().key();
        after.segments().forEach((key, segment) -> {
            if (!segment.equals(before.segments().get(key))) {
                events.add(new Versioned<>(new Event.SegmentSaved(environment, segment.value()), segment.version()));
            }
        });
        before.segments().keySet().forEach(key -> {
            if (!after.segments().containsKey(key)) {
                events.add(new Versioned<>(new Event.SegmentDeleted(environment, key), after.version()));
            }
        });
    }

    private static void addKills(EnvironmentImage before, EnvironmentImage after, List<Versioned<Event>> events) {
        for (Map.Entry<KillId, Versioned<StandingKill>> kill : after.kills().entrySet()) {
            Versioned<StandingKill> stands = kill.getValue();
            if (!stands.equals(before.kills().get(kill.getKey()))) {
                events.add(new Versioned<>(
                        new Event.KillStood(
                                stands.value().signed(), stands.value().flags()),
                        stands.version()));
            }
        }
        before.kills().keySet().forEach(id -> {
            if (!after.kills().containsKey(id)) {
                events.add(new Versioned<>(
                        new Event.KillRestored(after.environment().key(), id), after.version()));
            }
        });
    }

    /** Numbers whose kills came and went between the two images have no other event that says so. */
    private static void addMarks(Marks before, Marks after, List<Versioned<Event>> events) {
        after.ranges().forEach((journal, ranges) -> {
            if (!ranges.equals(before.ranges().get(journal))) {
                for (Marks.Range range : ranges) {
                    events.add(new Versioned<>(new Event.Settled(journal, range.first(), range.last()), 0));
                }
            }
        });
    }
}
