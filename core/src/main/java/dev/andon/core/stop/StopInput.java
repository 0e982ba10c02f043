package dev.andon.core.stop;

import dev.andon.core.image.Image;
import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import java.time.Instant;
import java.util.List;

/** What a node's kill path is told. */
public sealed interface StopInput {

    /**
     * Someone who may kill asks for it.
     *
     * @param ticket names the answer
     * @param at the time of day, for the record
     */
    record Ordered(long ticket, KillOrder order, Instant at) implements StopInput {}

    /** The kill is in the journal and synced. */
    record Journalled(KillId kill) implements StopInput {}

    /** The kill could not be written to the journal, or not for sure. */
    record JournalFailed(KillId kill, String why) implements StopInput {}

    /** Clients handed up kills that they carry. */
    record Carried(List<SignedKill> kills) implements StopInput {
        public Carried {
            kills = List.copyOf(kills);
        }
    }

    /** The node's image is this one now: a later state of its ledger, or the ledger's new history after a fork. */
    record Folded(Image image) implements StopInput {}

    /**
     * An image is saved on local disk, and whatever starts next starts from it or a later one. One of a history that the
     * ledger no longer has says nothing: what it covers may stand again.
     */
    record Saved(Image image) implements StopInput {}

    /** The entries that {@link StopEffect.Append} asked for are in the ledger, the last of them at this version. */
    record Appended(long version) implements StopInput {}

    /** The ledger doesn't end where {@link StopEffect.Append} expected. Nothing was written. */
    record Conflicted() implements StopInput {}

    /** The ledger didn't take {@link StopEffect.Append}, as far as is known. */
    record AppendFailed(String why) implements StopInput {}

    /** Time has passed. */
    record Tick() implements StopInput {}
}
