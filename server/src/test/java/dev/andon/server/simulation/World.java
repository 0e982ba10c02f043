package dev.andon.server.simulation;

import static dev.andon.server.simulation.Violation.unless;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Environment;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.model.Role;
import dev.andon.core.model.Token;
import dev.andon.core.stream.ClientLink;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.ServerInput;
import dev.andon.server.http.InProcess;
import dev.andon.server.node.NodeLogic;
import dev.andon.store.StoredEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** Nodes on one ledger, clients that move between them, what is on the wire, and the time. */
final class World {
    static final String ENVIRONMENT = "production";
    static final Instant START = Instant.parse("2026-11-22T14:00:00Z");
    static final List<String> SERVICES = List.of("shop", "pay");
    static final List<String> REGIONS = List.of("eu", "us");

    private static final List<Integer> PACES = List.of(0, 1, 4, 7);
    private static final int MAX_DECODED = 500;

    /** Calls of the store that may fail before a node sees that the ledger has lost something. */
    private static final int NOTICED_CALLS = 8;

    private final Set<Fault> faults;
    /** How the ledger's history is; by epoch, how it was. */
    Model model = new Model(MemoryLedger.FIRST_EPOCH);

    private final Map<Long, Model> models = new HashMap<>();
    final Races races = new Races();
    final Promises promises = new Promises(this);
    final List<StoreLink.Late> late = new ArrayList<>();
    final MemoryLedger ledger;
    /** Those that have the ledger, and then relays. */
    final List<SimNode> nodes = new ArrayList<>();

    final List<SimNode> ledgerNodes = new ArrayList<>();
    final List<SimClient> clients = new ArrayList<>();
    final PeerNet peers;
    private final Map<Long, List<NodeLogic>> folds = new HashMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private final IdentityHashMap<byte[], Intent.Pending> intents = new IdentityHashMap<>();
    private final IdentityHashMap<byte[], Frame> decoded = new IdentityHashMap<>();
    private final Map<String, Long> changed = new HashMap<>();
    private final StringBuilder notes = new StringBuilder();
    private NodeLogic observed = NodeLogic.empty(MemoryLedger.ID);
    long nowMs = 1_000_000;

    /** Who notices that the ledger has lost entries, if nobody has yet. */
    private Optional<SimNode> notices = Optional.empty();

    /** Whether the ledger may lose its newest entries. */
    final boolean forks;

    /** Whether what clients save gets to their disks. */
    boolean savesAreQuick = true;

    World(Set<Fault> faults, RandomGenerator random) {
        this.faults = faults;
        this.ledger = new MemoryLedger(new MemoryLedger.Written() {
            @Override
            public void on(StoredEntry entry) {
                written(entry);
            }

            @Override
            public void begun(long epoch) {
                epochBegun(epoch);
            }
        });
        models.put(model.epoch, model);
        folds.put(model.epoch, new ArrayList<>(List.of(observed)));
        // Histories that fork leave open more of what kills hold.
        forks = random.nextInt(3) == 0;
        int nodeCount = 2 + random.nextInt(2);
        int relayCount = random.nextInt(3);
        // Where links are slow or none come about, the ledger alone brings nodes together.
        peers = new PeerNet(this, random.nextLong(), PACES.get(random.nextInt(PACES.size())));
        List<Event> first = new ArrayList<>();
        first.add(new Event.EnvironmentSaved(new Environment(ENVIRONMENT, "")));
        for (int i = 0; i < nodeCount; i++) {
            first.add(new Event.NodeSaved(new Node("n" + i, SimNode.KEY)));
        }
        first.add(new Event.TokenSaved(new Token(
                InProcess.TOKEN,
                "relays",
                Role.RELAY,
                Optional.empty(),
                List.of(new Token.Secret(InProcess.SECRET_HASH, Optional.empty())),
                START,
                Optional.empty())));
        byte[] entry =
                new Entry("start", "simulation", START, "begin", Optional.empty(), "c", Map.of(), first).encode();
        intents.put(entry, new Intent.Pending(new Intent.SetUp(), -1, Map.of()));
        ledger.append(ledger.head().position(), List.of(entry));
        for (int i = 0; i < nodeCount; i++) {
            addNode("n" + i, random, Optional.empty());
        }
        ledgerNodes.addAll(nodes);
        for (int i = 0; i < relayCount; i++) {
            boolean below = i > 0 && random.nextBoolean();
            SimNode upstream = below ? nodes.getLast() : nodes.get(random.nextInt(nodeCount));
            SimNode relay = addNode("r" + i, random, Optional.of(upstream));
            if (random.nextInt(4) > 0) {
                relay.relay.orElseThrow().keepJoined();
            }
        }
        int clientCount = 2 + random.nextInt(3);
        for (int i = 0; i < clientCount; i++) {
            Optional<String> region =
                    Optional.of(random.nextInt(3)).filter(r -> r < 2).map(REGIONS::get);
            ClientLink.Identity identity =
                    new ClientLink.Identity("andon-java/sim", SERVICES.get(random.nextInt(2)), "c" + i, region);
            SimClient client = new SimClient(this, i, identity, random.nextInt(nodes.size()), random.nextLong());
            clients.add(client);
            client.start();
        }
    }

