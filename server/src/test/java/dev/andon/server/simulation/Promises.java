package dev.andon.server.simulation;

import static dev.andon.server.simulation.Violation.unless;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import dev.andon.core.stop.StopEffect;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.HeldState;
import dev.andon.core.stream.LinkEffect;
import dev.andon.core.stream.PeerInput;
import dev.andon.core.stream.ServerEffect;
import dev.andon.server.node.Publication;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Holds what the production's parts do against the model, at the moment at which they do it. Named as in the README: what
 * isn't there is named after what it is about.
 */
final class Promises {
    private final World world;
    private final Map<String, Ordered> orders = new HashMap<>();
    private final Served served = new Served();

    /** What somebody wanted stopped, and the version of the image on which its node resolved it. */
    record Ordered(KillTruth truth, String actor, String reason) {}

    Promises(World world) {
        this.world = world;
    }

    private Model model() {
        return world.model;
    }

    void ordered(SimNode node, String request, Ordered order) {
        orders.put(key(request, node, order.truth().resolvedAt), order);
    }

    /** A repeat at a node that doesn't know of the first is an order of its own. */
    private static String key(String request, SimNode node, long version) {
        return request + " " + node + " " + version;
    }

    /** A node writes a kill to its journal: one that it was ordered to, or that a client brought. */
    void taken(SimNode node, SignedKill signed) {
        KillTruth truth = model().kills().stream()
                .filter(kill -> kill.id.equals(signed.id()))
                .findFirst()
                .orElseGet(() -> numbered(node, signed.kill()));
        Set<String> seen = node.seen.computeIfAbsent(truth.id, id -> new TreeSet<>());
        if (truth.listed) {
            seen.addAll(truth.matched(truth.then));
        }
    }

    private KillTruth numbered(SimNode node, Kill kill) {
        Ordered order =
                orders.get(key(kill.request().orElse(""), node, kill.resolved().version()));
        unless(order != null, "ON-RECORD", kill.id() + " was given to " + node + ", and nobody ordered it");
        KillTruth wanted = order.truth();
        unless(
                kill.target().equals(wanted.target)
                        && kill.services().equals(wanted.services)
                        && kill.regions().equals(wanted.regions)
                        && kill.audience().isPresent() == wanted.audience.isPresent()
                        && kill.actor().equals(order.actor())
                        && kill.reason().equals(order.reason())
                        && kill.node().equals(node.id)
                        && kill.resolved().version() == wanted.resolvedAt,
                "ON-RECORD",
                kill + " isn't what was ordered");
        world.races.count(Races.Race.KILLED);
        if (node.relay.isPresent()) {
            world.races.count(Races.Race.KILLED_AT_RELAY);
        }
        world.taken(wanted.numbered(kill.id()));
        return model().kill(kill.id());
    }

    /** What the ledger has lost meanwhile stands again as soon as the kill path is told of it, which is held at the end of a history. */
    void answered(SimNode node, StopEffect.Reply reply) {
        if (reply instanceof StopEffect.Reply.Stands stands) {
            KillId id = stands.kill().id();
            unless(
                    node.pending.containsKey(id) || node.waitingOn.marks().covers(id),
                    "STOP-ANYWHERE",
                    node + " says that " + id + " stands, and it doesn't");
            if (stands.durable()) {
                model().promise(id);
            }
        }
    }

    /** A node asks for kills to be appended. */
    void settling(SimNode node, List<StandingKill> kills) {
        for (StandingKill kill : kills) {
            unless(node.sent.contains(kill.id()), "ONE-PATH", node + " settles " + kill.id() + " before it sent it");
        }
    }

    /** The kill path of a node took a step. */
    void stepped(SimNode node) {
        Model model = world.model(node.machineAt);
        long version = node.machineAt.version();
        node.seen.forEach((id, flags) -> {
            KillTruth kill = model.kill(id);
            if (kill.countsIn(version) && !kill.settledIn(version)) {
                flags.addAll(kill.matched(model.at(version)));
            }
        });
        // In another history it may come back, and goes the whole way again.
        node.seen.keySet().removeIf(id -> model.kill(id).settledIn(version) && !node.pending.containsKey(id));
        node.sent.retainAll(node.seen.keySet());
        if (node.machineAt.equals(node.image().provenance())) {
            checkKnown(node);
        }
    }

