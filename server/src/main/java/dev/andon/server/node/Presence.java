package dev.andon.server.node;

import dev.andon.core.stream.Frame;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which instances there are. Only for the thread that {@link InstanceListener} is called by. */
public interface Presence {

    /**
     * @param connected whether it has a stream, or has asked lately; if not, it is remembered as unreachable
     * @param local what it said last that it stops by itself
     * @param missing how many of the processes behind it vanished without goodbye; it is connected only if none did
     */
    record Present(Instance instance, boolean connected, Frame.LocalStops local, int missing) {
        /** One process. */
        public Present(Instance instance, boolean connected, Frame.LocalStops local) {
            this(instance, connected, local, connected ? 0 : 1);
        }

        /** The same, in the region of its node if it doesn't say where it is. */
        public Present in(Optional<String> region) {
            return new Present(instance.in(region), connected, local, missing);
        }
    }

    /** The instances of an environment that are connected or remembered. */
    List<Present> present(String environment);

    /** What clients have shown to have. */
    interface Proofs {
        void acked(StreamListener.InstanceKey instance, Frame.Ack ack);

        void sent(StreamListener.InstanceKey instance, ForeignListener.Served served);

        void confirmed(StreamListener.InstanceKey instance, ForeignListener.Served served);
    }

    /**
     * Says again what clients of other nodes have shown last: that may have come before this node knew what it is of. Its own
     * are never ahead of it.
     */
    default void proofs(String environment, Proofs to) {}

    /** The nodes that don't say now who their clients are. */
    default Set<MissingNode> missingNodes() {
        return Set.of();
    }

    /**
     * How many clients of it aren't listed, because there were too many: those with an open stream, and those that were there
     * lately.
     */
    default int unlisted(String environment) {
        return 0;
    }
}
