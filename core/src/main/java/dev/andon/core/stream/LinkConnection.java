package dev.andon.core.stream;

import dev.andon.core.model.KillId;
import dev.andon.core.stream.LinkEffect.Transport;
import java.util.HashSet;
import java.util.Set;

/** What a {@link ClientLink} knows of one connection. Not thread-safe. */
final class LinkConnection {
    enum Phase {
        /** Asked for, and not there yet. */
        OPENING,
        /** Hello was sent. */
        GREETED,
        /** The server answered; it may still be about to send what is new. */
        WELCOMED,
        /** The server has sent all that was new. */
        CURRENT
    }

    final long id;
    final Transport transport;
    /** Kills that the server told us of, or that were handed up to it. */
    final Set<KillId> known = new HashSet<>();

    Phase phase;
    long phaseSinceMs;
    long heardMs;
    int heartbeatMs;
    long snapshotAskedMs = Long.MAX_VALUE;

    LinkConnection(long id, Transport transport, long nowMs) {
        this.id = id;
        this.transport = transport;
        this.phase = Phase.OPENING;
        this.phaseSinceMs = nowMs;
        this.heardMs = nowMs;
    }

    void enter(Phase next, long nowMs) {
        phase = next;
        phaseSinceMs = nowMs;
    }

    boolean greeted() {
        return phase != Phase.OPENING;
    }

    boolean welcomed() {
        return phase == Phase.WELCOMED || phase == Phase.CURRENT;
    }
}
