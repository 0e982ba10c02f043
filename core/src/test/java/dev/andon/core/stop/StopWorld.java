package dev.andon.core.stop;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.model.Origin;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.stream.Frame;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A small world in which everything that can happen is one of {@link #actions}: nodes that take kills, journal, settle,
 * fold, save and crash; a ledger whose answers get lost or late; clients that move between the nodes. Checks after every
 * action what must always hold, and on demand what must hold once all is well again.
 */
final class StopWorld {
    private static final String ENVIRONMENT = "production";
    private static final String LEDGER = "0123456789abcdef0123456789abcdef";
    private static final Instant AT = Instant.parse("2026-11-22T14:03:00Z");
    private static final long TICK_MS = 10_000;
    private static final int MAX_HEALING = 200;

    /** One thing that can happen now. */
    record Action(String name, Run run) {}

    interface Run {
        void on(StopWorld world);
    }

    private final Map<String, SignedKill> signatures;
    private final List<NodeState> nodes = new ArrayList<>();
    private final List<ClientState> clients = new ArrayList<>();
    private final StopLedger ledger;
    private final List<KillId> settled = new ArrayList<>();
    private final Set<KillId> restored = new TreeSet<>();
    private final Set<KillId> promised = new TreeSet<>();
    private final List<StopEffect.Append> late = new ArrayList<>();
    private final Budget budget;

    /** Whether kills are aimed at a tag, that flags get and lose. */
    private final boolean tags;

    StopWorld(int nodeCount, int clientCount, Budget budget) {
        this.signatures = new HashMap<>();
        this.budget = budget;
        this.tags = budget.edits > 0;
        ImageDelta delta =
                new ImageDelta(Image.EMPTY).apply(1, new Event.EnvironmentSaved(new Environment(ENVIRONMENT, "")));
        StopFlags.create(ENVIRONMENT).forEach(event -> delta.apply(1, event));
        for (int i = 0; i < nodeCount; i++) {
            delta.apply(1, new Event.NodeSaved(new Node("n" + i, "")));
        }
        Image first = delta.build(new Provenance(LEDGER, 1, 1));
        ledger = new StopLedger(first);
        for (int i = 0; i < nodeCount; i++) {
            NodeState node = new NodeState(i);
            node.image = first;
            node.saved = first;
            nodes.add(node);
            start(node);
        }
        for (int i = 0; i < clientCount; i++) {
            ClientState client = new ClientState();
            clients.add(client);
            connect(client, i % nodeCount);
        }
    }

    private StopWorld(StopWorld other) {
        signatures = other.signatures;
        budget = other.budget.copy();
        tags = other.tags;
        other.nodes.forEach(node -> nodes.add(node.copy()));
        other.clients.forEach(client -> clients.add(client.copy()));
        ledger = other.ledger.copy();
        settled.addAll(other.settled);
        restored.addAll(other.restored);
        promised.addAll(other.promised);
        late.addAll(other.late);
    }

    StopWorld copy() {
        return new StopWorld(this);
    }

    List<Action> actions() {
        List<Action> actions = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            addNodeActions(i, actions);
        }
        for (int i = 0; i < clients.size(); i++) {
            addClientActions(i, actions);
        }
        if (budget.edits > 0) {
            for (String flag : StopFlags.KEYS) {
                actions.add(new Action(flag + " gets or loses its tag", world -> world.edit(flag)));
            }
        }
        for (int i = 0; i < late.size(); i++) {
            int which = i;
            actions.add(new Action("late append arrives", world -> world.write(world.late.remove(which))));
        }
        return actions;
    }

    private void addNodeActions(int i, List<Action> actions) {
        NodeState node = nodes.get(i);
        String name = "n" + i;
        if (budget.orders > 0) {
            actions.add(new Action(name + " is ordered to kill", world -> {
                world.budget.orders--;
                world.order(world.nodes.get(i), true);
            }));
            if (tags) {
                actions.add(new Action(name + " is ordered to kill more than can be listed", world -> {
                    world.budget.orders--;
                    world.order(world.nodes.get(i), false);
                }));
            }
        }
        if (budget.restores > 0
                && node.image.equals(head())
                && !standing(head()).isEmpty()) {
            actions.add(new Action(name + " restores", world -> {
                world.budget.restores--;
                world.restore();
            }));
        }
        if (!node.writes.isEmpty()) {
            actions.add(new Action(name + " journals", world -> world.journal(world.nodes.get(i))));
            if (budget.faults > 0) {
                actions.add(new Action(name + " fails to journal", world -> world.journalFails(i, false)));
                actions.add(new Action(name + " journals and doesn't know it", world -> world.journalFails(i, true)));
            }
        }
        if (node.append != null) {
            actions.add(new Action(name + " appends", world -> world.append(world.nodes.get(i))));
            if (budget.faults > 0) {
                actions.add(new Action(name + " fails to append", world -> world.appendFails(i, Fate.NEVER)));
                actions.add(
                        new Action(name + " appends and doesn't know it", world -> world.appendFails(i, Fate.DONE)));
                actions.add(new Action(name + " appends later", world -> world.appendFails(i, Fate.LATER)));
            }
        }
        if (node.image.provenance().version() < head().provenance().version()) {
            actions.add(new Action(name + " folds", world -> world.fold(world.nodes.get(i))));
        }
        if (!node.image.equals(node.saved)) {
            actions.add(new Action(name + " saves its image", world -> world.save(world.nodes.get(i))));
        }
        if ((node.append == null && !node.machine.pending().isEmpty()) || !node.writes.isEmpty()) {
            actions.add(new Action(name + " waits", world -> world.tick(world.nodes.get(i))));
        }
        if (budget.crashes > 0) {
            actions.add(new Action(name + " crashes", world -> world.crash(i, false, false)));
            if (node.append != null) {
                actions.add(
                        new Action(name + " crashes, its append arrives later", world -> world.crash(i, false, true)));
            }
            if (!node.writes.isEmpty()) {
                actions.add(
                        new Action(name + " crashes right after journalling", world -> world.crash(i, true, false)));
            }
        }
    }

    private void addClientActions(int i, List<Action> actions) {
        ClientState client = clients.get(i);
        if (!client.inbox.isEmpty()) {
            actions.add(new Action("c" + i + " receives", world -> world.deliver(world.clients.get(i))));
        }
        for (int n = 0; n < nodes.size(); n++) {
            int to = n;
            boolean free = client.node < 0;
            if (free || (budget.moves > 0 && client.node != n)) {
                actions.add(new Action("c" + i + " goes to n" + n, world -> {
                    world.budget.moves -= free ? 0 : 1;
                    world.connect(world.clients.get(i), to);
                }));
            }
        }
    }

    private enum Fate {
        NEVER,
        DONE,
        LATER
    }

    private void start(NodeState node) {
        String name = String.format("%02x%06x", 0xa0 + node.index, node.incarnation);
        node.machine = new StopMachine(
                "n" + node.index,
                name,
                StopLimits.DEFAULT,
                this::sign,
                (kill, by) -> kill.kill().node().equals(by.id()),
                node.image,
                node.journal.values());
        node.sent.clear();
        carryOut(node, node.machine.start(node.nowMs));
    }

    private SignedKill sign(Kill kill) {
        return signatures.computeIfAbsent(kill.toJson().text(), body -> new SignedKill(body, "signed", kill));
    }

    private void order(NodeState node, boolean listed) {
        Target target = tags ? StopFlags.TAG : new Target.OneFlag("checkout");
        Set<String> resolved = StopFlags.matching(node.image, target);
        KillOrder order = new KillOrder(
                ENVIRONMENT,
                target,
                listed ? new TreeSet<>(resolved) : new TreeSet<>(),
                Optional.empty(),
                List.of(),
                List.of(),
                "because",
                "someone",
                Origin.HUMAN,
                Optional.empty(),
                new Kill.Resolved(1, node.image.provenance().version(), listed));
        step(node, new StopInput.Ordered(1, order, AT));
    }

    private void edit(String key) {
        budget.edits--;
        boolean tagged = StopFlags.TAG.matches(head().flags().get(key).value());
        ledger.extend(List.of(new Event.FlagSaved(StopFlags.flag(key, !tagged))));
    }

    private void restore() {
        List<Event> events = new ArrayList<>();
        for (StandingKill kill : standing(head())) {
            events.add(new Event.KillRestored(ENVIRONMENT, kill.id()));
            restored.add(kill.id());
        }
        ledger.extend(events);
    }

    private void journal(NodeState node) {
        SignedKill kill = node.writes.remove(0);
        node.journal.put(kill.id(), kill);
        step(node, new StopInput.Journalled(kill.id()));
    }

    private void journalFails(int i, boolean written) {
        budget.faults--;
        NodeState node = nodes.get(i);
        SignedKill kill = node.writes.remove(0);
        if (written) {
            node.journal.put(kill.id(), kill);
        }
        step(node, new StopInput.JournalFailed(kill.id(), "fault"));
    }

    private void append(NodeState node) {
        StopEffect.Append append = node.append;
        node.append = null;
        if (!write(append)) {
            step(node, new StopInput.Conflicted());
            return;
        }
        foldTo(node, head());
        step(node, new StopInput.Appended(head().provenance().version()));
    }

    private void appendFails(int i, Fate fate) {
        budget.faults--;
        NodeState node = nodes.get(i);
        StopEffect.Append append = node.append;
        node.append = null;
        switch (fate) {
            case NEVER -> {}
            case DONE -> write(append);
            case LATER -> late.add(append);
        }
        step(node, new StopInput.AppendFailed("fault"));
    }

    /** Compare-and-set, as a ledger does it. */
    private boolean write(StopEffect.Append append) {
        if (!append.at().equals(head().provenance())) {
            return false;
        }
        for (StandingKill kill : ledger.complete(append.kills())) {
            settled.add(kill.id());
            ledger.extend(SettleEntry.of(kill).events());
        }
        return true;
    }

    private void fold(NodeState node) {
        foldTo(node, ledger.at(node.image.provenance().version() + 1));
    }

    private void foldTo(NodeState node, Image image) {
        node.image = image;
        step(node, new StopInput.Folded(image));
        for (ClientState client : clients) {
            if (client.node == node.index) {
                client.inbox.removeIf(Frame.Snapshot.class::isInstance);
                client.inbox.add(snapshot(node));
            }
        }
    }

    private void save(NodeState node) {
        node.saved = node.image;
        step(node, new StopInput.Saved(node.saved));
    }

    private void tick(NodeState node) {
        node.nowMs += TICK_MS;
        step(node, new StopInput.Tick());
    }

    private void crash(int i, boolean justJournalled, boolean appendIsLate) {
        budget.crashes--;
        NodeState node = nodes.get(i);
        if (justJournalled) {
            SignedKill kill = node.writes.get(0);
            node.journal.put(kill.id(), kill);
        }
        node.writes.clear();
        if (appendIsLate) {
            late.add(node.append);
        }
        node.append = null;
        for (ClientState client : clients) {
            if (client.node == i) {
                client.node = -1;
                client.inbox.clear();
            }
        }
        node.image = node.saved;
        node.incarnation++;
        start(node);
        step(node, new StopInput.Saved(node.saved));
    }

    private void connect(ClientState client, int to) {
        client.node = to;
        client.inbox.clear();
        NodeState node = nodes.get(to);
        List<SignedKill> carried =
                client.state.carried().stream().map(StandingKill::signed).toList();
        if (!carried.isEmpty()) {
            step(node, new StopInput.Carried(carried));
        }
        client.inbox.add(snapshot(node));
    }

    private void deliver(ClientState client) {
        Frame frame = client.inbox.remove(0);
        client.state = frame instanceof Frame.Kills kills
                ? client.state.apply(kills).next()
                : client.state.apply((Frame.Snapshot) frame).next();
        client.state.standing().forEach(kill -> client.obeyed.add(kill.id()));
    }

    private static Frame.Snapshot snapshot(NodeState node) {
        EnvironmentImage environment = node.image.environment(ENVIRONMENT).orElseThrow();
        return new Frame.Snapshot(
                provenance(node),
                environment.digest().toString(),
                node.image.events(environment),
                List.copyOf(node.machine.pending().values()));
    }

    private static Provenance provenance(NodeState node) {
        return node.image
                .provenance()
                .at(node.image.environment(ENVIRONMENT).orElseThrow().version());
    }

    private void step(NodeState node, StopInput input) {
        carryOut(node, node.machine.step(input, node.nowMs));
    }

    private void carryOut(NodeState node, List<StopEffect> effects) {
        for (StopEffect effect : effects) {
            if (effect instanceof StopEffect.Write write) {
                node.writes.add(write.kill());
            } else if (effect instanceof StopEffect.Send send) {
                send(node, send.kills());
            } else if (effect instanceof StopEffect.Answer answer) {
                StopEffect.Reply.Stands stands = (StopEffect.Reply.Stands) answer.reply();
                check(known(node, stands.kill().id()), "an answer speaks of a kill that doesn't stand");
                if (stands.durable()) {
                    promised.add(stands.kill().id());
                }
            } else if (effect instanceof StopEffect.Append append) {
                check(node.append == null, "two appends at a time");
                for (StandingKill kill : append.kills()) {
                    check(node.sent.contains(kill.id()), "the store is touched before kill " + kill.id() + " was sent");
                }
                node.append = append;
            } else if (effect instanceof StopEffect.Forget forget) {
                for (KillId kill : forget.kills()) {
                    check(
                            node.saved.marks().covers(kill),
                            "forgotten in the journal, but not covered on disk: " + kill);
                    node.journal.remove(kill);
                }
            } else if (effect instanceof StopEffect.Unverified found) {
                throw new AssertionError("unverified: " + found.why());
            }
        }
    }

    private boolean known(NodeState node, KillId kill) {
        return node.machine.pending().containsKey(kill)
                || standing(node.image).stream()
                        .anyMatch(standing -> standing.id().equals(kill));
    }

    private void send(NodeState node, List<StandingKill> kills) {
        kills.forEach(kill -> node.sent.add(kill.id()));
        for (ClientState client : clients) {
            if (client.node == node.index) {
                client.inbox.add(new Frame.Kills(kills, provenance(node)));
            }
        }
    }

    private Image head() {
        return ledger.head();
    }

    private static List<StandingKill> standing(Image image) {
        return image.environment(ENVIRONMENT).orElseThrow().kills().values().stream()
                .map(Versioned::value)
                .toList();
    }

    /** What holds in every state. */
    void checkAlways() {
        check(settled.stream().distinct().count() == settled.size(), "settled twice: " + settled);
        for (ClientState client : clients) {
            Set<KillId> stands = new TreeSet<>();
            for (StandingKill kill : client.state.standing()) {
                stands.add(kill.id());
                if (client.state.hasImage()) {
                    checkHeld(kill, client.state.image(), "a client");
                }
            }
            for (KillId kill : client.obeyed) {
                check(stands.contains(kill) || restored.contains(kill), "a client dropped " + kill + " by itself");
                boolean knowsRestored = client.state.image().marks().covers(kill)
                        && standing(client.state.image()).stream()
                                .noneMatch(one -> one.id().equals(kill));
                check(!(knowsRestored && stands.contains(kill)), "a restored kill came back: " + kill);
            }
        }
        for (NodeState node : nodes) {
            for (StandingKill kill : node.machine.pending().values()) {
                check(!node.image.marks().covers(kill.id()), "pending although settled: " + kill.id());
                checkHeld(kill, node.image, "a node");
            }
            standing(node.image).forEach(kill -> checkHeld(kill, node.image, "a node's image"));
        }
        standing(head()).forEach(this::checkLedgerHolds);
        for (KillId kill : promised) {
            boolean somewhere =
                    head().marks().covers(kill) || nodes.stream().anyMatch(node -> node.journal.containsKey(kill));
            check(somewhere, "called durable, but nowhere to be found: " + kill);
        }
    }

    /**
     * What has matched a kill since it was taken, and until now, the ledger's image of it holds: also what came to match while
     * the kill was on its way, whoever settled it.
     */
    private void checkLedgerHolds(StandingKill standing) {
        Kill kill = standing.signed().kill();
        long taken = kill.resolved().version();
        for (Image then : ledger.since(taken)) {
            for (String flag : StopFlags.matching(then, kill.target())) {
                check(
                        standing.holds(head(), flag),
                        "the ledger let " + flag + " go, which came to match " + kill.id() + " in version "
                                + then.provenance().version());
            }
        }
    }

    /** What a kill resolved to when it was taken, it holds wherever it is known, whatever became of the tags. */
    private void checkHeld(StandingKill standing, Image image, String who) {
        Kill kill = standing.signed().kill();
        Image then = ledger.at(kill.resolved().version());
        for (String flag : StopFlags.matching(then, kill.target())) {
            check(standing.holds(image, flag), who + " let " + flag + " go, which " + kill.id() + " held");
        }
    }

    /** Lets everything go well until nothing happens any more, and checks what must have come of it. */
    void checkHealed() {
        int rounds = 0;
        String before = "";
        while (!before.equals(fingerprint())) {
            check(rounds++ < MAX_HEALING, "it never comes to rest");
            before = fingerprint();
            heal();
        }
        Set<KillId> stands = new TreeSet<>();
        standing(head()).forEach(kill -> stands.add(kill.id()));
        for (KillId kill : promised) {
            check(head().marks().covers(kill), "called durable, but never settled: " + kill);
        }
        for (ClientState client : clients) {
            for (KillId kill : client.obeyed) {
                check(head().marks().covers(kill), "a client obeyed it, but it never settled: " + kill);
            }
            Set<KillId> obeyed = new TreeSet<>();
            client.state.standing().forEach(kill -> obeyed.add(kill.id()));
            check(obeyed.equals(stands), "a client obeys " + obeyed + ", the ledger says " + stands);
        }
        for (NodeState node : nodes) {
            check(
                    node.machine.pending().isEmpty(),
                    "still pending: " + node.machine.pending().keySet());
            check(node.journal.isEmpty(), "still in the journal: " + node.journal.keySet());
        }
        check(java.util.Collections.disjoint(stands, restored), "restored, and stands in the ledger");
    }

    private void heal() {
        while (!late.isEmpty()) {
            write(late.remove(0));
        }
        for (NodeState node : nodes) {
            while (!node.writes.isEmpty()) {
                journal(node);
            }
            if (node.append != null) {
                append(node);
            }
            while (node.image.provenance().version() < head().provenance().version()) {
                fold(node);
            }
            if (node.append == null && !node.machine.pending().isEmpty()) {
                tick(node);
            }
            if (!node.saved.equals(node.image)) {
                save(node);
            }
        }
        for (ClientState client : clients) {
            if (client.node < 0) {
                connect(client, 0);
            }
            while (!client.inbox.isEmpty()) {
                deliver(client);
            }
        }
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** Equal texts: the same may happen from now on, and the same must hold. */
    String fingerprint() {
        StringBuilder text = new StringBuilder(512);
        nodes.forEach(node -> text.append(node.fingerprint()).append('\n'));
        clients.forEach(client -> text.append(client.fingerprint()).append('\n'));
        late.forEach(append -> text.append(NodeState.fingerprint(append)));
        standing(head()).forEach(kill -> text.append(kill.flags()));
        // What must hold depends on what the flags have been.
        ledger.since(1).forEach(then -> text.append(StopFlags.matching(then, StopFlags.TAG)));
        return text.append(settled)
                .append(restored)
                .append(promised)
                .append(head().provenance().version())
                .append(budget)
                .toString();
    }
}
