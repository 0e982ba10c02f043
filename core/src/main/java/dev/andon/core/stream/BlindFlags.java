package dev.andon.core.stream;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.WhenBlind;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which flags of a state are to be safe after some time without contact. Not thread-safe. */
final class BlindFlags {
    /** In place of a time: there was no contact since the process began, and nobody knows when there was. */
    static final long NEVER = Long.MIN_VALUE;

    private Set<String> inForce = Set.of();
    private long nextMs = Long.MAX_VALUE;

    /** The flags that serve their safe variants now because contact is lost. */
    Set<String> inForce() {
        return inForce;
    }

    /** When the next flag becomes blind, if contact stays lost; {@link Long#MAX_VALUE} for never. */
    long nextMs() {
        return nextMs;
    }

    /** Whether the set changed. */
    boolean contactRegained() {
        boolean changed = !inForce.isEmpty();
        inForce = Set.of();
        nextMs = Long.MAX_VALUE;
        return changed;
    }

    /**
     * Finds out anew who is blind; whether the set changed.
     *
     * @param lastContactMs or {@link #NEVER}, which is longer ago than any flag waits
     */
    boolean update(HeldState state, long lastContactMs, long nowMs) {
        Set<String> blind = new HashSet<>();
        nextMs = Long.MAX_VALUE;
        Map<String, Versioned<Configuration>> configurations =
                state.environment().map(EnvironmentImage::configurations).orElse(Map.of());
        for (Map.Entry<String, Versioned<Configuration>> flag : configurations.entrySet()) {
            if (flag.getValue().value().whenBlind() instanceof WhenBlind.SafeAfter after) {
                long dueMs = lastContactMs + after.seconds() * 1_000L;
                if (lastContactMs == NEVER || dueMs <= nowMs) {
                    blind.add(flag.getKey());
                } else {
                    nextMs = Math.min(nextMs, dueMs);
                }
            }
        }
        boolean changed = !blind.equals(inForce);
        inForce = Set.copyOf(blind);
        return changed;
    }
}
