package dev.andon.server.node;

import dev.andon.core.stream.Frame;

/**
 * Who keeps the books on what happens on streams. Called on event loops, for one stream in order; must not block.
 * {@code nanos} is the server's monotonic clock at the moment that it happened.
 */
public interface StreamListener {

    /** One stream, from hello to its end. A process that connects anew gets another one. */
    record StreamId(long number, InstanceKey instance) {}

    /** Names an instance among all that connect to this node. */
    record InstanceKey(String environment, String service, String instance) {}

    void introduced(StreamId stream, Frame.Hello hello, long nanos);

    /** Something was sent that the client has to acknowledge. */
    void owes(StreamId stream);

    /** @param upToDate whether the client has acknowledged all that was sent so far */
    void acked(StreamId stream, Frame.Ack ack, boolean upToDate, long nanos);

    void reported(StreamId stream, Frame.Report report);

    /** The client said goodbye. */
    void left(StreamId stream);

    /** The stream ended without goodbye. */
    void lost(StreamId stream);
}
