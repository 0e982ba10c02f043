package dev.andon.server.node;

import dev.andon.core.stream.Frame;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.util.Optional;
import java.util.Set;

/** Who follows instances, whatever streams they use. Called by one thread, in order; must not block. */
public interface InstanceListener {

    /** It introduced itself on a new stream; what it holds is what it says, not proven. */
    void connected(Instance instance, Frame.Hello hello);

    void acked(InstanceKey instance, Frame.Ack ack, long nanos);

    /**
     * A client that doesn't speak Andon's own stream is there, anew or again.
     *
     * @param holds what it is known to have been answered last; empty if nothing is known
     * @param missing how many of the processes behind it vanished without goodbye and aren't back
     */
    void found(Instance instance, Optional<ForeignListener.Served> holds, int missing);

    /** A client that doesn't speak Andon's own stream came to an environment, and there is no room to list it. */
    void unlisted(String environment);

    /** This was handed to the network on all of such a client's streams. */
    void sent(InstanceKey instance, ForeignListener.Served served, long nanos);

    /** Such a client asked, and was answered from this. */
    void confirmed(InstanceKey instance, ForeignListener.Served served, long nanos);

    /**
     * It is gone without goodbye; or some of the processes behind it are.
     *
     * @param missing how many of them, 1 at least
     */
    void vanished(InstanceKey instance, int missing);

    /** It said goodbye; or keeps nothing of what it was answered, and doesn't ask any more. */
    void left(InstanceKey instance);

    void reported(InstanceKey instance, Frame.Report report, long nanos);

    /**
     * These nodes don't say now who their clients are: nobody knows who else may be there.
     *
     * @param nodes all of them, by id
     */
    default void nodesMissing(Set<MissingNode> nodes) {}
}
