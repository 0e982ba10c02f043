package dev.andon.core.image;

import dev.andon.core.event.Event;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Segment;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One environment's part of an {@link ImageDelta}; keeps the digest in step with every change. Not thread-safe. */
final class EnvironmentDelta {
    private final ImageDelta image;
    private final EnvironmentImage base;
    private final String key;
    private final Set<String> touchedFlags = new HashSet<>();
    private final Set<String> touchedSegments = new HashSet<>();
    private Environment environment;
    private long version;
    private Digest digest;
    private @Nullable Map<String, Versioned<Configuration>> configurations;
    private @Nullable Map<String, Versioned<Segment>> segments;
    private @Nullable Map<KillId, Versioned<StandingKill>> kills;

    EnvironmentDelta(ImageDelta image, EnvironmentImage base) {
        this.image = image;
        this.base = base;
        this.key = base.environment().key();
        this.environment = base.environment();
        this.version = base.version();
        this.digest = base.digest();
    }

    void rename(long at, Environment renamed) {
        environment = renamed;
        changedAt(at);
    }

    void configure(long at, String flag, Configuration configuration) {
        Map<String, Versioned<Configuration>> changed = ImageDelta.copied(configurations, base.configurations());
        configurations = changed;
        Versioned<Configuration> before = changed.put(flag, new Versioned<>(configuration, at));
        Versioned<Flag> metadata = image.flag(flag);
        if (before != null) {
            digest = digest.minus(new Event.ConfigurationSaved(key, flag, before.value()));
        } else if (metadata != null) {
            digest = digest.plus(new Event.FlagSaved(metadata.value()));
        }
        digest = digest.plus(new Event.ConfigurationSaved(key, flag, configuration));
        touchedFlags.add(flag);
        changedAt(at);
    }

    void deleteConfiguration(long at, String flag) {
        Map<String, Versioned<Configuration>> changed = ImageDelta.copied(configurations, base.configurations());
        configurations = changed;
        Versioned<Configuration> before = changed.remove(flag);
        Versioned<Flag> metadata = image.flag(flag);
        if (before != null) {
            digest = digest.minus(new Event.ConfigurationSaved(key, flag, before.value()));
            if (metadata != null) {
                digest = digest.minus(new Event.FlagSaved(metadata.value()));
            }
        }
        touchedFlags.add(flag);
        changedAt(at);
    }

    boolean configures(String flag) {
        return (configurations == null ? base.configurations() : configurations).containsKey(flag);
    }

    /** The metadata of a flag that is configured here changed; an archived flag leaves the environment. */
    void changeFlag(long at, @Nullable Versioned<Flag> before, Flag after) {
        if (before != null) {
            digest = digest.minus(new Event.FlagSaved(before.value()));
        }
        if (after.archived()) {
            Map<String, Versioned<Configuration>> changed = ImageDelta.copied(configurations, base.configurations());
            configurations = changed;
            Versioned<Configuration> removed = changed.remove(after.key());
            if (removed != null) {
                digest = digest.minus(new Event.ConfigurationSaved(key, after.key(), removed.value()));
            }
        } else {
            digest = digest.plus(new Event.FlagSaved(after));
            if (before != null) {
                keepHeld(before.value(), after);
            }
        }
        touchedFlags.add(after.key());
        changedAt(at);
    }

    /** What a kill holds, it holds: it names the flags that its target matched and doesn't match any more. */
    private void keepHeld(Flag before, Flag after) {
        for (Versioned<StandingKill> versioned : List.copyOf((kills == null ? base.kills() : kills).values())) {
            StandingKill kill = versioned.value();
            if (kill.holds(before) && !kill.holds(after)) {
                StandingKill keeping = kill.naming(new TreeSet<>(Set.of(after.key())));
                put(versioned.version(), new Event.KillStood(keeping.signed(), keeping.flags()));
            }
        }
    }

    void saveSegment(long at, Segment segment) {
        Map<String, Versioned<Segment>> changed = ImageDelta.copied(segments, base.segments());
        segments = changed;
        removed(changed.put(segment.key(), new Versioned<>(segment, at)));
        digest = digest.plus(new Event.SegmentSaved(key, segment));
        touchedSegments.add(segment.key());
        changedAt(at);
    }

    void deleteSegment(long at, String segment) {
        Map<String, Versioned<Segment>> changed = ImageDelta.copied(segments, base.segments());
        segments = changed;
        removed(changed.remove(segment));
        touchedSegments.add(segment);
        changedAt(at);
    }

    void stand(long at, Event.KillStood stood) {
        put(at, stood);
        changedAt(at);
    }

    /** @param since the version in which the kill entered the ledger */
    private void put(long since, Event.KillStood stood) {
        Map<KillId, Versioned<StandingKill>> changed = ImageDelta.copied(kills, base.kills());
        kills = changed;
        released(changed.put(stood.kill().id(), new Versioned<>(new StandingKill(stood.kill(), stood.flags()), since)));
        digest = digest.plus(stood);
    }

    void restore(long at, KillId kill) {
        Map<KillId, Versioned<StandingKill>> changed = ImageDelta.copied(kills, base.kills());
        kills = changed;
        released(changed.remove(kill));
        changedAt(at);
    }

    ImageDelta.Touched touched() {
        return new ImageDelta.Touched(touchedFlags, touchedSegments, kills != null);
    }

    EnvironmentImage build() {
        return new EnvironmentImage(
                environment,
                version,
                ImageDelta.sealed(configurations, base.configurations()),
                ImageDelta.sealed(segments, base.segments()),
                ImageDelta.sealed(kills, base.kills()),
                digest);
    }

    private void removed(@Nullable Versioned<Segment> before) {
        if (before != null) {
            digest = digest.minus(new Event.SegmentSaved(key, before.value()));
        }
    }

    private void released(@Nullable Versioned<StandingKill> before) {
        if (before != null) {
            StandingKill kill = before.value();
            digest = digest.minus(new Event.KillStood(kill.signed(), kill.flags()));
        }
    }

    private void changedAt(long at) {
        version = Math.max(version, at);
    }
}
