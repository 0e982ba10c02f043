package dev.andon.server.node;

import dev.andon.core.stream.Frame;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.util.Optional;

/** Who follows instances, whatever streams they use. Called by one thread, in order; must not block. */
public interface InstanceListener {

    /** @param sdk name and version */
    record Instance(InstanceKey key, Optional<String> region, String sdk) {}

    /** It introduced itself on a new stream; what it holds is what it says, not proven. */
    void connected(Instance instance, Frame.Hello hello);

    void acked(InstanceKey instance, Frame.Ack ack, long nanos);

    /** It is gone without goodbye. */
    void vanished(InstanceKey instance);

    /** It said goodbye. */
    void left(InstanceKey instance);

    void reported(InstanceKey instance, Frame.Report report);
}
