package dev.andon.server.flagd;

import dev.andon.server.http.GrpcCall;
import dev.andon.server.http.GrpcRefusal;
import dev.andon.server.node.ServedState;

/** Answers a call with one message. May take its time. */
@FunctionalInterface
interface Answerer {
    /**
     * @param view what the call sees
     * @param state what the answer was made from
     */
    record Answer(byte[] message, View view, ServedState state) {}

    /** @throws GrpcRefusal to end it with another status */
    Answer answer(GrpcCall call, byte[] request);
}
