package dev.andon.server.simulation;

import dev.andon.core.image.Marks;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.PeerEffect;
import dev.andon.core.stream.PeerInput;
import dev.andon.core.stream.PeerLink;
import dev.andon.core.stream.PeerProof;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** One connection between two nodes: both ends of it, and what is on the way in both directions. */
final class PeerWire {
    private static final int HEARTBEAT_MS = 5_000;

    final End dialling;
    final End accepting;
    final Optional<String> meant;
    private final World world;
    private boolean gone;

    /** One node's end. */
    final class End {
        final SimNode node;
        final PeerLink link;
        /** What is on the way to this end. */
        final List<Frame> incoming = new ArrayList<>();
        /** What the node knew when the link was made; for a planted bug. */
        private final Set<KillId> before = new TreeSet<>();

        /** What the link was told last. */
        private PeerInput.Offered told = new PeerInput.Offered(0, Marks.NONE, Map.of());

        private boolean closing;

        End(SimNode node, PeerLink link) {
            this.node = node;
            this.link = link;
            before.addAll(PeerInput.Offered.of(node.waitingOn, node.pending)
                    .standing()
                    .keySet());
        }

        End other() {
            return this == dialling ? accepting : dialling;
        }

        void step(PeerInput input) {
            carryOut(link.step(input, world.nowMs));
        }

        void offer() {
            Map<KillId, StandingKill> offered = new LinkedHashMap<>(
                    PeerInput.Offered.of(node.waitingOn, node.pending).standing());
            if (world.has(Fault.PEER_KEEPS_ADOPTED_TO_ITSELF)) {
                offered.values().removeIf(kill -> !kill.signed().kill().node().equals(node.id));
            }
            if (world.has(Fault.PEERS_COMPARE_NOTHING)) {
                offered.keySet().removeAll(before);
            }
            if (node.relay.isPresent() && world.has(Fault.RELAY_KEEPS_KILLS_TO_ITSELF)) {
                offered.values().removeIf(kill -> kill.signed().kill().node().equals(node.id));
            }
            told = new PeerInput.Offered(node.waitingOn.provenance().epoch(), node.waitingOn.marks(), offered);
            step(told);
        }

        void carryOut(List<PeerEffect> effects) {
            for (PeerEffect effect : effects) {
                switch (effect) {
                    case PeerEffect.Send send -> {
                        if (send.frame() instanceof Frame.Known known) {
                            world.promises.confirmed(node, known.kills(), told);
                        }
                        other().incoming.add(FrameCodec.decode(FrameCodec.encode(send.frame()), FrameCodec.FROM_PEER));
                    }
                    case PeerEffect.Adopt adopt -> world.peers.adopted(this, adopt.kills());
                    case PeerEffect.Linked linked -> world.peers.linked(PeerWire.this, this, linked.peer());
                    case PeerEffect.Heard ignored -> {}
                    case PeerEffect.Lost ignored -> {}
                    case PeerEffect.Moved ignored -> node.relay.ifPresent(relay -> relay.nudged = true);
                    case PeerEffect.Close ignored -> closing = true;
                }
            }
        }

        /** Takes what has arrived, up to so many frames. */
        void deliver(int most) {
            for (int i = 0; i < most && !incoming.isEmpty() && !gone; i++) {
                Frame frame = incoming.removeFirst();
                if (frame instanceof Frame.Carry carry && world.has(Fault.PEER_CONFIRMS_WHAT_COMES)) {
                    carryOut(List.of(new PeerEffect.Send(new Frame.Known(
                            carry.kills().stream().map(kill -> kill.id()).toList(),
                            node.waitingOn.provenance().epoch()))));
                }
                if (frame instanceof Frame.Known known
                        && node.relay.isPresent()
                        && world.has(Fault.RELAY_FORGETS_WHAT_IS_KNOWN)) {
                    node.forgetInJournal(known.kills());
                }
                step(new PeerInput.Received(frame));
            }
            if (closing && other().incoming.isEmpty()) {
                world.peers.end(PeerWire.this);
            }
        }
    }

    /** @param meant the node that is meant, if it isn't whoever answers */
    PeerWire(World world, SimNode from, SimNode to, Optional<String> meant) {
        this.world = world;
        this.meant = meant;
        this.dialling = new End(from, PeerLink.dialling(self(from), meant, world.peers.nonce(), world.nowMs));
        this.accepting = new End(to, PeerLink.accepting(self(to), world.peers.nonce(), world.nowMs));
    }

    void start() {
        dialling.carryOut(dialling.link.start());
        accepting.carryOut(accepting.link.start());
        dialling.offer();
        accepting.offer();
    }

    private PeerLink.Self self(SimNode node) {
        return new PeerLink.Self(
                node.id,
                MemoryLedger.ID,
                id -> Optional.ofNullable(node.image().nodes().get(id)).map(known -> known.value()),
                text -> sign(node.id, text),
                (Node by, String text, String signature) -> signature.equals(sign(by.id(), text)),
                HEARTBEAT_MS);
    }

    private static String sign(String node, String text) {
        if (!text.startsWith(PeerProof.PREFIX)) {
            throw new Violation("NOT-FORGED", node + " is asked to sign " + text);
        }
        return node + " " + Integer.toHexString(text.hashCode());
    }

    List<End> ends() {
        return List.of(dialling, accepting);
    }

    boolean joins(SimNode one, SimNode other) {
        return (dialling.node == one && accepting.node == other) || (dialling.node == other && accepting.node == one);
    }

    boolean touches(SimNode node) {
        return dialling.node == node || accepting.node == node;
    }

    boolean linked() {
        return dialling.link.linked() && accepting.link.linked();
    }

    boolean quiet() {
        return dialling.incoming.isEmpty() && accepting.incoming.isEmpty();
    }

    /** What is on the way is lost, and both ends hear of it. */
    void lose() {
        gone = true;
        for (End end : ends()) {
            end.link.step(new PeerInput.Closed(), world.nowMs);
            end.incoming.clear();
        }
    }

    @Override
    public String toString() {
        return dialling.node + "-" + accepting.node;
    }
}
