package dev.andon.core.stream;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Marks;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.KillId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a node's end of a link to another node is told. */
public sealed interface PeerInput {

    record Received(Frame frame) implements PeerInput {}

    /** Something came that is no frame. */
    record Malformed(InvalidInput problem) implements PeerInput {}

    /**
     * What this node knows now.
     *
     * @param epoch of its image
     * @param settled the image's marks
     * @param standing the kills that stand here: those that were sent out and that these marks don't cover, and those in the
     *     image; mustn't change later
     */
    record Offered(long epoch, Marks settled, Map<KillId, StandingKill> standing) implements PeerInput {
        /** @param pending kills that were sent out, and that the image doesn't cover */
        public static Offered of(Image image, Map<KillId, StandingKill> pending) {
            Map<KillId, StandingKill> standing = new LinkedHashMap<>(pending);
            for (EnvironmentImage environment : image.environments().values()) {
                environment.kills().forEach((id, kill) -> standing.put(id, kill.value()));
            }
            return new Offered(image.provenance().epoch(), image.marks(), Collections.unmodifiableMap(standing));
        }
    }

    /**
     * This node tells of clients, of lost nodes, or that its ledger has moved. After everything else: whoever drives the link
     * gives little of it at a time.
     */
    record Tell(Frame told) implements PeerInput {}

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