    /** A node knows what it knew, and holds what it has seen it hold, unless the ledger released it. */
    private void checkKnown(SimNode node) {
        Model model = world.model(node.machineAt);
        long version = node.machineAt.version();
        Model.State state = model.at(version);
        Set<KillId> over = new TreeSet<>();
        node.seen.forEach((id, flags) -> {
            KillTruth kill = model.kill(id);
            StandingKill pending = node.pending.get(id);
            if (kill.settledIn(version)) {
                unless(pending == null, "START-BY-LEDGER", id + " is settled, and pending on " + node);
                over.add(id);
            } else if (node.sent.contains(id)) {
                unless(pending != null, "START-BY-LEDGER", node + " has forgotten " + kill);
                checkHeld(model, kill, flags, pending, node.image(), version, state, node.id);
            }
        });
        over.forEach(node.seen::remove);
        for (KillId id : node.journal.seen().keySet()) {
            boolean onItsWay = node.seen.containsKey(id) && !node.sent.contains(id);
            unless(
                    onItsWay
                            || !node.sending
                            || node.forgets(id)
                            || node.pending.containsKey(id)
                            || node.waitingOn.marks().covers(id),
                    "START-BY-LEDGER",
                    node + " has " + id
                            + " in its journal, where it comes back with the next start, and doesn't stand by it");
        }
        unless(node.seen.keySet().containsAll(node.pending.keySet()), "NOT-FORGED", node + " stops by itself");
    }

    private void checkHeld(
            Model model,
            KillTruth kill,
            Set<String> seen,
            StandingKill standing,
            Image image,
            long version,
            Model.State state,
            String who) {
        for (String flag : state.configurations().keySet()) {
            boolean holds = standing.holds(image, flag);
            unless(holds || !seen.contains(flag), "HOLDS", who + " let go of " + flag + ", which " + kill + " held");
            boolean may = world.model.epoch > MemoryLedger.FIRST_EPOCH
                    || kill.mayHold(flag, model.head(), model.edited(flag))
                    || (version < kill.resolvedAt && kill.matches(state.flags().get(flag)));
            unless(may || !holds, "HOLDS", who + " has " + kill + " hold " + flag + ", which never matched it");
        }
    }

    /** A node's ledger thread has a new image. */
    void folded(SimNode node, Publication publication) {
        Image before = publication.before();
        boolean continues = before.provenance().equals(Provenance.NONE)
                || before.provenance().epoch()
                        == publication.after().provenance().epoch();
        boolean stands = before.environments().containsKey(World.ENVIRONMENT)
                && !before.environment(World.ENVIRONMENT).orElseThrow().kills().isEmpty();
        if (!continues && (stands || !node.pending.isEmpty())) {
            world.races.count(Races.Race.EPOCH_CHANGED_UNDER_KILL);
        }
        unless(
                node.image().equals(world.image(node.image().provenance())),
                "ONE-FOLD",
                node + " has another image of version " + node.version());
    }

    /** A node has started from its disk. */
    void restarted(SimNode node) {
        for (KillId id : node.everJournalled) {
            unless(
                    node.pending.containsKey(id) || node.image().marks().covers(id) || model().everRestored(id),
                    "DURABLE",
                    node + " had " + id + " in its journal, and it doesn't stand after a restart");
        }
        for (StandingKill kill : node.pending.values()) {
            taken(node, kill.signed());
        }
        stepped(node);
    }

    /** What must be there when a node's process ends. */
    void crashing(SimNode node) {
        boolean journalledAlone = node.journal.seen().keySet().stream()
                .anyMatch(id -> node.seen.containsKey(id) && !node.sent.contains(id));
        boolean pending = node.pending.keySet().stream().anyMatch(id -> model().kill(id).settledAt == 0);
        if (journalledAlone) {
            world.races.count(Races.Race.RESTART_BETWEEN_JOURNAL_AND_BROADCAST);
        }
        if (pending) {
            world.races.count(Races.Race.RESTART_BETWEEN_BROADCAST_AND_SETTLING);
        }
        if (node.savedAt().olderThan(node.image().provenance())) {
            world.races.count(Races.Race.OLD_IMAGE_ON_DISK);
        }
    }

    /** The entry says who, why, what before and what after. */
    void recorded(Intent.Pending pending, Entry entry, Map<String, Long> changed) {
        boolean settles = pending.intent() instanceof Intent.Settle;
        unless(entry.type().equals(pending.intent().type()), "ON-RECORD", "it is called " + entry.type());
        unless(!entry.reason().isBlank() && !entry.actor().isBlank(), "ON-RECORD", "it has no actor or reason");
        for (Event event : entry.events()) {
            Long before = settles ? null : changed.get(event.subject());
            unless(
                    Objects.equals(entry.previous().get(event.subject()), before),
                    "ON-RECORD",
                    event.subject() + " was last changed in " + before + ", and the entry says "
                            + entry.previous().get(event.subject()));
        }
    }

