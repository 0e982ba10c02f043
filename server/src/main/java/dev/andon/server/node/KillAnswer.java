package dev.andon.server.node;

import dev.andon.core.image.StandingKill;
import java.util.SortedSet;

/** What became of a request to kill. */
public sealed interface KillAnswer {

    /**
     * The kill stands and was sent to everyone; it is in the ledger or on its way.
     *
     * @param durable whether it survives the death of this process
     * @param repeated the same was asked before: this is the first kill, and no second one was made
     */
    record Standing(StandingKill kill, boolean durable, boolean repeated) implements KillAnswer {}

    /** A repeat, by its idempotency key, of a kill that was restored since; nothing was stopped. */
    record Restored(StandingKill kill) implements KillAnswer {}

    /**
     * A dry run.
     *
     * @param flags what the kill would hold
     * @param dependents flags that require one of them and would serve their own safe variant
     * @param instances connected instances that it would reach
     */
    record Rehearsed(SortedSet<String> flags, SortedSet<String> dependents, SortedSet<String> services, int instances)
            implements KillAnswer {}
}
