package dev.andon.core.stream;

import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.SignedKill;
import java.util.List;
import java.util.Optional;

/** What the server's end of a stream wants done, in the order in which it is listed. */
public sealed interface ServerEffect {

    /** Send a frame of this stream's own: welcome, ping, error. */
    record Send(Frame frame) implements ServerEffect {}

    /** Send a kill frame; its bytes are the same for every stream that gets the same kills. */
    record SendKills(List<StandingKill> kills) implements ServerEffect {
        public SendKills {
            kills = List.copyOf(kills);
        }
    }

    /**
     * Send the newest state that was offered: as a patch from {@code from} if that state is still known, else as a
     * snapshot.
     */
    record SendState(Offer offer, Optional<Provenance> from) implements ServerEffect {}

    /** Take over what the client carries. */
    record Adopt(List<SignedKill> kills) implements ServerEffect {
        public Adopt {
            kills = List.copyOf(kills);
        }
    }

    /** The client introduced itself, for the first time on this stream. */
    record Introduced(Frame.Hello hello) implements ServerEffect {}

    /** Something was sent that the client must acknowledge, and there was nothing before. */
    record Owes() implements ServerEffect {}

    /** @param upToDate whether the client has acknowledged all that was sent so far */
    record Acked(Frame.Ack ack, boolean upToDate) implements ServerEffect {}

    record Reported(Frame.Report report) implements ServerEffect {}

    /** The client said goodbye. */
    record Left() implements ServerEffect {}

    /** The client is gone without goodbye; only told of clients that were introduced. */
    record Lost() implements ServerEffect {}

    /** Close the connection once what was sent is out. */
    record Close() implements ServerEffect {}
}