    private SimNode addNode(String id, RandomGenerator random, Optional<SimNode> upstream) {
        SimNode node = new SimNode(this, nodes.size(), id, random.nextInt(6_000) - 3_000, upstream);
        nodes.add(node);
        node.start(true);
        node.save();
        return node;
    }

    boolean has(Fault fault) {
        return faults.contains(fault);
    }

    /** A line for whoever reads the history. */
    void note(String line) {
        notes.append("      ").append(line).append(System.lineSeparator());
    }

    String takeNotes() {
        String taken = notes.toString();
        notes.setLength(0);
        return taken;
    }

    /** The image of a version of the history that the ledger has now, as the production folds it. */
    Image image(long version) {
        return folds.get(model.epoch).get((int) version).image();
    }

    /** A node may be in an epoch before what began it: an append that is repeated answers with the epoch as it is by then. */
    Image image(Provenance at) {
        return folds.get(at.epoch()).get((int) at.version()).inEpoch(at.epoch()).image();
    }

    /** What is so in the history that a state belongs to. */
    Model model(Provenance at) {
        return models.getOrDefault(at.epoch(), model);
    }

    Model model(SimNode node) {
        return model(node.image().provenance());
    }

    Model model(SimClient client) {
        return model(client.inForce.image().provenance());
    }

    /**
     * Whether somebody was told that a kill is durable, and nobody has restored it. What only a ledger had that lost it isn't
     * promised.
     */
    boolean promised(KillId kill) {
        boolean lostWithLedger = models.values().stream().anyMatch(one -> one != model && one.kill(kill).settledAt != 0)
                && nodes.stream().noneMatch(node -> node.everJournalled.contains(kill));
        return model.promised(kill) && !lostWithLedger;
    }

    /** A node gave a kill its number. */
    void taken(KillTruth kill) {
        models.values().forEach(one -> one.taken(kill.in(one.epoch)));
    }

    /**
     * The ledger goes on without its newest entries, and connections to it may not break: nobody notices yet. Until one that has folded
     * some of what was lost does, whoever hasn't is kept from the ledger: what such a node wrote would be in the same epoch as what was lost,
     * and no client could tell the two apart.
     *
     * @param first has folded some of what was lost, and notices it at the latest when something keeps it from that
     */
    void lose(int last, SimNode first, boolean breaks) {
        ledger.lose(last);
        notices = Optional.of(first);
        if (breaks) {
            ledgerNodes.forEach(node -> node.store.broken = true);
        } else {
            races.count(Races.Race.LOSS_UNNOTICED);
        }
    }

    /** Whether the ledger has lost entries, and nobody has noticed. */
    boolean lossUnnoticed() {
        return notices.isPresent();
    }

    /** Whether a node doesn't see, from what it has folded, that entries were lost. */
    boolean isBlindToLoss(SimNode node) {
        return notices.isPresent()
                && (node.image().provenance().epoch() != model.epoch
                        || node.version() <= ledger.head().version());
    }

    /** The loss is noticed now, if it wasn't yet. */
    void notice() {
        if (notices.isEmpty()) {
            return;
        }
        SimNode first = notices.get();
        first.store.heal();
        for (int i = 0; i < NOTICED_CALLS && notices.isPresent(); i++) {
            first.catchUp();
        }
        unless(notices.isEmpty(), "EPOCHS", first + " doesn't notice that the ledger has lost what it had folded");
    }

    private void epochBegun(long epoch) {
        notices = Optional.empty();
        int version = (int) ledger.head().version();
        unless(epoch > model.epoch, "EPOCHS", "epoch " + epoch + " comes after " + model.epoch);
        List<NodeLogic> kept = new ArrayList<>(folds.get(model.epoch).subList(0, version));
        observed = folds.get(model.epoch).get(version).inEpoch(epoch);
        kept.add(observed);
        folds.put(epoch, kept);
        model = model.fork(version, epoch);
        models.put(epoch, model);
        entries.subList(version, entries.size()).clear();
        changed.clear();
        for (int i = 0; i < version; i++) {
            remember(entries.get(i), i + 1L);
        }
        note("epoch " + epoch + " begins at version " + version);
    }

