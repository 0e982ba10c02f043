package dev.andon.core.image;

import dev.andon.core.event.Event;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Node;
import dev.andon.core.model.Token;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one way in which an image changes: ledger entries, snapshots and stream patches all go through here, in servers and
 * clients. Collects events on top of a base image, which stays as it is; maps are copied when first changed. Not
 * thread-safe; used once.
 */
public final class ImageDelta {
    private final Image base;
    private final Map<String, Versioned<Flag>> flags;
    private final Map<String, EnvironmentDelta> environments = new HashMap<>();
    private final Set<String> left = new HashSet<>();
    private @Nullable Map<String, Versioned<Flag>> changedFlags;
    private @Nullable Map<String, Versioned<Token>> changedTokens;
    private @Nullable Map<String, Versioned<Node>> changedNodes;
    private @Nullable Map<String, Versioned<Event.RequestDone>> changedRequests;
    private Marks marks;

    public ImageDelta(Image base) {
        this.base = base;
        this.flags = base.flags();
        this.marks = base.marks();
    }

    /** What changed in one environment: flag keys (metadata or configuration), segment keys, and whether kills did. */
    public record Touched(Set<String> flags, Set<String> segments, boolean kills) {
        static final Touched NOTHING = new Touched(Set.of(), Set.of(), false);

        /** What isn't the same in two images, in whatever order and however far apart they came about. */
        public static Touched between(Image before, Image after, String environment) {
            Map<String, Versioned<Configuration>> was = part(before, environment, EnvironmentImage::configurations);
            Map<String, Versioned<Configuration>> is = part(after, environment, EnvironmentImage::configurations);
            Set<String> flags = differing(was, is);
            for (String flag : differing(before.flags(), after.flags())) {
                if (was.containsKey(flag) || is.containsKey(flag)) {
                    flags.add(flag);
                }
            }
            Set<String> segments = differing(
                    part(before, environment, EnvironmentImage::segments),
                    part(after, environment, EnvironmentImage::segments));
            boolean kills = !part(before, environment, EnvironmentImage::kills)
                    .equals(part(after, environment, EnvironmentImage::kills));
            return new Touched(flags, segments, kills);
        }

        private static <K, V> Map<K, V> part(
                Image image, String environment, Function<EnvironmentImage, Map<K, V>> part) {
            return image.environment(environment).map(part).orElse(Map.of());
        }

        /** Images hand on what hasn't changed: another object is another state. */
        @SuppressWarnings("ReferenceEquality")
        private static <V> Set<String> differing(Map<String, V> before, Map<String, V> after) {
            Set<String> keys = new HashSet<>();
            if (before != after) {
                after.forEach((key, value) -> {
                    if (before.get(key) != value) {
                        keys.add(key);
                    }
                });
                before.keySet().stream().filter(key -> !after.containsKey(key)).forEach(keys::add);
            }
            return keys;
        }
    }

    public ImageDelta applyAll(Iterable<Versioned<Event>> events) {
        events.forEach(event -> apply(event.version(), event.value()));
        return this;
    }

    /** Applies one event of the entry with the given version. Refuses events about environments that don't exist. */
    public ImageDelta apply(long version, Event event) {
        if (event instanceof Event.FlagSaved saved) {
            saveFlag(version, saved.flag());
        } else if (event instanceof Event.EnvironmentSaved saved) {
            saveEnvironment(version, saved.environment());
        } else if (event instanceof Event.ConfigurationSaved saved) {
            environment(saved.environment()).configure(version, saved.flag(), saved.configuration());
        } else if (event instanceof Event.ConfigurationDeleted deleted) {
            environment(deleted.environment()).deleteConfiguration(version, deleted.flag());
            left.add(deleted.flag());
        } else if (event instanceof Event.SegmentSaved saved) {
            environment(saved.environment()).saveSegment(version, saved.segment());
        } else if (event instanceof Event.SegmentDeleted deleted) {
            environment(deleted.environment()).deleteSegment(version, deleted.segment());
        } else if (event instanceof Event.KillStood stood) {
            marks = marks.with(stood.kill().id());
            environment(stood.kill().kill().environment()).stand(version, stood);
        } else if (event instanceof Event.KillRestored restored) {
            marks = marks.with(restored.kill());
            environment(restored.environment()).restore(version, restored.kill());
        } else if (event instanceof Event.Settled settled) {
            marks = marks.with(settled.journal(), settled.first(), settled.last());
        } else if (event instanceof Event.TokenSaved saved) {
            changedTokens = copied(changedTokens, base.tokens());
            changedTokens.put(saved.token().id(), new Versioned<>(saved.token(), version));
        } else if (event instanceof Event.NodeSaved saved) {
            changedNodes = copied(changedNodes, base.nodes());
            changedNodes.put(saved.node().id(), new Versioned<>(saved.node(), version));
        } else if (event instanceof Event.RequestDone done) {
            rememberRequest(version, done);
        }
        return this;
    }

