package dev.andon.server.simulation;

import static dev.andon.server.simulation.Violation.unless;

import dev.andon.core.model.KillId;
import java.util.Set;
import java.util.TreeSet;

/** Lets all be well again, in two stages, and checks what must have come of it. */
record Healing(World world) {
    private static final int MAX_ROUNDS = 100;
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
                        obeyed.contains(kill) || world.model.kill(kill).restoredIn(client.version()),
                        "STOP-ANYWHERE",
                        client + " doesn't obey " + kill + ", which " + node + " knows");
            }
            for (KillId kill : client.inForce.carriedIds()) {
                boolean known =
                        node.pending.containsKey(kill) || node.image().marks().covers(kill);
                unless(known, "STOP-ANYWHERE", client + " carries " + kill + ", and " + node + " doesn't know it");
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
            unless(rounds < MAX_ROUNDS, "LIVENESS", "it never comes to rest");
            for (SimNode node : world.nodes) {
                Steps.workOff(node);
                journal(node);
                if (node.saved.position().version() < node.version()) {
                    node.save();
                    node.drain();
                    journal(node);
                }
            }
            exchange();
            world.peers.exchangeAll();
            if (atRest()) {
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

    private boolean atRest() {
        long head = world.model.head();
        long newest =
                world.image(head).environment(World.ENVIRONMENT).orElseThrow().version();
        for (SimNode node : world.nodes) {
            if (node.version() < head
                    || !node.pending.isEmpty()
                    || !node.settles.isEmpty()
                    || !node.inputs.isEmpty()
                    || !node.journal.isEmpty()) {
                return false;
            }
        }
        return world.clients.stream()
                .allMatch(client -> client.version() == newest
                        && client.inForce.carriedIds().isEmpty()
                        && client.wires.values().stream().allMatch(wire -> wire.up.isEmpty() && wire.down.isEmpty()));
    }

    private void check() {
        Set<KillId> stands = new TreeSet<>();
        for (KillTruth kill : world.model.kills()) {
            unless(!kill.promised || kill.settledAt != 0, "DURABLE", kill + " was called durable, and never settled");
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
