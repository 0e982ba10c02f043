package dev.andon.server.peer;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.JsonLimits;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.PeerEffect;
import dev.andon.core.stream.PeerInput;
import dev.andon.core.stream.PeerLink;
import dev.andon.server.http.Caller;
import dev.andon.server.node.SharedPresence;
import dev.andon.server.node.SharedPresence.Side;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to another node: feeds its {@link PeerLink} and carries out what that wants. On the peers' thread only. */
final class PeerConnection {
    private static final Logger log = LoggerFactory.getLogger(Peers.class);
    private static final long FULL_BYTES = 512 << 10;
    private static final long ROOM_BYTES = 64 << 10;
    private static final int MAX_FORGED = 16;

    private final Peers peers;
    private final PeerSocket socket;
    private final PeerLink link;
    private final Side side;
    /** The node that was dialled. */
    private final Optional<Dialling.Target> dialled;
    /** Whose token it was opened with, where that takes one. */
    private final Optional<Caller> caller;

    private PeerInput.@Nullable Offered offered;
    private SharedPresence.@Nullable Telling telling;
    /** Where the ledger has got to, until the other node is told. */
    private Frame.@Nullable Moved moved;

    /** What is being received, until whoever gets it has it. */
    private Optional<byte[]> taking = Optional.empty();

    private int forged;
    private boolean full;
    private boolean ended;
    private boolean everLinked;

    private PeerConnection(
            Peers peers,
            PeerSocket socket,
            PeerLink link,
            Side side,
            Optional<Dialling.Target> dialled,
            Optional<Caller> caller) {
        this.peers = peers;
        this.socket = socket;
        this.link = link;
        this.side = side;
        this.dialled = dialled;
        this.caller = caller;
    }

    static PeerConnection dialled(Peers peers, PeerSocket socket, PeerLink link, Side side, Dialling.Target target) {
        return new PeerConnection(peers, socket, link, side, Optional.of(target), Optional.empty());
    }

    /** @param caller a relay's; none if it is a node of this ledger that has dialled */
    static PeerConnection accepted(Peers peers, PeerSocket socket, PeerLink link, Optional<Caller> caller) {
        Side side = caller.isPresent() ? Side.BELOW : Side.BESIDE;
        return new PeerConnection(peers, socket, link, side, Optional.empty(), caller);
    }

    Side side() {
        return side;
    }

    Optional<Caller> caller() {
        return caller;
    }

    PeerLink link() {
        return link;
    }

    Optional<Dialling.Target> dialled() {
        return dialled;
    }

    boolean everLinked() {
        return everLinked;
    }

    void start() {
        carryOut(link.start());
        offer();
    }

    void received(byte[] message) {
        taking = Optional.of(message);
        JsonLimits limits = link.linked() || dialled.isPresent() ? FrameCodec.FROM_PEER : FrameCodec.FROM_STRANGER;
        PeerInput input;
        if (message.length > limits.bytes()) {
            input = new PeerInput.Malformed(PeerSocket.tooLong(message.length, limits.bytes()));
        } else {
            try {
                input = new PeerInput.Received(FrameCodec.decode(message, limits));
            } catch (InvalidInput e) {
                input = new PeerInput.Malformed(e);
            }
        }
        step(input);
        takeOver().ifPresent(socket::taken);
    }

    /** Has whoever gets it say when what was received is dealt with; by itself, it is at the end of {@link #received}. */
    private Optional<byte[]> takeOver() {
        Optional<byte[]> taken = taking;
        taking = Optional.empty();
        return taken;
    }

    private Runnable takeKills() {
        Optional<byte[]> taken = takeOver();
        return () -> taken.ifPresent(socket::taken);
    }

    private Runnable takeTold() {
        return takeOver().map(socket::told).orElse(() -> {});
    }

    /**
     * Some of what the other node has carried was forged. A relay that goes on so is cut off: it should have checked what it
     * took over. A node with the ledger isn't: kills between those are to get through, whatever else there is.
     */
    void carriedForged(int more) {
        forged += more;
        if (side == Side.BELOW && forged >= MAX_FORGED && !ended) {
            log.warn(
                    "peer {}: {} kills that it carried weren't signed by their nodes; its link is ended",
                    link.peer().orElse("?"),
                    forged);
            step(new PeerInput.End(new Frame.Refused(
                    Frame.Refused.UNAUTHORIZED,
                    "kills: " + forged + " that weren't signed by their nodes (expected: none)",
                    Peers.RETRY_MS)));
        }
    }

