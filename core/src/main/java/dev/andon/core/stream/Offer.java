package dev.andon.core.stream;

import dev.andon.core.image.StandingKill;
import dev.andon.core.model.KillId;
import java.util.Map;

/**
 * The newest that a server has for the clients of one environment.
 *
 * @param newest the state
 * @param pending kills that the state's marks don't cover, by id
 */
public record Offer(Frame.Held newest, Map<KillId, StandingKill> pending) {
    public Offer {
        pending = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(pending));
    }
}
