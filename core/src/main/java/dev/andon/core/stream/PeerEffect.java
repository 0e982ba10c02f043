package dev.andon.core.stream;

import dev.andon.core.model.SignedKill;
import java.util.List;

/** What a node's end of a link to another node wants done, in the order in which it is listed. */
public sealed interface PeerEffect {

    record Send(Frame frame) implements PeerEffect {}

    /** Take over what the other node carries. What isn't, it gives again later. */
    record Adopt(List<SignedKill> kills) implements PeerEffect {
        public Adopt {
            kills = List.copyOf(kills);
        }
    }

    /** The other node tells of clients, its own or those of nodes beyond it. */
    record Heard(String peer, Frame.Presence told) implements PeerEffect {}

    /** The other node has lost nodes beyond it. */
    record Lost(String peer, Frame.Lost lost) implements PeerEffect {}

    /** The other node's ledger has moved. */
    record Moved(String peer) implements PeerEffect {}

    /** Both nodes have shown who they are. */
    record Linked(String peer) implements PeerEffect {}

    /**
     * Close the connection once what was sent is out.
     *
     * @param why as a sentence; empty if it closes in order
     */
    record Close(String why) implements PeerEffect {}
}
