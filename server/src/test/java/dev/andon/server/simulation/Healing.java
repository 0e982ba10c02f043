package dev.andon.server.simulation;

import static dev.andon.server.simulation.Violation.unless;

import dev.andon.core.image.StandingKill;
import dev.andon.core.model.KillId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Lets all be well again, in two stages, and checks what must have come of it. */
record Healing(World world) {
    /** Within which everybody has everything and all is settled, once all is well. */
    private static final int MAX_ROUNDS = 24;

    private static final long ROUND_MS = 2_500;

    /** Within which nodes know what any of them knows, once they reach each other: a minute between repeats at most, and a link. */
    private static final int AGREED_ROUNDS = 30;

    /** With the store as it is: every client obeys what its node knows. */
    void withoutStore() {
        for (SimNode node : world.nodes) {
            if (!node.up) {
                node.start(false);
            }
        }
        world.peers.healButOne();
        for (int i = 0; i < 12 || !world.peers.agree(); i++) {
            unless(
                    i < AGREED_ROUNDS,
                    "STOP-ANYWHERE",
                    "a kill that a node knows doesn't get to another one, to which there is a way");
            for (SimNode node : world.nodes) {
                node.drain();
                journal(node);
            }
            exchange();
            world.peers.exchangeAll();
            world.pass(ROUND_MS);
        }
        for (SimNode node : world.nodes) {
            node.drain();
            journal(node);
        }
        exchange();
        for (SimClient client : world.clients) {
            SimNode node = world.nodes.get(client.home);
            Set<KillId> obeyed = obeyed(client);
            for (KillId kill : node.pending.keySet()) {
                unless(
                        obeyed.contains(kill) || world.model(client).kill(kill).restoredIn(client.version()),
                        "STOP-ANYWHERE",
                        client + " doesn't obey " + kill + ", which " + node + " knows");
            }
            for (StandingKill kill : client.inForce.carried()) {
                boolean known = node.pending.containsKey(kill.id())
                        || node.image().marks().covers(kill.id())
                        || !node.knows(kill.signed().kill().node());
                unless(known, "STOP-ANYWHERE", client + " carries " + kill.id() + ", and " + node + " doesn't know it");
            }
        }
    }

    /** With the store back: everybody knows everything, and it is all settled. */
    void whole() {
        world.nodes.forEach(node -> node.store.heal());
        world.peers.heal();
        while (!world.late.isEmpty()) {
            world.arrive(world.late.getFirst());
        }
        for (int rounds = 0; ; rounds++) {
            unless(rounds < MAX_ROUNDS, "LIVENESS", "it never comes to rest: " + restless());
            for (SimNode node : world.nodes) {
                Steps.workOff(node);
                journal(node);
                if (!node.savedAt().equals(node.image().provenance())) {
                    node.save();
                    node.drain();
                    journal(node);
                }
            }
            exchange();
            world.peers.exchangeAll();
            if (restless().isEmpty()) {
                break;
            }
            world.pass(ROUND_MS);
        }
        check();
    }

    private static void journal(SimNode node) {
        while (!node.journalTasks.isEmpty() || !node.journalAnswers.isEmpty()) {
            if (!node.journalTasks.isEmpty()) {
                node.journal(false, true);
            }
            node.hearOfJournal();
        }
    }

    private void exchange() {
        for (SimClient client : world.clients) {
            if (!client.up) {
                client.start();
            }
        }
        for (Wire wire : world.wires()) {
            if (wire.full) {
                wire.drained();
            }
            wire.deliverUp(Integer.MAX_VALUE);
            wire.node.drain();
            wire.client.deliver(wire, Integer.MAX_VALUE);
            wire.deliverUp(Integer.MAX_VALUE);
            wire.node.drain();
        }
    }

    /** Who isn't at rest, and in what state they are. */
    private List<String> restless() {
        long head = world.model.head();
        long newest =
                world.image(head).environment(World.ENVIRONMENT).orElseThrow().version();
        List<String> restless = new ArrayList<>();
        for (SimNode node : world.nodes) {
            if (node.version() < head
                    || node.image().provenance().epoch() != world.model.epoch
                    || !node.pending.isEmpty()
                    || !node.settles.isEmpty()
                    || !node.inputs.isEmpty()
                    || !node.journal.isEmpty()) {
                restless.add(node + " at " + node.image().provenance() + " with " + node.pending.keySet()
                        + " on their way, " + node.journal.seen().keySet() + " in the journal");
            }
        }
        for (SimClient client : world.clients) {
            boolean quiet = client.wires.values().stream().allMatch(wire -> wire.up.isEmpty() && wire.down.isEmpty());
            if (client.version() != newest || !client.inForce.carriedIds().isEmpty() || !quiet) {
                restless.add(client + " at " + client.inForce + " for version " + newest);
            }
        }
        return restless;
    }

    private void check() {
        Set<KillId> stands = new TreeSet<>();
        for (KillTruth kill : world.model.kills()) {
            unless(
                    !world.promised(kill.id) || kill.settledAt != 0,
                    "DURABLE",
                    kill + " was called durable, and never settled");
            if (kill.stoodIn(world.model.head())) {
                stands.add(kill.id);
            }
        }
        for (SimClient client : world.clients) {
            unless(
                    obeyed(client).equals(stands),
                    "STOP-WINS",
                    client + " obeys " + obeyed(client) + ", and the ledger says " + stands);
            unless(
                    client.wires.values().stream().allMatch(wire -> wire.upToDate),
                    "PROOF",
                    "nobody hears that " + client + " has applied all");
        }
    }

    private static Set<KillId> obeyed(SimClient client) {
        Set<KillId> obeyed = new TreeSet<>();
        client.inForce.standing().forEach(kill -> obeyed.add(kill.id()));
        return obeyed;
    }
}