    Frame decoded(byte[] frame) {
        if (decoded.size() > MAX_DECODED) {
            decoded.clear();
        }
        return decoded.computeIfAbsent(frame, bytes -> FrameCodec.decode(bytes, FrameCodec.FROM_SERVER));
    }

    /** Whoever is about to append these bytes means this. */
    void intend(byte[] entry, Intent intent, SimNode node) {
        Map<KillId, Set<String>> known = new TreeMap<>();
        Model there = model(node);
        Model.State now = there.at(node.version());
        node.seen.forEach((id, flags) -> {
            if (node.sent.contains(id)) {
                Set<String> held = new TreeSet<>(flags);
                KillTruth kill = there.kill(id);
                if (kill.countsIn(node.version())) {
                    held.addAll(kill.matched(now));
                }
                known.put(id, held);
            }
        });
        for (KillTruth kill : there.kills()) {
            if (kill.stoodIn(node.version())) {
                known.put(kill.id, Set.of());
            }
        }
        intents.put(entry, new Intent.Pending(intent, node.index, known));
    }

    private void written(StoredEntry stored) {
        Intent.Pending pending = intents.get(stored.bytes());
        if (pending == null) {
            throw new Violation("ON-RECORD", "nobody asked for entry " + stored.version());
        }
        NodeLogic.Step step = observed.fold(List.of(stored));
        Entry entry = step.publication().entries().getFirst().entry();
        promises.recorded(pending, entry, changed);
        promises.met(pending);
        observed = step.next();
        folds.get(model.epoch).add(observed);
        entries.add(entry);
        model.written(pending, entry.at(), state(observed.image()));
        note("version " + stored.version() + ": " + pending.intent());
        remember(entry, stored.version());
        promises.written(observed.image());
    }

    private void remember(Entry entry, long version) {
        for (Event event : entry.events()) {
            boolean gone = event instanceof Event.ConfigurationDeleted
                    || event instanceof Event.SegmentDeleted
                    || event instanceof Event.KillRestored;
            if (gone) {
                changed.remove(event.subject());
            } else {
                changed.put(event.subject(), version);
            }
            if (event instanceof Event.FlagSaved saved && saved.flag().archived()) {
                changed.remove(Event.configurationOf(ENVIRONMENT, saved.flag().key()));
            }
        }
    }

    /** What the production holds, in the model's words. */
    static Model.State state(Image image) {
        EnvironmentImage environment = image.environment(ENVIRONMENT).orElseThrow();
        return new Model.State(
                values(image.flags()), values(environment.configurations()), values(environment.segments()));
    }

    private static <T> Map<String, T> values(Map<String, Versioned<T>> versioned) {
        Map<String, T> values = new TreeMap<>();
        versioned.forEach((key, one) -> values.put(key, one.value()));
        return values;
    }

    /** A node has something new for its clients. */
    void offered(SimNode node) {
        node.feeds.offer().ifPresent(offer -> {
            for (SimClient client : clients) {
                for (Wire wire : client.wires.values()) {
                    if (wire.node == node) {
                        wire.step(new ServerInput.Offered(offer));
                    }
                }
            }
        });
    }

    List<Wire> wires() {
        List<Wire> wires = new ArrayList<>();
        clients.forEach(client -> wires.addAll(client.wires.values()));
        return wires;
    }

    void crash(SimNode node, boolean appendIsLate) {
        notice();
        promises.crashing(node);
        node.crash(appendIsLate);
        peers.crashed(node);
        for (SimClient client : clients) {
            if (client.wires.values().stream().anyMatch(wire -> wire.node == node)) {
                client.disconnect();
            }
        }
    }

    /** Time goes by for everybody. */
    void pass(long ms) {
        nowMs += ms;
        for (SimNode node : nodes) {
            if (node.up) {
                node.wake();
                node.relay.ifPresent(SimRelay::keepJoined);
                node.relay.ifPresent(SimRelay::follow);
            }
        }
        peers.tick();
        for (Wire wire : wires()) {
            wire.step(new ServerInput.Tick());
        }
        for (SimClient client : clients) {
            if (client.up) {
                client.tick();
            }
        }
    }

    void arrive(StoreLink.Late append) {
        notice();
        late.remove(append);
        races.count(Races.Race.LATE_APPEND_ARRIVED);
        ledger.append(append.expected(), append.entries());
    }
}
