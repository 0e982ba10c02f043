package dev.andon.server.simulation;

import static dev.andon.server.simulation.Violation.unless;

import dev.andon.core.evaluate.Place;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.image.Image;
import dev.andon.core.image.Provenance;
import dev.andon.core.model.KillId;
import dev.andon.core.stream.Changes;
import dev.andon.core.stream.ClientLink;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.HeldState;
import dev.andon.core.stream.LinkEffect;
import dev.andon.core.stream.LinkInput;
import dev.andon.core.stream.LinkSettings;
import dev.andon.core.stream.ServerInput;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** A process with an SDK: the production's link and rulesets, what is on its disk, and its wires. */
final class SimClient {
    private static final LinkSettings SETTINGS =
            LinkSettings.DEFAULT.withWebSocketFailures(Integer.MAX_VALUE).withReportMs(60_000);

    private static final String STATE = "state";
    private static final Saved NOTHING = new Saved(HeldState.EMPTY.encode(), Map.of());

    final int index;
    final World world;
    final ClientLink.Identity identity;
    final Place place;
    private final long seed;

    /** The node that its next connection leads to. */
    int home;

    boolean up;
    private int starts;
    ClientLink link;
    HeldState inForce = HeldState.EMPTY;
    Ruleset ruleset = Ruleset.EMPTY;
    final Map<Long, Wire> wires = new LinkedHashMap<>();
    private final Deque<LinkInput> inputs = new ArrayDeque<>();
    private Optional<LinkEffect.PutInForce> lateToApply = Optional.empty();

    /** The flags that this process has seen each kill hold, of those that it knows. */
    final Map<KillId, Set<String>> seen = new TreeMap<>();

    /** The node that heard of it last. */
    private SimNode lastAt;

    /** On disk. */
    private final SimDisk<String, Saved> disk = new SimDisk<>();

    private boolean saved;

    /** @param seen what it had seen kills hold by then */
    private record Saved(byte[] state, Map<KillId, Set<String>> seen) {}

    SimClient(World world, int index, ClientLink.Identity identity, int home, long seed) {
        this.world = world;
        this.index = index;
        this.identity = identity;
        this.place = Place.of(identity.service(), identity.region().orElse(""));
        this.home = home;
        this.seed = seed;
    }

    void start() {
        up = true;
        unless(
                !saved || disk.read(STATE).isPresent(),
                "STOP-ANYWHERE",
                this + " had a state on its disk, and starts with none");
        Saved file = disk.read(STATE).orElse(NOTHING);
        HeldState loaded = HeldState.decode(file.state());
        link = new ClientLink(identity, SETTINGS, loaded, new Random(seed + ++starts));
        ruleset = Ruleset.EMPTY;
        inForce = HeldState.EMPTY;
        seen.clear();
        file.seen().forEach((kill, flags) -> seen.put(kill, new HashSet<>(flags)));
        put(loaded, Set.of(), Changes.NONE);
        step(new LinkInput.Start());
    }

    void crash() {
        up = false;
        List.copyOf(wires.values()).forEach(wire -> {
            wires.remove(wire.id);
            wire.step(new ServerInput.Closed());
        });
        inputs.clear();
        lateToApply = Optional.empty();
    }

    void step(LinkInput input) {
        inputs.add(input);
        while (up && !inputs.isEmpty()) {
            carryOut(link.step(inputs.poll(), world.nowMs));
        }
    }

    void tick() {
        if (world.nowMs >= link.deadlineMs()) {
            step(new LinkInput.Tick());
        }
    }

    private void carryOut(List<LinkEffect> effects) {
        for (LinkEffect effect : effects) {
            carryOut(effect);
        }
        lateToApply.ifPresent(late -> put(late.state(), late.blind(), late.changes()));
        lateToApply = Optional.empty();
    }

    private void carryOut(LinkEffect effect) {
        if (effect instanceof LinkEffect.Open open) {
            open(open.connection());
        } else if (effect instanceof LinkEffect.Send send) {
            send(send.connection(), send.frame());
        } else if (effect instanceof LinkEffect.Ack ack) {
            world.promises.acknowledging(this, ack);
            send(ack.connection(), new Frame.Ack(ack.state(), ack.pending(), 0));
        } else if (effect instanceof LinkEffect.PutInForce put) {
            if (world.has(Fault.ACK_BEFORE_APPLY)) {
                lateToApply = Optional.of(put);
            } else {
                put(put.state(), put.blind(), put.changes());
            }
        } else if (effect instanceof LinkEffect.Save save) {
            if (world.savesAreQuick) {
                save(save.state());
            }
        } else if (effect instanceof LinkEffect.Disconnect disconnect) {
            Wire wire = wires.remove(disconnect.connection());
            if (wire != null) {
                wire.step(new ServerInput.Closed());
            }
        } else if (effect instanceof LinkEffect.Warn warn) {
            world.note(this + " warns: " + warn.text());
        }
    }

