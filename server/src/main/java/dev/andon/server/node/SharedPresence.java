package dev.andon.server.node;

import dev.andon.core.stream.Frame;
import java.util.Optional;
import java.util.Set;

/** What nodes tell each other of their clients. Thread-safe; never blocks. */
public interface SharedPresence {
    /** Where nothing is told. */
    SharedPresence NONE = new SharedPresence() {
        @Override
        public Telling tell() {
            return Optional::empty;
        }

        @Override
        public void heard(String node, Frame.Presence told) {
            // Nobody wants to know.
        }

        @Override
        public void nodes(Set<String> known, Set<String> linked) {
            // Nobody wants to know.
        }
    };

    /** All that this node has to tell another one, on one link. */
    @FunctionalInterface
    interface Telling {
        /** What is to be told next; empty as long as nothing has changed since. */
        Optional<Frame.Presence> next();

        /** Nothing more is told on this link. */
        default void end() {}
    }

    /** Begins to tell another node, from the start. */
    Telling tell();

    /** Another node has told this. */
    void heard(String node, Frame.Presence told);

    /**
     * @param known the other nodes that should be linked
     * @param linked those that are
     */
    void nodes(Set<String> known, Set<String> linked);
}
