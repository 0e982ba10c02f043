package dev.andon.core.stop;

import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import java.util.List;

/** What a node's kill path wants done, in the order in which it is listed. */
public sealed interface StopEffect {

    /** Write to the journal, sync, and tell {@link StopInput.Journalled} or {@link StopInput.JournalFailed}. */
    record Write(SignedKill kill) implements StopEffect {}

    /** Tell every client, peer and relay of this node, now. */
    record Send(List<StandingKill> kills) implements StopEffect {
        public Send {
            kills = List.copyOf(kills);
        }
    }

    /** Answer whoever ordered. */
    record Answer(long ticket, Reply reply) implements StopEffect {}

    /**
     * Append one {@link SettleEntry} for each kill, if the ledger ends at exactly this state; tell
     * {@link StopInput.Appended}, {@link StopInput.Conflicted} or {@link StopInput.AppendFailed}. Never two at a time.
     */
    record Append(Provenance at, List<StandingKill> kills) implements StopEffect {
        public Append {
            kills = List.copyOf(kills);
        }
    }

    /** Read the ledger's end and fold it. */
    record CatchUp() implements StopEffect {}

    /** Remove from the journal. */
    record Forget(List<KillId> kills) implements StopEffect {
        public Forget {
            kills = List.copyOf(kills);
        }
    }

    /** A kill that a client handed up was not taken over. */
    record Unverified(SignedKill kill, String why) implements StopEffect {}

    /** Give a {@link StopInput.Tick} at this time, in the clock of {@link StopMachine#step}, or later. */
    record Wake(long atMs) implements StopEffect {}

    /** The answer to an order. */
    sealed interface Reply {

        /**
         * @param durable whether the kill is known to be in the journal or the ledger
         * @param repeated whether it stood before this order came
         */
        record Stands(StandingKill kill, boolean durable, boolean repeated) implements Reply {}

        /** The idempotency key came with another request. */
        record KeyReused(KillId kill) implements Reply {}

        /** The idempotency key is of something that the ledger finished in this version and that doesn't stand. */
        record KeySpent(long version) implements Reply {}
    }
}
