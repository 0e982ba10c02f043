package dev.andon.server.node;

import dev.andon.core.stream.Frame;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What nodes tell each other of their clients. Thread-safe; never blocks. */
public interface SharedPresence {
    /** Where nothing is told. */
    SharedPresence NONE = new SharedPresence() {
        @Override
        public Telling tell(String peer, Side side) {
            return Optional::empty;
        }

        @Override
        public void heard(String peer, Frame.Presence told, Runnable taken) {
            taken.run();
        }

        @Override
        public void lost(String peer, List<String> nodes, Runnable taken) {
            taken.run();
        }

        @Override
        public void nodes(Set<String> known, Set<String> linked) {
            // Nobody wants to know.
        }

        @Override
        public void nodesChanged() {
            // Nobody wants to know.
        }
    };

    /** Where the node at a link's other end stands. */
    enum Side {
        /** On the same ledger: it is told of this node's clients, and of those of relays below it. */
        BESIDE,
        /** A relay's upstream: likewise. */
        ABOVE,
        /** A relay that this node feeds: it is told of all that doesn't come from there. */
        BELOW
    }

    /** All that this node has to tell another one, on one link. */
    @FunctionalInterface
    interface Telling {
        /** What is to be told next, {@link Frame.Presence} or {@link Frame.Lost}; empty as long as nothing has changed since. */
        Optional<Frame> next();

        /** Nothing more is told on this link. */
        default void end() {}
    }

    /** Begins to tell another node, from the start. */
    Telling tell(String peer, Side side);

    /**
     * Another node has told this, of its own clients or of those of a node beyond it.
     *
     * @param taken run when it is in the books: until then it takes memory, and whoever tells more is to wait
     */
    void heard(String peer, Frame.Presence told, Runnable taken);

    /**
     * Another node doesn't know who the clients of these are; this node may be among them. It is told of them from the start.
     *
     * @param taken likewise
     */
    void lost(String peer, List<String> nodes, Runnable taken);

    /**
     * @param known the other nodes that should be linked
     * @param linked those that are
     */
    void nodes(Set<String> known, Set<String> linked);

    /** The ledger's nodes have changed, as when a relay has joined: what was told of one may count now. */
    void nodesChanged();
}
