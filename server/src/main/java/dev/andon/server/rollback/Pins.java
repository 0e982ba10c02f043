package dev.andon.server.rollback;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Reach;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Segment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What standing kills keep from being taken back. Under a kill the safe variant and its value stay as they are, and the
 * flag stays in its environment:
 *
 * <ol>
 *   <li>A flag goes back with the safe variant that it has, if its old variants allow that.
 *   <li>If they don't, or the flag wasn't there then, all of it stays as it is.
 *   <li>What no longer fits together because of that stays as it is, too: at worst everything, which does fit.
 * </ol>
 *
 * Not thread-safe; used once.
 */
final class Pins {
    /** What of a flag stays. */
    enum Part {
        SAFE_VARIANT("safe-variant"),
        ALL("all");

        private final String word;

        Part(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    /** @param kills that hold the flag; none if it stays for another flag's sake */
    record Kept(Part part, String why, SortedSet<String> kills) {}

    private final Image image;
    private final Goal goal;
    private final long to;
    private final Map<String, SortedSet<String>> killsByFlag = new TreeMap<>();
    private final SortedMap<String, Kept> flags = new TreeMap<>();
    private final SortedMap<String, String> segments = new TreeMap<>();

    Pins(Image image, Goal goal, long to, List<StandingKill> standing) {
        this.image = image;
        this.goal = goal;
        this.to = to;
        standing.forEach(kill -> kill.held(image)
                .forEach(flag -> killsByFlag
                        .computeIfAbsent(flag, key -> new TreeSet<>())
                        .add(kill.id().toString())));
    }

    /** Takes out of the goal what has to stay. */
    Pins keep() {
        killsByFlag.forEach(this::pin);
        if (!flags.isEmpty()) {
            boolean grown = true;
            while (grown) {
                grown = keepWhatDoesNotFit() || keepWhatGoesTooFar();
            }
        }
        return this;
    }

    /** By flag's key. */
    SortedMap<String, Kept> flags() {
        return flags;
    }

    /** Why each of these segments stays, by key. */
    SortedMap<String, String> segments() {
        return segments;
    }

    /** Cases 1 and 2. */
    private void pin(String flag, SortedSet<String> kills) {
        Optional<Configuration> wanted = goal.flags().get(flag);
        Optional<Configuration> present = goal.presentFlag(flag);
        if (wanted == null || present.isEmpty()) {
            return;
        }
        String held = "held by kill " + String.join(", ", kills);
        if (wanted.isEmpty()) {
            keepFlag(flag, "it wasn't there at version " + to + ", and is " + held, kills);
            return;
        }
        Configuration then = wanted.get();
        String safe = present.get().safeVariant();
        Json value = java.util.Objects.requireNonNull(present.get().variants().get(safe));
        Json valueThen = then.variants().get(safe);
        if (then.safeVariant().equals(safe) && value.equals(valueThen)) {
            return;
        }
        Optional<Configuration> merged =
                valueThen == null || valueThen.equals(value) ? withSafe(then, safe, value) : Optional.empty();
        if (merged.isEmpty()) {
            keepFlag(flag, "at version " + to + " its safe variant didn't have this value, and it is " + held, kills);
            return;
        }
        goal.setFlag(flag, merged);
        flags.put(flag, new Kept(Part.SAFE_VARIANT, "its safe variant stays " + safe + ", as it is " + held, kills));
    }

    private static Optional<Configuration> withSafe(Configuration then, String safe, Json value) {
        Map<String, Json> variants = new LinkedHashMap<>(then.variants());
        variants.put(safe, value);
        try {
            return Optional.of(new Configuration(
                    variants,
                    safe,
                    then.on(),
                    then.prerequisites(),
                    then.rules(),
                    then.fallThrough(),
                    then.whenBlind()));
        } catch (InvalidInput tooManyVariants) {
            return Optional.empty();
        }
    }

    /** Case 3, for what is named and isn't there, or isn't as it is asked for. Whether anything more stays. */
    private boolean keepWhatDoesNotFit() {
        boolean grown = false;
        Set<String> keys = new TreeSet<>(goal.present().configurations().keySet());
        keys.addAll(goal.flags().keySet());
        for (String flag : keys) {
            Optional<Configuration> configuration = goal.flag(flag);
            for (Prerequisite prerequisite :
                    configuration.map(Configuration::prerequisites).orElse(List.of())) {
                if (!fits(prerequisite)) {
                    grown |= keepOneOf(flag, prerequisite.flag());
                }
            }
            for (String segment : configuration.map(Configuration::segments).orElse(Set.of())) {
                if (goal.segment(segment).isEmpty()) {
                    grown |= keepSegment(segment, "flag " + flag + " stays, and reads it")
                            || keepFlag(flag, "it reads segment " + segment + ", which stays away", new TreeSet<>());
                }
            }
        }
        Set<String> segmentKeys = new TreeSet<>(goal.present().segments().keySet());
        segmentKeys.addAll(goal.segments().keySet());
        for (String segment : segmentKeys) {
            Set<String> used = goal.segment(segment).map(Segment::segments).orElse(Set.of());
            for (String other : used) {
                if (goal.segment(other).isEmpty()) {
                    grown |= keepSegment(other, "segment " + segment + " stays, and reads it")
                            || keepSegment(segment, "it reads segment " + other + ", which stays away");
                }
            }
        }
        return grown;
    }

    private boolean fits(Prerequisite prerequisite) {
        Optional<Configuration> required = goal.flag(prerequisite.flag());
        return required.isPresent()
                && required.get().variants().keySet().containsAll(prerequisite.variants())
                && !prerequisite.variants().contains(required.get().safeVariant());
    }

    /** The one that is required is kept for the sake of one that stays; otherwise the one that requires it stays behind. */
    private boolean keepOneOf(String user, String required) {
        return goal.flags().containsKey(user)
                ? keepFlag(user, "it requires " + required + ", of which a kill holds a part", new TreeSet<>())
                : keepFlag(required, "flag " + user + " stays, and requires it", new TreeSet<>());
    }

    /** Case 3, for circles and for what is beyond the limits of evaluation. */
    private boolean keepWhatGoesTooFar() {
        ImageDelta delta = new ImageDelta(image);
        long next = image.provenance().version() + 1;
        for (Event event : goal.events(image)) {
            delta.apply(next, event);
        }
        EnvironmentImage mixed = delta.build(image.provenance().at(next))
                .environments()
                .get(goal.present().environment().key());
        if (mixed == null) {
            return false;
        }
        Reach reach = new Reach(mixed);
        for (String flag : new TreeSet<>(mixed.configurations().keySet())) {
            try {
                reach.requireFlag(flag);
            } catch (InvalidInput tooFar) {
                return keepAllOf(flag);
            }
        }
        for (String segment : new TreeSet<>(mixed.segments().keySet())) {
            try {
                reach.requireSegment(segment);
            } catch (InvalidInput tooFar) {
                return keepSegments(segment, new HashSet<>());
            }
        }
        return false;
    }

    private boolean keepAllOf(String start) {
        boolean grown = false;
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(start));
        while (!open.isEmpty()) {
            String flag = open.pop();
            if (!seen.add(flag)) {
                continue;
            }
            Configuration configuration = goal.flag(flag).orElse(null);
            if (configuration == null) {
                continue;
            }
            configuration.prerequisites().forEach(prerequisite -> open.push(prerequisite.flag()));
            for (String segment : configuration.segments()) {
                grown |= keepSegments(segment, new HashSet<>());
            }
            grown |= keepFlag(flag, "with what a kill holds, evaluation would go too far", new TreeSet<>());
        }
        return grown;
    }

    private boolean keepSegments(String key, Set<String> seen) {
        if (!seen.add(key)) {
            return false;
        }
        boolean grown = false;
        for (String used : goal.segment(key).map(Segment::segments).orElse(Set.of())) {
            grown |= keepSegments(used, seen);
        }
        return keepSegment(key, "with what a kill holds, evaluation would go too far") || grown;
    }

    private boolean keepFlag(String flag, String why, SortedSet<String> kills) {
        if (goal.flags().remove(flag) == null) {
            return false;
        }
        Kept before = flags.get(flag);
        flags.put(flag, new Kept(Part.ALL, why, before == null ? kills : before.kills()));
        return true;
    }

    private boolean keepSegment(String segment, String why) {
        if (goal.segments().remove(segment) == null) {
            return false;
        }
        segments.put(segment, why);
        return true;
    }
}
