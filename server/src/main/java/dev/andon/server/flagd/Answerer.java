package dev.andon.server.flagd;

import dev.andon.server.http.GrpcCall;
import dev.andon.server.http.GrpcRefusal;

/** Answers a call with one message. May take its time. */
@FunctionalInterface
interface Answerer {
    /** @throws GrpcRefusal to end it with another status */
    byte[] answer(GrpcCall call, byte[] request);
}
