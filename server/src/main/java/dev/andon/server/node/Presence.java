package dev.andon.server.node;

import dev.andon.core.stream.Frame;
import java.util.List;

/** Which instances there are. Only for the thread that {@link InstanceListener} is called by. */
public interface Presence {

    /**
     * @param connected whether it has a stream, or has asked lately; if not, it is remembered as unreachable
     * @param local what it said last that it stops by itself
     * @param missing how many of the processes behind it vanished without goodbye; it is connected only if none did
     */
    record Present(InstanceListener.Instance instance, boolean connected, Frame.LocalStops local, int missing) {
        /** One process. */
        public Present(InstanceListener.Instance instance, boolean connected, Frame.LocalStops local) {
            this(instance, connected, local, connected ? 0 : 1);
        }
    }

    /** The instances of an environment that are connected or remembered. */
    List<Present> present(String environment);

    /**
     * How many clients of it aren't listed, because there were too many: those with an open stream, and those that were there
     * lately.
     */
    default int unlisted(String environment) {
        return 0;
    }
}
