package dev.andon.server.simulation;

import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import dev.andon.core.stream.PeerInput;
import dev.andon.core.stream.PeerProof;
import dev.andon.core.stream.Redial;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** The network between nodes: who is linked to whom, where it is cut, and what it does to frames. */
final class PeerNet {
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

    /** Nodes dial what they have no connection to, when it is time. */
    private void dial() {
        for (SimNode from : world.nodes) {
            for (SimNode to : world.nodes) {
                if (from == to || !from.up) {
                    continue;
                }
                Redial redial = redials.computeIfAbsent(
                        new Pair(from.index, to.index), pair -> new Redial(random, world.nowMs));
                if (redial.due(world.nowMs)) {
                    redial.dialled();
                    if (to.up && !cut(from, to)) {
                        PeerWire wire = new PeerWire(world, from, to);
                        wires.add(wire);
                        wire.start();
                    } else {
                        redial.ended(false, world.nowMs);
                    }
                }
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
            redials.get(new Pair(end.node.index, end.other().node.index)).linked();
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
            if (origin != end.other().node && cut(origin, to)) {
                world.races.count(Races.Race.KILL_GOES_ROUND_A_CUT);
            }
        }
        to.carried(kills);
    }

    void end(PeerWire wire) {
        if (wires.remove(wire)) {
            wire.lose();
            Redial redial = redials.get(new Pair(wire.dialling.node.index, wire.accepting.node.index));
            redial.ended(false, world.nowMs);
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
            if (both) {
                world.races.count(Races.Race.HEALED_WITH_KILLS_ON_BOTH_SIDES);
            }
        }
        return cut;
    }

    /** Of kills that the ledger has released, whoever knows that says nothing. */
    private boolean knowsAlone(SimNode one, SimNode other) {
        for (KillId kill :
                PeerInput.Offered.of(one.waitingOn, one.pending).standing().keySet()) {
            boolean here =
                    other.pending.containsKey(kill) || other.waitingOn.marks().covers(kill);
            // One that a history released that was lost stands again as soon as the ledger says so.
            if (!here && !world.model.everRestored(kill)) {
                return true;
            }
        }
        return false;
    }

    /** Heals it, but for one cut that leaves a way round. */
    void healButOne() {
        while (cuts.size() > (world.nodes.size() > 2 ? 1 : 0)) {
            cuts.remove(cuts.iterator().next());
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
        for (SimNode one : world.nodes) {
            for (SimNode other : world.nodes) {
                if (knowsAlone(one, other)) {
                    return false;
                }
            }
        }
        return true;
    }
}