    /** The image after all events, carrying the given provenance. */
    public Image build(Provenance provenance) {
        Map<String, EnvironmentImage> built = base.environments();
        if (!environments.isEmpty()) {
            built = new HashMap<>(built);
            for (Map.Entry<String, EnvironmentDelta> environment : environments.entrySet()) {
                built.put(environment.getKey(), environment.getValue().build());
            }
            built = Collections.unmodifiableMap(built);
        }
        return new Image(
                provenance,
                sealed(changedFlags, base.flags()),
                built,
                sealed(changedTokens, base.tokens()),
                sealed(changedNodes, base.nodes()),
                sealed(changedRequests, base.requests()),
                marks);
    }

    /** As {@link #build}, for an image that holds only what its clients need: flags that no environment configures leave. */
    public Image buildForClient(Provenance provenance) {
        if (!left.isEmpty()) {
            changedFlags = copied(changedFlags, base.flags());
        }
        if (changedFlags != null) {
            changedFlags.keySet().removeIf(key -> !isConfigured(key));
        }
        return build(provenance);
    }

    private boolean isConfigured(String flag) {
        return environmentKeys().stream().anyMatch(environment -> configures(environment, flag));
    }

    /** The environments in which anything changed. */
    public Set<String> touchedEnvironments() {
        return Collections.unmodifiableSet(environments.keySet());
    }

    public Touched touched(String environment) {
        EnvironmentDelta delta = environments.get(environment);
        return delta == null ? Touched.NOTHING : delta.touched();
    }

    @Nullable
    Versioned<Flag> flag(String key) {
        return (changedFlags == null ? flags : changedFlags).get(key);
    }

    private void saveFlag(long version, Flag flag) {
        Versioned<Flag> before = flag(flag.key());
        changedFlags = copied(changedFlags, base.flags());
        Versioned<Flag> after = new Versioned<>(flag, version);
        changedFlags.put(flag.key(), after);
        for (String key : environmentKeys()) {
            if (configures(key, flag.key())) {
                environment(key).changeFlag(version, before, flag);
            }
        }
    }

    private Set<String> environmentKeys() {
        Set<String> keys = new HashSet<>(base.environments().keySet());
        keys.addAll(environments.keySet());
        return keys;
    }

    private boolean configures(String environment, String flag) {
        EnvironmentDelta changed = environments.get(environment);
        EnvironmentImage image = base.environments().get(environment);
        return changed != null
                ? changed.configures(flag)
                : image != null && image.configurations().containsKey(flag);
    }

    private void saveEnvironment(long version, Environment environment) {
        EnvironmentDelta delta = environments.get(environment.key());
        if (delta == null) {
            EnvironmentImage image = base.environments().get(environment.key());
            delta = new EnvironmentDelta(this, image == null ? EnvironmentImage.empty(environment) : image);
            environments.put(environment.key(), delta);
        }
        delta.rename(version, environment);
    }

    private EnvironmentDelta environment(String key) {
        EnvironmentDelta delta = environments.get(key);
        if (delta == null) {
            EnvironmentImage image = base.environments().get(key);
            if (image == null) {
                throw new InvalidInput(
                        "environment",
                        key,
                        "one of " + String.join(", ", base.environments().keySet()));
            }
            delta = new EnvironmentDelta(this, image);
            environments.put(key, delta);
        }
        return delta;
    }

    private void rememberRequest(long version, Event.RequestDone done) {
        if (changedRequests == null) {
            changedRequests = new LinkedHashMap<>(base.requests());
        }
        changedRequests.remove(done.request());
        changedRequests.put(done.request(), new Versioned<>(done, version));
        Iterator<String> oldest = changedRequests.keySet().iterator();
        while (changedRequests.size() > Image.MAX_REQUESTS) {
            oldest.next();
            oldest.remove();
        }
    }

    static <K, V> Map<K, V> copied(@Nullable Map<K, V> changed, Map<K, V> base) {
        return changed == null ? new HashMap<>(base) : changed;
    }

    static <K, V> Map<K, V> sealed(@Nullable Map<K, V> changed, Map<K, V> base) {
        return changed == null ? base : Collections.unmodifiableMap(changed);
    }
}
