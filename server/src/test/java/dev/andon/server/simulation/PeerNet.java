package dev.andon.server.simulation;

import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.PeerInput;
import dev.andon.core.stream.PeerProof;
import dev.andon.core.stream.Redial;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** The network between nodes: who is linked to whom, where it is cut, and what it does to frames. */
final class PeerNet {
    /** The other end of what a relay dials. */
    private static final int ANYBODY = -1;

    private final World world;
    private final RandomGenerator random;
    private final List<PeerWire> wires = new ArrayList<>();
    private final Map<Pair, Redial> redials = new LinkedHashMap<>();
    private final Set<Pair> cuts = new LinkedHashSet<>();
    private long nonces;

    /** How many of eight times what is on the way arrives by itself after a step. */
    final int pace;

    /** Nodes by their numbers: one that dials and one that it dials, or two that can't reach each other. */
    private record Pair(int one, int other) {}

    PeerNet(World world, long seed, int pace) {
        this.world = world;
        this.random = new SplittableRandom(seed);
        this.pace = pace;
    }

    String nonce() {
        return String.format("%0" + PeerProof.NONCE_DIGITS + "x", ++nonces);
    }

    List<PeerWire> wires() {
        return Collections.unmodifiableList(wires);
    }

    /** Nodes dial what they have no connection to, when it is time; relays whoever answers for their upstream. */
    private void dial() {
        for (SimNode from : world.nodes) {
            if (!from.up) {
                continue;
            }
            if (from.relay.isPresent()) {
                if (from.relay.get().joined()) {
                    dial(from, from.relay.get().upstream, Optional.empty());
                }
                continue;
            }
            for (SimNode to : world.ledgerNodes) {
                if (from != to) {
                    dial(from, to, Optional.of(to.id));
                }
            }
        }
    }

    private void dial(SimNode from, SimNode to, Optional<String> meant) {
        Pair dialled = new Pair(from.index, meant.isPresent() ? to.index : ANYBODY);
        Redial redial = redials.computeIfAbsent(dialled, pair -> new Redial(random, world.nowMs));
        if (redial.due(world.nowMs)) {
            redial.dialled();
            if (to.up && !cut(from, to)) {
                PeerWire wire = new PeerWire(world, from, to, meant);
                wires.add(wire);
                wire.start();
            } else {
                redial.ended(false, world.nowMs);
            }
        }
    }

    private Redial redial(PeerWire wire) {
        int to = wire.meant.isPresent() ? wire.accepting.node.index : ANYBODY;
        return redials.get(new Pair(wire.dialling.node.index, to));
    }

    /** A node has another image: relays below it hear of that. */
    void moved(SimNode node) {
        Provenance at = node.image().provenance();
        for (PeerWire wire : List.copyOf(wires)) {
            if (wire.accepting.node == node && wire.dialling.node.relay.isPresent()) {
                wire.accepting.step(new PeerInput.Tell(new Frame.Moved(at.epoch(), at.version())));
            }
        }
    }

    void tick() {
        dial();
        for (PeerWire wire : List.copyOf(wires)) {
            for (PeerWire.End end : wire.ends()) {
                end.offer();
                end.step(new PeerInput.Tick());
            }
            // of an end that has given up on a network that is cut, the other doesn't hear
            if (cut(wire.dialling.node, wire.accepting.node)
                    && wire.ends().stream().anyMatch(end -> end.link.ended())) {
                end(wire);
            }
        }
    }

    /** A node has sent kills out. */
    void offer(SimNode node) {
        for (PeerWire wire : List.copyOf(wires)) {
            wire.ends().stream().filter(end -> end.node == node).forEach(PeerWire.End::offer);
        }
    }

    void linked(PeerWire wire, PeerWire.End end, String peer) {
        if (!end.other().node.id.equals(peer)) {
            throw new Violation("NOT-FORGED", end.node + " takes " + end.other().node + " for " + peer);
        }
        if (end == wire.dialling) {
            redial(wire).linked();
            end.node.relay.ifPresent(relay -> relay.nudged = true);
            world.races.count(Races.Race.PEERS_LINKED);
        }
    }

