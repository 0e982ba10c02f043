package dev.andon.server.node;

import dev.andon.core.image.Image;
import dev.andon.core.model.KillId;
import java.time.Instant;
import java.util.Optional;

/** What a node does for its API. Thread-safe; only {@link #execute} and {@link #history()} touch the store. */
public interface ControlPlane {

    /** The newest image that this node has folded. From memory. */
    Image image();

    /** The kills that stand, as this node knows. From memory. */
    KnownKills kills();

    /**
     * Carries a command out: decides on the newest image, checks the invariants, writes, waits until the image shows it.
     * When the ledger moved on meanwhile, it catches up and decides again. A dry run needs no store. Blocks: call it on a
     * virtual thread.
     *
     * @throws dev.andon.core.json.InvalidInput as the command does
     * @throws Refused as the command does; KEY_REUSED for an idempotency key that came with another request
     * @throws StoreUnavailable if the store can't be reached, is damaged, or doesn't answer in time
     */
    <R> Outcome<R> execute(Command<R> command, CommandContext context);

    /**
     * Stops: writes the kill to the journal, sends it out, and answers; it settles in the ledger in the background. No
     * store is on the way. Blocks for as long as the journal takes to be synced, a quarter of a second at most.
     *
     * @throws dev.andon.core.json.InvalidInput for a field that can't be as it is given
     * <p>A person's kill that may hold more than one flag, touches more of the evaluations than is configured, or is aimed at
     * what this node doesn't know while it is cut off, takes the confirmation of a dry run.
     *
     * @throws Refused NOT_FOUND for an unknown environment, or a target that matches nothing; UNCONFIRMED without a
     *     confirmation that holds; KEY_REUSED as above
     */
    KillAnswer kill(KillRequest request, CommandContext context);

    /** Whether a kill is in the ledger or on this node's disk. From memory. */
    boolean durable(KillId kill);

    /** From memory. */
    StoreHealth store();

    /** How this node is fed, if it is a relay. From memory. */
    default Optional<Feeding> feeding() {
        return Optional.empty();
    }

    /** Since when changes and restores can't be made, here or at a relay's upstream, for want of the ledger. From memory. */
    default Optional<Instant> cutOffSince() {
        StoreHealth store = store();
        return store.connected() ? feeding().flatMap(Feeding::cutOffSince) : Optional.of(store.since());
    }

    /** Who does what one node alone is to do. From memory. */
    default Duties duties() {
        return Duties.NOBODYS;
    }

    History history();

    /** This node's id. */
    String node();
}
