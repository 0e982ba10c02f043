package dev.andon.server.flagd;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Segment;
import dev.andon.server.node.ServedState;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which flags may evaluate otherwise in one state than in another one, in the words of flagd's events. */
final class FlagChanges {
    private static final String CREATED = "write";
    private static final String UPDATED = "update";
    private static final String DELETED = "delete";

    private final View view;
    private final ServedState before;
    private final ServedState after;
    private final EnvironmentImage old;
    private final EnvironmentImage now;

    private FlagChanges(View view, ServedState before, ServedState after) {
        this.view = view;
        this.before = before;
        this.after = after;
        this.old = before.image().environment(view.environment()).orElseThrow();
        this.now = after.image().environment(view.environment()).orElseThrow();
    }

    /** By the flag's key, its change. */
    static SortedMap<String, String> between(View view, ServedState before, ServedState after) {
        return new FlagChanges(view, before, after).find();
    }

    static Json data(SortedMap<String, String> changes) {
        Json.Builder flags = Json.object();
        changes.forEach((key, change) -> flags.put(
                key, Json.object().put("type", change).put("source", "andon").put("flagKey", key)));
        return Json.object().put("flags", flags).build();
    }

    private SortedMap<String, String> find() {
        SortedMap<String, String> changes = new TreeMap<>();
        Set<String> changed = changed();
        for (String key : now.configurations().keySet()) {
            boolean shown = shows(after, key);
            boolean wasShown = old.configurations().containsKey(key) && shows(before, key);
            if (shown && !wasShown) {
                changes.put(key, CREATED);
            } else if (!shown && wasShown) {
                changes.put(key, DELETED);
            } else if (shown && changed.contains(key)) {
                changes.put(key, UPDATED);
            }
        }
        for (String key : old.configurations().keySet()) {
            if (!now.configurations().containsKey(key) && shows(before, key)) {
                changes.put(key, DELETED);
            }
        }
        return Collections.unmodifiableSortedMap(changes);
    }

    private boolean shows(ServedState state, String key) {
        return flag(state, key).filter(view::shows).isPresent();
    }

    private static Optional<Flag> flag(ServedState state, String key) {
        return state.image().flag(key);
    }

    /** Flags that have changed, or something that they read. */
    private Set<String> changed() {
        Set<String> segments = changedSegments();
        Set<String> changed = new HashSet<>();
        for (Map.Entry<String, Versioned<Configuration>> entry :
                now.configurations().entrySet()) {
            String key = entry.getKey();
            boolean same = entry.getValue().equals(old.configurations().get(key))
                    && flag(before, key).equals(flag(after, key))
                    && before.ruleset().killsOf(key).equals(after.ruleset().killsOf(key))
                    && Collections.disjoint(entry.getValue().value().segments(), segments);
            if (!same) {
                changed.add(key);
            }
        }
        for (String key : old.configurations().keySet()) {
            if (!now.configurations().containsKey(key)) {
                changed.add(key);
            }
        }
        spread(changed);
        return changed;
    }

    /** To all flags that require one of them. */
    private void spread(Set<String> changed) {
        boolean more = true;
        while (more) {
            more = false;
            for (Map.Entry<String, Versioned<Configuration>> entry :
                    now.configurations().entrySet()) {
                boolean reached = entry.getValue().value().prerequisites().stream()
                        .map(Prerequisite::flag)
                        .anyMatch(changed::contains);
                more |= reached && changed.add(entry.getKey());
            }
        }
    }

    private Set<String> changedSegments() {
        Set<String> changed = new HashSet<>(old.segments().keySet());
        changed.addAll(now.segments().keySet());
        changed.removeIf(key -> now.segments().containsKey(key)
                && now.segments().get(key).equals(old.segments().get(key)));
        boolean more = !changed.isEmpty();
        while (more) {
            more = false;
            for (Map.Entry<String, Versioned<Segment>> entry : now.segments().entrySet()) {
                boolean reached = !Collections.disjoint(entry.getValue().value().segments(), changed);
                more |= reached && changed.add(entry.getKey());
            }
        }
        return changed;
    }
}
