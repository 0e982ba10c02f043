package dev.andon.core.stream;

import dev.andon.core.image.Marks;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.KillId;
import java.util.Map;

/** What a node's end of a link to another node is told. */
public sealed interface PeerInput {

    record Received(Frame frame) implements PeerInput {}

    /** Something came that is no frame. */
    record Malformed(InvalidInput problem) implements PeerInput {}

    /**
     * What this node knows now.
     *
     * @param settled the marks of its image
     * @param pending the kills that were sent out here and that these marks don't cover, oldest first; mustn't change later
     */
    record Offered(Marks settled, Map<KillId, StandingKill> pending) implements PeerInput {}

    /** The outgoing queue is above its limit. */
    record Filled() implements PeerInput {}

    /** There is room in the outgoing queue. */
    record Drained() implements PeerInput {}

    /** This node ends the link, with a frame that says why. */
    record End(Frame.Refused why) implements PeerInput {}

    /** The connection is gone. */
    record Closed() implements PeerInput {}

    /** Time has passed. */
    record Tick() implements PeerInput {}
}