    /** What an entry meets when it comes, for the counts. */
    void met(Intent.Pending pending) {
        Races races = world.races;
        Model.State state = model().now();
        long head = model().head();
        switch (pending.intent()) {
            case Intent.Edit edit -> {
                races.count(Races.Race.EDITED);
                String flag = edit.flag().key();
                Flag before = state.flags().get(flag);
                for (KillTruth kill : model().kills()) {
                    boolean drops = kill.matches(before) && !kill.matches(edit.flag());
                    if (drops && kill.stoodIn(head)) {
                        races.count(Races.Race.TAG_DROPPED_UNDER_STANDING_KILL);
                    } else if (drops && kill.settledAt == 0) {
                        races.count(Races.Race.TAG_DROPPED_UNDER_PENDING_KILL);
                        if (!kill.matches(kill.then.flags().getOrDefault(flag, edit.flag()))) {
                            races.count(Races.Race.MATCHED_FOR_A_WHILE_WHILE_PENDING);
                        }
                    }
                }
            }
            case Intent.Rollback ignored -> {
                races.count(Races.Race.ROLLED_BACK);
                boolean over = model().kills().stream()
                        .filter(kill -> !kill.restoredIn(head))
                        .anyMatch(kill -> !kill.held(head, state).isEmpty());
                if (over) {
                    races.count(Races.Race.ROLLBACK_OVER_KILL);
                }
            }
            case Intent.Restore ignored -> {
                races.count(Races.Race.RESTORED);
                boolean elsewhere = world.nodes.stream()
                        .filter(node -> node.index != pending.node())
                        .flatMap(node -> node.pending.keySet().stream())
                        .anyMatch(id -> model().kill(id).settledAt == 0
                                && !pending.known().containsKey(id));
                if (elsewhere) {
                    races.count(Races.Race.RESTORE_WHILE_PENDING_ELSEWHERE);
                }
            }
            case Intent.Join ignored -> races.count(Races.Race.RELAY_JOINED);
            default -> {}
        }
    }

    /** The ledger has one more entry: what the production makes of it is what the model says. */
    void written(Image image) {
        long head = model().head();
        Model.State state = model().now();
        Model.State found = World.state(image);
        unless(found.flags().equals(state.flags()), "ONE-FOLD", "flags: " + found.flags() + " for " + state.flags());
        unless(
                found.configurations().equals(state.configurations()),
                "ONE-FOLD",
                "configurations: " + found.configurations() + " for " + state.configurations());
        unless(found.segments().equals(state.segments()), "ONE-FOLD", "segments: " + found.segments());
        Map<KillId, Versioned<StandingKill>> standing =
                image.environment(World.ENVIRONMENT).orElseThrow().kills();
        for (KillTruth kill : model().kills()) {
            Versioned<StandingKill> there = standing.get(kill.id);
            unless((there != null) == kill.stoodIn(head), "START-BY-LEDGER", kill + " stands: " + (there != null));
            unless(
                    image.marks().covers(kill.id) == kill.settledIn(head),
                    "START-BY-LEDGER",
                    kill + " is marked as settled: " + !kill.settledIn(head));
            if (there != null) {
                checkHolds(kill, there.value(), image, state);
            }
        }
        unless(standing.keySet().stream().allMatch(id -> model().kill(id).stoodIn(head)), "NOT-FORGED", "" + standing);
    }

    private void checkHolds(KillTruth kill, StandingKill standing, Image image, Model.State state) {
        Set<String> held = kill.held(model().head(), state);
        Set<String> holds = new TreeSet<>();
        for (String flag : state.configurations().keySet()) {
            if (standing.holds(image, flag)) {
                holds.add(flag);
            }
        }
        long head = model().head();
        boolean few = holds.stream().allMatch(flag -> kill.mayHold(flag, head, model().edited(flag)));
        unless(
                few && holds.containsAll(held),
                "HOLDS",
                "in the ledger, " + kill + " of version " + kill.resolvedAt + " holds " + holds + ", and matched "
                        + held);
    }

