package dev.andon.server.node;

import dev.andon.core.stream.Frame;
import java.util.List;

/** Which instances there are. Only for the thread that {@link InstanceListener} is called by. */
public interface Presence {

    /**
     * @param connected whether it has a stream; if not, it is remembered as unreachable
     * @param local what it said last that it stops by itself
     */
    record Present(InstanceListener.Instance instance, boolean connected, Frame.LocalStops local) {}

    /** The instances of an environment that are connected or remembered. */
    List<Present> present(String environment);
}
