package dev.andon.core.stream;

import dev.andon.core.json.InvalidInput;

/** What the server's end of a stream is told. */
public sealed interface ServerInput {

    record Received(Frame frame) implements ServerInput {}

    /** Something came that is no frame. */
    record Malformed(InvalidInput problem) implements ServerInput {}

    /** There is a newer state, or there are other pending kills, than were offered before. */
    record Offered(Offer offer) implements ServerInput {}

    /** The outgoing queue is above its limit: at least this many bytes wait in it. */
    record Filled(long bytes) implements ServerInput {}

    /** The outgoing queue is empty enough again. */
    record Drained() implements ServerInput {}

    /** The server ends the stream, with a frame that says why. */
    record End(Frame.Refused why) implements ServerInput {}

    /** The connection is gone. */
    record Closed() implements ServerInput {}

    /** Time has passed. */
    record Tick() implements ServerInput {}
}