    /** Tells the link what this node knows, if that isn't what it was told last. */
    @SuppressWarnings("ReferenceEquality") // a node that knows nothing new gives the same object
    void offer() {
        PeerInput.Offered now = peers.peering().standing();
        if (now != offered && !ended) {
            offered = now;
            step(now);
        }
    }

    void step(PeerInput input) {
        if (ended) {
            return;
        }
        carryOut(link.step(input, peers.nowMs()));
        afterWriting();
    }

    /** Goes on for as long as there is room; {@link #written} takes it up again. */
    private void afterWriting() {
        if (!full && socket.outgoingBytes() > FULL_BYTES) {
            full = true;
            carryOut(link.step(new PeerInput.Filled(), peers.nowMs()));
        } else if (full && socket.outgoingBytes() <= ROOM_BYTES) {
            full = false;
            carryOut(link.step(new PeerInput.Drained(), peers.nowMs()));
        }
        while (!ended && !full && link.owing()) {
            carryOut(link.step(new PeerInput.Drained(), peers.nowMs()));
            if (socket.outgoingBytes() > FULL_BYTES) {
                full = true;
                carryOut(link.step(new PeerInput.Filled(), peers.nowMs()));
            }
        }
    }

    private void written() {
        peers.run(() -> {
            if (!ended) {
                afterWriting();
                tellMore();
            }
        });
    }

    /** From now on, the other node is told of this one's clients here. */
    void tell(SharedPresence.Telling all) {
        telling = all;
    }

    void stopTelling() {
        SharedPresence.Telling last = telling;
        telling = null;
        if (last != null) {
            last.end();
        }
    }

    /** The ledger has moved: of many such news, the last one is told, as soon as there is room. */
    void moved(Frame.Moved to) {
        moved = to;
        tellMore();
    }

    /** Little at a time, and nothing while kills wait: a kill that comes now waits for no more than that. */
    void tellMore() {
        Frame.Moved news = moved;
        if (news != null && link.linked() && !ended && !full && socket.outgoingBytes() < ROOM_BYTES) {
            moved = null;
            carryOut(link.step(new PeerInput.Tell(news), peers.nowMs()));
        }
        SharedPresence.Telling from = telling;
        boolean more = from != null;
        while (more && !ended && !full && !link.owing() && socket.outgoingBytes() < ROOM_BYTES) {
            Optional<Frame> next = from == null ? Optional.empty() : from.next();
            next.ifPresent(told -> carryOut(link.step(new PeerInput.Tell(told), peers.nowMs())));
            more = next.isPresent();
        }
    }

    private void carryOut(Iterable<PeerEffect> effects) {
        for (PeerEffect effect : effects) {
            switch (effect) {
                case PeerEffect.Send send -> send(send.frame());
                case PeerEffect.Adopt adopt -> peers.adopt(this, adopt.kills(), takeKills());
                case PeerEffect.Heard heard -> peers.heard(this, heard.peer(), heard.told(), takeTold());
                case PeerEffect.Lost lost -> peers.lost(lost.peer(), lost.lost(), takeTold());
                case PeerEffect.Moved ignored -> peers.moved(this);
                case PeerEffect.Linked linked -> {
                    everLinked = true;
                    peers.linked(this, linked.peer());
                }
                case PeerEffect.Close close -> {
                    end(close.why());
                    socket.close();
                }
            }
        }
    }

    private void send(Frame frame) {
        socket.send(frame, this::written);
    }

    /** The socket is closed. */
    void closed() {
        socket.gone();
        link.step(new PeerInput.Closed(), peers.nowMs());
        end("the connection broke");
    }

    private void end(String why) {
        if (!ended) {
            ended = true;
            peers.ended(this, why);
        }
    }

    /** Ends it whatever state it is in. */
    void cut() {
        end("it failed here");
        socket.close();
    }
}
