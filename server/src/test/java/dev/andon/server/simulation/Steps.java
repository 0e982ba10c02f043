package dev.andon.server.simulation;

import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Target;
import dev.andon.core.stop.StopEffect;
import dev.andon.core.stream.Frame;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** One thing that happens after the other, each by a die of its own, so that leaving one out leaves the others as they are. */
final class Steps {
    private final World world;
    private RandomGenerator random;
    private Changes changes;
    private Optional<Asked> asked = Optional.empty();
    private String told = "";

    /** The version that all histories begin with. */
    private long begun;

    /** The last kill that was asked for. */
    private record Asked(
            String request,
            Target target,
            Optional<Condition> audience,
            List<String> services,
            List<String> regions,
            boolean listed) {}

    Steps(World world, RandomGenerator random) {
        this.world = world;
        this.random = random;
        this.changes = new Changes(random);
    }

    /** Flags and segments to begin with. */
    void begin() {
        Commands commands = world.nodes.getFirst().commands;
        commands.saveSegment(changes.segment("s0"));
        commands.saveSegment(changes.segment("s1"));
        commands.saveSegment(changes.segment("s2"));
        for (int i = 0; i < Changes.FLAGS - 3; i++) {
            String key = "f" + i;
            commands.create(changes.flag(key), changes.configuration(key, world.model.now()));
        }
        world.nodes.forEach(SimNode::drain);
        begun = world.model.head();
    }

    /** What happened last, in words. */
    String told() {
        return told;
    }

