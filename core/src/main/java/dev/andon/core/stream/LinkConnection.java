package dev.andon.core.stream;

import dev.andon.core.model.KillId;
import dev.andon.core.stream.LinkEffect.Transport;
import java.util.HashSet;
import java.util.Set;

/** What a {@link ClientLink} knows of one connection. Not thread-safe. */
final class LinkConnection {
    private static final long AGAIN_MS = 10_000;
    private static final long MAX_AGAIN_MS = 300_000;

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

    /** Those of them that were handed up, and that the server has told nothing of. */
    private final Set<KillId> handed = new HashSet<>();

    private long againMs = AGAIN_MS;

    /** When to hand them up again; as late as can be until the server is heard with some of them on their way. */
    private long againAtMs = Long.MAX_VALUE;

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

    /** The server has told of a kill. */
    void told(KillId kill) {
        known.add(kill);
        handed.remove(kill);
    }

    /** A kill is about to be handed up; whether the server may not know it. */
    boolean hands(KillId kill) {
        return known.add(kill) && handed.add(kill);
    }

    /** What a server knows in one history of its ledger it may not know in the next. */
    void forgetKnown() {
        known.clear();
        handed.clear();
    }

    /**
     * Whether to hand up again what the server has never told of: it may have gone over to a history that doesn't know it. Ever more
     * rarely. To be asked whenever the server is heard.
     */
    boolean handsAgain(long nowMs) {
        if (!handed.isEmpty() && againAtMs == Long.MAX_VALUE) {
            againAtMs = nowMs + againMs;
        }
        if (handed.isEmpty() || nowMs < againAtMs) {
            return false;
        }
        known.removeAll(handed);
        handed.clear();
        againMs = Math.min(MAX_AGAIN_MS, 2 * againMs);
        againAtMs = nowMs + againMs;
        return true;
    }
}
