package dev.andon.server.node;

import java.util.List;

/** Which instances there are. Only for the thread that {@link InstanceListener} is called by. */
public interface Presence {

    /** @param connected whether it has a stream; if not, it is remembered as unreachable */
    record Present(InstanceListener.Instance instance, boolean connected) {}

    /** The instances of an environment that are connected or remembered. */
    List<Present> present(String environment);
}
