package dev.andon.server.node;

import dev.andon.core.image.StandingKill;
import java.time.Instant;
import java.util.Optional;
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

    /**
     * A dry run.
     *
     * @param flags what the kill would hold of the flags that there are
     * @param dependents flags that require one of them, however many steps away, and would serve their own safe variant
     * @param already a kill that stands and stops the same: no second one would be made
     * @param known whether this node knows what the kill is aimed at; if not, it is cut off and may be behind
     */
    record Rehearsed(
            SortedSet<String> flags,
            SortedSet<String> dependents,
            Optional<StandingKill> already,
            boolean known,
            Confirmation confirmation)
            implements KillAnswer {}

    /**
     * What confirms that someone has seen a dry run.
     *
     * @param required whether the kill is refused without it
     * @param until when it expires
     */
    record Confirmation(boolean required, String token, Instant until) {}
}