    /** As SDKs save: the new file's content is synced before it takes the old one's name, and that isn't. */
    private void save(HeldState state) {
        Map<KillId, Set<String>> held = new TreeMap<>();
        seen.forEach((kill, flags) -> held.put(kill, new HashSet<>(flags)));
        // by the time of the next one, the system has written the last one
        disk.sync();
        saved |= disk.read(STATE).isPresent();
        disk.write(STATE, new Saved(state.encode(), held), !world.has(Fault.CLIENT_FILE_NOT_SYNCED));
    }

    /** Its machine ended with it. */
    void losePower(RandomGenerator random) {
        boolean lost = disk.losePower(random);
        world.races.count(lost ? Races.Race.UNSYNCED_LOST : Races.Race.POWER_LOST);
    }

    private void open(long connection) {
        SimNode node = world.nodes.get(home);
        if (!node.up) {
            inputs.add(new LinkInput.Closed(connection, new LinkInput.Unreachable("down")));
            return;
        }
        wires.put(connection, new Wire(connection, this, node));
        inputs.add(new LinkInput.Opened(connection));
    }

    private void send(long connection, Frame frame) {
        Wire wire = wires.get(connection);
        if (wire != null) {
            Frame given = frame instanceof Frame.Hello hello ? planted(hello) : frame;
            wire.up.add(FrameCodec.decode(FrameCodec.encode(given), FrameCodec.FROM_CLIENT));
        }
    }

    private Frame planted(Frame.Hello hello) {
        return new Frame.Hello(
                hello.protocol(),
                hello.sdk(),
                hello.service(),
                hello.instance(),
                hello.region(),
                world.has(Fault.CLIENT_GOES_BACK) ? Optional.empty() : hello.has(),
                world.has(Fault.CLIENT_KEEPS_KILLS_TO_ITSELF) ? List.of() : hello.carried());
    }

    /** Takes what has arrived on a wire, up to so many frames. */
    void deliver(Wire wire, int most) {
        for (int i = 0; i < most && !wire.down.isEmpty() && wires.containsKey(wire.id); i++) {
            Frame frame = world.decoded(wire.down.poll());
            step(new LinkInput.Received(wire.id, frame));
            if (frame instanceof Frame.Snapshot snapshot && world.has(Fault.CLIENT_GOES_BACK)) {
                put(HeldState.EMPTY.apply(snapshot).next(), Set.of(), Changes.NONE);
            }
            if (up && wires.containsKey(wire.id)) {
                world.promises.delivered(this, frame);
            }
        }
        if (wire.closing && wire.down.isEmpty() && wires.remove(wire.id) != null) {
            step(new LinkInput.Closed(wire.id, new LinkInput.Lost("closed")));
        }
    }

    /** A node is about to hear who this is and what it has. */
    void arrived(SimNode node, Frame.Hello hello) {
        Optional<Provenance> has = hello.has().map(Frame.Held::provenance);
        Provenance newest = node.feeds.offer().orElseThrow().newest().provenance();
        if (has.isPresent() && lastAt != null && node != lastAt) {
            if (has.get().equals(newest)) {
                world.races.count(Races.Race.CLIENT_MOVED_AT_EQUAL_VERSIONS);
            } else if (newest.olderThan(has.get())) {
                world.races.count(Races.Race.NODE_BEHIND);
            }
        }
        lastAt = node;
    }

    /** The wires break. */
    void disconnect() {
        for (Wire wire : List.copyOf(wires.values())) {
            wires.remove(wire.id);
            wire.step(new ServerInput.Closed());
            step(new LinkInput.Closed(wire.id, new LinkInput.Lost("broken")));
        }
    }

    private void put(HeldState state, Set<String> blind, Changes changes) {
        HeldState before = inForce;
        inForce = state;
        ruleset = ruleset(state.image(), changes)
                .withKills(world.has(Fault.CLIENT_FORGETS_CARRIED) ? List.of() : state.carried())
                .withBlind(blind);
        world.promises.put(this, before);
    }

    /** As the SDK goes from one image to the next. */
    private Ruleset ruleset(Image image, Changes changes) {
        String environment = image.environments().keySet().stream().findFirst().orElse("");
        return environment.equals(ruleset.environment())
                ? ruleset.advance(image, changes.direct())
                : Ruleset.of(image, environment, place);
    }

    long version() {
        return inForce.image().provenance().version();
    }

    @Override
    public String toString() {
        return "c" + index;
    }
}
