package dev.andon.server.node;

import dev.andon.core.stream.Frame;
import java.util.List;

/** Which instances there are. Only for the thread that {@link InstanceListener} is called by. */
public interface Presence {

    /**
     * @param connected whether it has a stream, or has asked lately; if not, it is remembered as unreachable
     * @param local what it said last that it stops by itself
     */
    record Present(InstanceListener.Instance instance, boolean connected, Frame.LocalStops local) {}

    /** The instances of an environment that are connected or remembered. */
    List<Present> present(String environment);

    /** How many clients of it were there lately and are no longer listed, because there were too many. */
    default int unlisted(String environment) {
        return 0;
    }
}
