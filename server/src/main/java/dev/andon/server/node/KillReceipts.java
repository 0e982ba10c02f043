package dev.andon.server.node;

import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import java.util.Optional;

/** Who has applied a kill. Thread-safe; blocks for a moment. */
public interface KillReceipts {

    /**
     * @param settledIn the version in which the kill entered the ledger; empty while it is on its way
     * @param restoredIn the version in which it was released; empty while it stands
     * @param receipt as the API shows it
     */
    record Shown(
            StandingKill kill, Optional<Long> settledIn, Optional<Long> restoredIn, boolean proven, Json receipt) {}

    /** Empty for kills that nobody knows of, or whose receipt was dropped for newer ones. */
    Optional<Shown> show(KillId kill);

    /** As {@link #show}, but not before the receipt is final or the time is up. */
    Optional<Shown> await(KillId kill, long waitMs);
}
