package dev.andon.core.image;

import dev.andon.core.event.Event;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The difference between two images of one environment, as events. Made from the images alone: whatever happened in
 * between, a patch says no more than what is different, and needs no history.
 */
final class ImagePatch {
    private final Image earlier;
    private final Image later;
    private final EnvironmentImage after;
    private final String key;
    private final List<Versioned<Event>> events = new ArrayList<>();

    private ImagePatch(Image earlier, Image later, EnvironmentImage after) {
        this.earlier = earlier;
        this.later = later;
        this.after = after;
        this.key = after.environment().key();
    }

    static List<Versioned<Event>> events(Image earlier, Image later, EnvironmentImage after) {
        EnvironmentImage before = earlier.environments().get(after.environment().key());
        if (before == null) {
            return later.events(after);
        }
        ImagePatch patch = new ImagePatch(earlier, later, after);
        // Carries the environment's version, which the last change may have left no other trace of.
        patch.add(after.version(), new Event.EnvironmentSaved(after.environment()));
        patch.addFlags(before);
        patch.addSegments(before);
        patch.addKills(before);
        patch.addMarks();
        patch.events.sort(Image.IN_ORDER);
        return patch.events;
    }

    private void addFlags(EnvironmentImage before) {
        boolean sameFlags = handedOn(earlier.flags(), later.flags());
        after.configurations().forEach((flag, configuration) -> {
            Versioned<Configuration> known = before.configurations().get(flag);
            if (known == null || !sameFlags) {
                addMetadata(flag, known == null);
            }
            if (!configuration.equals(known)) {
                add(configuration.version(), new Event.ConfigurationSaved(key, flag, configuration.value()));
            }
        });
        if (!handedOn(before.configurations(), after.configurations())) {
            before.configurations().keySet().stream()
                    .filter(flag -> !after.configurations().containsKey(flag))
                    .forEach(this::addLeft);
        }
    }

    /** A flag that left: everywhere if it is archived, here alone if not. */
    private void addLeft(String flag) {
        Versioned<Flag> metadata = later.flags().get(flag);
        if (metadata != null && metadata.value().archived()) {
            add(metadata.version(), new Event.FlagSaved(metadata.value()));
        } else {
            add(after.version(), new Event.ConfigurationDeleted(key, flag));
        }
    }

    private void addMetadata(String flag, boolean isNew) {
        Versioned<Flag> metadata = later.flags().get(flag);
        if (metadata != null && (isNew || !metadata.equals(earlier.flags().get(flag)))) {
            add(metadata.version(), new Event.FlagSaved(metadata.value()));
        }
    }

    /** Whether deltas handed the map on untouched; comparing what is in it would cost more than it saves. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean handedOn(Map<?, ?> before, Map<?, ?> now) {
        return before == now;
    }

    private void addSegments(EnvironmentImage before) {
        after.segments().forEach((segment, value) -> {
            if (!value.equals(before.segments().get(segment))) {
                add(value.version(), new Event.SegmentSaved(key, value.value()));
            }
        });
        for (String segment : before.segments().keySet()) {
            if (!after.segments().containsKey(segment)) {
                add(after.version(), new Event.SegmentDeleted(key, segment));
            }
        }
    }

    private void addKills(EnvironmentImage before) {
        after.kills().forEach((id, kill) -> {
            if (!kill.equals(before.kills().get(id))) {
                StandingKill standing = kill.value();
                add(kill.version(), new Event.KillStood(standing.signed(), standing.flags()));
            }
        });
        for (KillId kill : before.kills().keySet()) {
            if (!after.kills().containsKey(kill)) {
                add(after.version(), new Event.KillRestored(key, kill));
            }
        }
    }

    private void addMarks() {
        for (Map.Entry<String, List<Marks.Range>> journal :
                later.marks().ranges().entrySet()) {
            List<Marks.Range> known = earlier.marks().ranges().getOrDefault(journal.getKey(), List.of());
            for (Marks.Range range : journal.getValue()) {
                if (!known.contains(range)) {
                    add(0, new Event.Settled(journal.getKey(), range.first(), range.last()));
                }
            }
        }
    }

    private void add(long version, Event event) {
        events.add(new Versioned<>(event, version));
    }
}