    void adopted(PeerWire.End end, List<SignedKill> kills) {
        SimNode to = end.node;
        for (SignedKill kill : kills) {
            if (to.pending.containsKey(kill.id())) {
                continue;
            }
            world.races.count(Races.Race.ADOPTED_FROM_PEER);
            SimNode origin = world.nodes.stream()
                    .filter(node -> node.id.equals(kill.kill().node()))
                    .findFirst()
                    .orElseThrow();
            boolean direct = origin == end.other().node || origin.relay.isPresent() || to.relay.isPresent();
            if (!direct && cut(origin, to)) {
                world.races.count(Races.Race.KILL_GOES_ROUND_A_CUT);
            }
        }
        to.carried(kills);
    }

    void end(PeerWire wire) {
        if (wires.remove(wire)) {
            wire.lose();
            redial(wire).ended(false, world.nowMs);
        }
    }

    void crashed(SimNode node) {
        List.copyOf(wires).stream().filter(wire -> wire.touches(node)).forEach(this::end);
    }

    boolean cut(SimNode one, SimNode other) {
        return cuts.contains(pair(one, other));
    }

    private static Pair pair(SimNode one, SimNode other) {
        return new Pair(Math.min(one.index, other.index), Math.max(one.index, other.index));
    }

    /** Nothing gets from one to the other any more, and nobody is told; or it does again. */
    boolean toggle(SimNode one, SimNode other) {
        boolean cut = cuts.add(pair(one, other));
        if (!cut) {
            cuts.remove(pair(one, other));
            boolean both = knowsAlone(one, other) && knowsAlone(other, one);
            if (both && (feeds(one, other) || feeds(other, one))) {
                world.races.count(Races.Race.RELAY_CUT_WITH_KILLS_ON_BOTH_SIDES);
            } else if (both && one.relay.isEmpty() && other.relay.isEmpty()) {
                world.races.count(Races.Race.HEALED_WITH_KILLS_ON_BOTH_SIDES);
            }
        }
        return cut;
    }

    private static boolean feeds(SimNode upstream, SimNode relay) {
        return relay.relay.isPresent() && relay.relay.get().upstream == upstream;
    }

    /** Of kills that the ledger has released, whoever knows that says nothing, and passes nothing on. */
    private boolean knowsAlone(SimNode one, SimNode other) {
        for (StandingKill known :
                PeerInput.Offered.of(one.waitingOn, one.pending).standing().values()) {
            KillId kill = known.id();
            String signer = known.signed().kill().node();
            if (!world.nodes.stream().allMatch(node -> node.knows(signer))) {
                // Whoever can't verify it doesn't pass it on either.
                continue;
            }
            boolean here =
                    other.pending.containsKey(kill) || other.waitingOn.marks().covers(kill);
            if (!here && world.nodes.stream().noneMatch(node -> node.knowsReleased(kill))) {
                return true;
            }
        }
        return false;
    }

    /** Heals it, but for one cut that leaves a way round. */
    void healButOne() {
        List<Pair> between = cuts.stream()
                .filter(pair -> world.nodes.get(pair.one).relay.isEmpty()
                        && world.nodes.get(pair.other).relay.isEmpty())
                .toList();
        cuts.clear();
        if (world.ledgerNodes.size() > 2 && !between.isEmpty()) {
            cuts.add(between.getLast());
        }
    }

    void heal() {
        cuts.clear();
    }

    /** What is on the way arrives, up to so many frames in each direction. */
    void exchange(PeerWire wire, int most) {
        if (cut(wire.dialling.node, wire.accepting.node)) {
            return;
        }
        wire.accepting.deliver(most);
        wire.dialling.deliver(most);
        wire.accepting.node.drain();
        wire.dialling.node.drain();
        wire.dialling.node.relay.filter(relay -> relay.nudged).ifPresent(SimRelay::follow);
    }

    void exchangeAll() {
        for (int i = 0; i < 4; i++) {
            for (PeerWire wire : List.copyOf(wires)) {
                exchange(wire, Integer.MAX_VALUE);
            }
        }
    }

    /** Whether every node knows what any of them knows, and nothing is on the way. */
    boolean agree() {
        List<SimNode> joined = world.nodes.stream().filter(SimNode::joined).toList();
        for (SimNode one : joined) {
            for (SimNode other : joined) {
                if (knowsAlone(one, other)) {
                    return false;
                }
            }
        }
        return true;
    }
}