    private boolean chance(int of) {
        return random.nextInt(of) == 0;
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    void step(RandomGenerator die, int number) {
        random = die;
        changes = new Changes(die);
        told = "nothing";
        int what = random.nextInt(100);
        if (what < 38) {
            command(number);
        } else if (what < 55) {
            network();
        } else if (what < 62) {
            peers();
        } else if (what < 85) {
            work();
        } else if (what < 90) {
            clients();
        } else if (what < 96) {
            faults();
        } else {
            pass();
        }
        for (SimNode node : world.nodes) {
            if (node.up && !chance(8)) {
                node.drain();
            }
        }
        for (PeerWire wire : List.copyOf(world.peers.wires())) {
            if (random.nextInt(8) < world.peers.pace) {
                world.peers.exchange(wire, chance(3) ? 1 : 20);
            }
        }
    }

    private Optional<SimNode> node() {
        List<SimNode> up = world.nodes.stream().filter(node -> node.up).toList();
        return up.isEmpty() ? Optional.empty() : Optional.of(one(up));
    }

    private void command(int number) {
        Optional<SimNode> some = node();
        if (some.isEmpty()) {
            return;
        }
        SimNode node = some.get();
        boolean kills = node.relay.isPresent() && chance(3);
        if (node.relay.isPresent() && !kills && !chance(8)) {
            List<SimNode> up = world.ledgerNodes.stream().filter(one -> one.up).toList();
            node = up.isEmpty() ? node : one(up);
        }
        Commands commands = node.commands;
        Model.State state = World.state(node.image());
        int what = random.nextInt(30);
        if (kills) {
            kill(node, commands, number);
        } else if (what < 8) {
            edit(node, commands, state);
        } else if (what < 11) {
            configure(node, commands, state);
        } else if (what < 12) {
            tell(node + " archives a flag");
            commands.archive(changes.flagKey());
        } else if (what < 14) {
            String key = changes.segmentKey();
            tell(node + " saves segment " + key);
            commands.saveSegment(changes.segment(key));
        } else if (what < 15) {
            tell(node + " deletes a segment");
            commands.deleteSegment(changes.segmentKey());
        } else if (what < 22) {
            kill(node, commands, number);
        } else if (what < 26) {
            restore(node, commands);
        } else {
            rollBack(node, commands);
        }
    }

    private void tell(String what) {
        told = what;
    }

    private void edit(SimNode node, Commands commands, Model.State state) {
        String key = changes.flagKey();
        Flag flag = state.flags().get(key);
        if (flag == null) {
            tell(node + " creates " + key);
            commands.create(changes.flag(key), changes.configuration(key, state));
        } else {
            Flag edited = changes.edited(flag);
            tell(node + " edits " + key + ": " + edited.tags() + ", " + edited.owner() + ", " + edited.kind());
            commands.edit(edited);
        }
    }

    private void configure(SimNode node, Commands commands, Model.State state) {
        String key = changes.flagKey();
        Configuration old = state.configurations().get(key);
        boolean switches = old != null && random.nextBoolean();
        tell(node + (switches ? " switches " : " configures ") + key);
        commands.configure(key, switches ? Changes.switched(old) : changes.configuration(key, state));
    }

    private void kill(SimNode node, Commands commands, int number) {
        Asked wanted = new Asked(
                "r" + number,
                changes.target(),
                changes.audience(),
                changes.some(World.SERVICES),
                changes.some(World.REGIONS),
                !chance(8));
        Asked next = chance(10) ? asked.orElse(wanted) : wanted;
        asked = Optional.of(next);
        tell(node + " kills " + next.target().label() + " by request " + next.request());
        commands.kill(next.target(), next.audience(), next.services(), next.regions(), next.request(), next.listed());
    }

    private void restore(SimNode node, Commands commands) {
        List<KillId> standing = new ArrayList<>();
        for (KillTruth kill : world.model.kills()) {
            if (kill.restoredAt == 0) {
                standing.add(kill.id);
            }
        }
        if (standing.isEmpty()) {
            return;
        }
        KillTruth kill = world.model.kill(one(standing));
        boolean byTarget = random.nextBoolean();
        tell(node + " restores " + (byTarget ? kill.target.label() : kill));
        commands.restore(kill.id, kill.target, byTarget);
    }

    private void rollBack(SimNode node, Commands commands) {
        long newest = node.version();
        long to = 2 + random.nextLong(newest);
        SortedSet<String> flags = new TreeSet<>();
        SortedSet<String> segments = new TreeSet<>();
        if (!chance(3)) {
            flags.add(changes.flagKey());
            if (chance(3)) {
                flags.add(changes.flagKey());
            }
            if (chance(4)) {
                segments.add(changes.segmentKey());
            }
        }
        Optional<Instant> time = chance(3) && to <= newest && to <= world.model.head()
                ? Optional.of(world.model.stamp(to).plusMillis(random.nextInt(5)))
                : Optional.empty();
        Intent.Rollback rollback = new Intent.Rollback(
                flags,
                segments,
                !flags.isEmpty() && random.nextBoolean(),
                time.isPresent() ? OptionalLong.empty() : OptionalLong.of(to),
                time,
                newest);
        tell(node + " rolls back " + (rollback.whole() ? "everything" : flags + " " + segments) + " to " + to);
        commands.rollBack(rollback);
    }

    /** What is on the wire arrives. */
    private void network() {
        List<Wire> wires = world.wires();
        if (wires.isEmpty()) {
            return;
        }
        Wire wire = one(wires);
        int most = chance(3) ? 1 : 20;
        switch (random.nextInt(12)) {
            case 0 -> {
                tell("the wire from " + wire.node + " to " + wire.client + " is full");
                wire.fill();
            }
            case 1, 2, 3 -> {
                tell(wire.node + " hears of " + wire.client);
                wire.deliverUp(most);
            }
            case 4, 5, 6 -> {
                tell(wire.client + " hears of " + wire.node);
                wire.client.deliver(wire, most);
            }
            default -> {
                tell(wire.client + " and " + wire.node + " hear of each other");
                wire.deliverUp(most);
                wire.node.drain();
                wire.client.deliver(wire, most);
                wire.deliverUp(most);
            }
        }
        if (wire.full && wire.down.isEmpty() && !wire.closing) {
            wire.drained();
        }
    }

    /** What nodes say to each other arrives, or doesn't. */
    private void peers() {
        int what = random.nextInt(16);
        SimNode one = one(world.nodes);
        SimNode other = one.relay
                .map(relay -> relay.upstream)
                .orElseGet(() -> world.ledgerNodes.get(
                        (one.index + 1 + random.nextInt(world.ledgerNodes.size() - 1)) % world.ledgerNodes.size()));
        List<PeerWire> wires = world.peers.wires();
        if (what < 3) {
            boolean cut = world.peers.toggle(one, other);
            tell(one + " and " + other + (cut ? " don't reach each other" : " reach each other again"));
        } else if (wires.isEmpty()) {
            tell("nodes have nothing to say to each other");
        } else if (what < 4) {
            PeerWire wire = one(wires);
            tell("the wire " + wire + " breaks");
            world.peers.end(wire);
        } else if (what < 7) {
            disturb(one(wires));
        } else {
            PeerWire wire = one(wires);
            tell(wire + " exchange what is on the way");
            world.peers.exchange(wire, chance(3) ? 1 : 20);
        }
    }

    /** No connection does that; whoever bears it bears anything that one can do. */
    private void disturb(PeerWire wire) {
        List<Frame> frames = one(wire.ends()).incoming;
        if (frames.isEmpty()) {
            tell("nothing is on the way between " + wire);
            return;
        }
        world.races.count(Races.Race.FRAME_LOST_DOUBLED_OR_OVERTAKEN);
        int at = random.nextInt(frames.size());
        switch (random.nextInt(3)) {
            case 0 -> {
                tell("a frame between " + wire + " is lost");
                frames.remove(at);
            }
            case 1 -> {
                tell("a frame between " + wire + " comes twice");
                frames.add(frames.get(at));
            }
            default -> {
                tell("a frame between " + wire + " is overtaken");
                frames.add(frames.remove(at));
            }
        }
    }

    /** A node's threads get on. */
    private void work() {
        Optional<SimNode> some = node();
        if (some.isEmpty()) {
            return;
        }
        SimNode node = some.get();
        int what = random.nextInt(12);
        if (what < 4 && !node.journalTasks.isEmpty()) {
            journal(node);
        } else if (what < 6 && !node.journalAnswers.isEmpty()) {
            tell(node + " hears of its journal");
            node.hearOfJournal();
        } else if (what < 8 && !node.settles.isEmpty()) {
            settle(node);
        } else if (what < 10) {
            tell(node + " catches up");
            node.readOn();
        } else if (what < 11) {
            tell(node + " saves its image of version " + node.version());
            node.save();
        } else {
            tell(node + " does all that waits");
            workOff(node);
        }
    }

    private void journal(SimNode node) {
        boolean fails = chance(8) && node.journalTasks.peek() instanceof StopEffect.Write;
        boolean written = random.nextBoolean();
        tell(node + " journals" + (fails ? ", and fails, " + (written ? "though it is written" : "") : ""));
        if (fails) {
            world.races.count(Races.Race.JOURNAL_FAILED);
        }
        node.journal(fails, written);
        if (random.nextBoolean()) {
            node.hearOfJournal();
        }
    }

    private void settle(SimNode node) {
        StoreLink.Fate fate = chance(4) ? one(List.of(StoreLink.Fate.values())) : StoreLink.Fate.TAKEN;
        tell(node + " settles: " + fate);
        node.settle(fate);
    }

    static void workOff(SimNode node) {
        node.drain();
        while (!node.journalTasks.isEmpty() || !node.journalAnswers.isEmpty()) {
            if (!node.journalTasks.isEmpty()) {
                node.journal(false, true);
            }
            node.hearOfJournal();
        }
        node.readOn();
        node.drain();
        if (!node.settles.isEmpty()) {
            node.settle(StoreLink.Fate.TAKEN);
            node.drain();
        }
    }

    private void clients() {
        SimClient client = one(world.clients);
        if (!client.up) {
            tell(client + " starts");
            client.start();
        } else if (chance(3)) {
            tell(client + " crashes");
            world.races.count(Races.Race.CLIENT_RESTARTED);
            client.crash();
            if (random.nextBoolean()) {
                client.losePower(random);
            }
        } else {
            client.home = random.nextInt(world.nodes.size());
            tell(client + " moves to " + world.nodes.get(client.home));
            world.races.count(Races.Race.CLIENT_MOVED);
            client.disconnect();
        }
        world.savesAreQuick = !chance(3);
    }

    private void faults() {
        SimNode node = one(world.nodes);
        if (!node.up) {
            tell(node + " starts");
            world.notice();
            node.start(node.reachesStore() && random.nextBoolean());
            return;
        }
        if (world.forks && chance(8)) {
            fork();
            return;
        }
        boolean elsewhere = node.relay
                .filter(relay -> relay.upstream.relay.isEmpty() && chance(3))
                .isPresent();
        if (elsewhere) {
            SimRelay relay = node.relay.get();
            relay.upstream = one(world.ledgerNodes);
            tell("at the address of " + node + "'s upstream, " + relay.upstream + " answers");
            return;
        }
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> {
                boolean late = chance(3);
                tell(node + " crashes" + (late ? ", and its append is late" : ""));
                world.crash(node, late);
                if (random.nextBoolean()) {
                    node.losePower(random);
                }
                if (!chance(3)) {
                    node.start(node.reachesStore() && random.nextBoolean());
                }
            }
            case 3 -> {
                node.store.down = !node.store.down;
                told(node, "out of reach", node.store.down);
            }
            case 4 -> {
                node.store.hangs = !node.store.hangs;
                told(node, "hanging", node.store.hangs);
            }
            case 5 -> {
                node.store.failsIn = 1 + random.nextInt(4);
                tell("a call of " + node + "'s store will fail");
            }
            case 6 -> {
                node.store.nextAppend = one(List.of(StoreLink.Fate.values()));
                tell("the next append of " + node + ": " + node.store.nextAppend);
            }
            default -> {
                if (!world.late.isEmpty()) {
                    tell("a late append arrives");
                    world.arrive(one(world.late));
                } else {
                    world.nodes.forEach(other -> other.store.heal());
                    tell("the store is well for all");
                }
            }
        }
    }

