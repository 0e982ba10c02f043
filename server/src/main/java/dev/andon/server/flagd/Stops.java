package dev.andon.server.flagd;

import dev.andon.core.image.StandingKill;
import dev.andon.core.model.KillId;
import dev.andon.server.node.ServedState;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;

/** What kills hold in a state. Immutable. */
final class Stops {
    static final Stops NONE = new Stops(Map.of());

    private final Map<KillId, SortedSet<String>> held;

    private Stops(Map<KillId, SortedSet<String>> held) {
        this.held = held;
    }

    static Stops of(ServedState state) {
        Map<KillId, SortedSet<String>> held = new HashMap<>();
        for (StandingKill kill : state.kills()) {
            held.put(kill.id(), kill.flags());
        }
        return new Stops(held);
    }

    /** Whether something is held here that wasn't before. */
    boolean exceed(Stops before) {
        return held.entrySet().stream().anyMatch(entry -> !entry.getValue().equals(before.held.get(entry.getKey())));
    }
}