    /** A client is about to say that it has put something in force. */
    void acknowledging(SimClient client, LinkEffect.Ack ack) {
        unless(
                client.inForce.held().equals(ack.state())
                        && client.inForce.carriedIds().equals(ack.pending()),
                "PROOF",
                client + " acknowledges " + ack.state().provenance() + " with " + ack.pending() + ", and has "
                        + client.inForce);
    }

    /** A node takes an ack for one of all that it has sent. */
    void acked(Wire wire, ServerEffect.Acked acked) {
        if (!acked.upToDate() || !wire.client.wires.containsValue(wire)) {
            return;
        }
        Set<KillId> standing = ids(wire.client.inForce);
        for (KillId id : wire.sent) {
            unless(
                    standing.contains(id)
                            || world.model(wire.client).kill(id).restoredIn(wire.client.version())
                            || (releasedInLostHistory(id) && !wire.node.pending.containsKey(id)),
                    "PROOF",
                    wire.node + " takes " + id + " for applied by " + wire.client);
        }
    }

    /** Whoever saw that goes on without it, until the ledger says that it stands. */
    private boolean releasedInLostHistory(KillId kill) {
        return model().epoch > MemoryLedger.FIRST_EPOCH && model().everRestored(kill);
    }

    /** A node tells another one that it needn't be given kills. */
    void confirmed(SimNode node, List<KillId> kills, PeerInput.Offered told) {
        for (KillId id : kills) {
            unless(
                    told.standing().containsKey(id) || told.settled().covers(id),
                    "PROOF",
                    node + " says to know " + id + ", and it doesn't stand there");
        }
    }

    /** A client took a frame from a wire that it goes on with. */
    void delivered(SimClient client, Frame frame) {
        List<StandingKill> kills = frame instanceof Frame.Kills told
                ? told.kills()
                : frame instanceof Frame.Snapshot snapshot ? snapshot.pending() : List.of();
        Set<KillId> standing = ids(client.inForce);
        for (StandingKill kill : kills) {
            unless(
                    standing.contains(kill.id())
                            || world.model(client).kill(kill.id()).restoredIn(client.version()),
                    "STOP-WINS",
                    client + " was told of " + kill.id() + " and doesn't obey");
        }
    }

    private static Set<KillId> ids(HeldState state) {
        Set<KillId> ids = new TreeSet<>();
        state.standing().forEach(kill -> ids.add(kill.id()));
        return ids;
    }

    /** A client has put a state in force. */
    void put(SimClient client, HeldState before) {
        HeldState state = client.inForce;
        unless(
                !state.image().provenance().olderThan(before.image().provenance()),
                "NEVER-BACK",
                client + " goes from " + before + " to " + state);
        long version = client.version();
        Model model = world.model(client);
        Model.State then = model.at(version);
        Map<KillId, StandingKill> standing = new TreeMap<>();
        state.standing().forEach(kill -> standing.put(kill.id(), kill));
        for (StandingKill kill : standing.values()) {
            KillTruth truth = model.kill(kill.id());
            Set<String> seen = client.seen.computeIfAbsent(kill.id(), id -> new HashSet<>());
            seen.addAll(kill.flags());
            if (truth.listed) {
                seen.addAll(truth.matched(truth.then));
            }
        }
        Set<KillId> over = new TreeSet<>();
        client.seen.forEach((id, flags) -> {
            KillTruth kill = model.kill(id);
            StandingKill there = standing.get(id);
            if (kill.restoredIn(version)) {
                unless(there == null, "START-BY-LEDGER", client + " still obeys " + kill + ", which was restored");
                over.add(id);
                return;
            }
            unless(there != null, "START-BY-LEDGER", client + " has forgotten " + kill);
            if (kill.settledIn(version)) {
                Set<String> held = kill.held(version, then);
                flags.clear();
                flags.addAll(held);
            } else if (kill.countsIn(version)) {
                flags.addAll(kill.matched(then));
            }
            checkHeld(model, kill, flags, there, state.image(), version, then, client.toString());
        });
        over.forEach(client.seen::remove);
        world.races.count(Races.Race.EVALUATED, served.check(client, then, model));
    }

    /** What was said to be durable is somewhere on a disk. */
    void checkDurable() {
        for (KillTruth kill : model().kills()) {
            if (world.promised(kill.id) && kill.settledAt == 0) {
                unless(
                        world.nodes.stream().anyMatch(node -> node.keeps(kill.id)),
                        "DURABLE",
                        kill + " is nowhere to be found");
            }
        }
    }
}