    /** The ledger loses its newest entries, of which some node has seen some. */
    private void fork() {
        if (world.lossUnnoticed()) {
            world.notice();
            tell("somebody notices that the ledger has lost versions");
            return;
        }
        List<SimNode> ahead = world.ledgerNodes.stream()
                .filter(node -> node.up && node.store.reachable())
                .filter(node -> node.image().provenance().epoch() == world.model.epoch && node.version() > begun)
                .toList();
        if (ahead.isEmpty()) {
            return;
        }
        SimNode first = one(ahead);
        boolean imageAtStake = chance(2);
        if (imageAtStake) {
            // From here on, the file of its image alone has the kills that have settled.
            workOff(first);
            first.save();
            workOff(first);
        }
        long head = world.model.head();
        int fewest = (int) (head - first.version() + 1);
        int most = (int) Math.min(head - begun, fewest + 7L);
        int lost = fewest + random.nextInt(Math.max(1, most - fewest + 1));
        boolean breaks = random.nextBoolean();
        tell("the ledger loses its newest " + lost + " versions, which " + first + " notices"
                + (breaks ? " when it asks again" : " sooner or later"));
        world.lose(lost, first, breaks);
        if (imageAtStake && breaks) {
            world.notice();
            first.drain();
            first.save();
            tell(told + ", saves what there is instead and crashes");
            world.crash(first, false);
            first.start(false);
        }
    }

    private void told(SimNode node, String how, boolean is) {
        if (is) {
            world.races.count(Races.Race.STORE_LOST);
        }
        tell("the store is " + (is ? "" : "no longer ") + how + " for " + node);
    }

    private void pass() {
        long ms = chance(4) ? 3_000 + random.nextInt(10_000) : 50 + random.nextInt(500);
        tell(ms + " ms go by");
        world.pass(ms);
    }
}
