package dev.andon.server.simulation;

import static dev.andon.server.simulation.Violation.unless;

import dev.andon.core.event.Entry;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Marks;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import dev.andon.core.stop.KillOrder;
import dev.andon.core.stop.StopEffect;
import dev.andon.core.stop.StopInput;
import dev.andon.core.stop.StopLimits;
import dev.andon.core.stop.StopMachine;
import dev.andon.server.delivery.NodeFeeds;
import dev.andon.server.node.NodeLedger;
import dev.andon.server.node.NodeLogic;
import dev.andon.server.node.Publication;
import dev.andon.store.StoreException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * A node: its kill path, its journal's thread and its ledger's thread as queues that are worked off when the simulation
 * says so, and what is on its disk.
 */
final class SimNode {
    private static final int TRIES = 3;
    private static final String IMAGE = "image";
    private static final Saved NOTHING = new Saved(new byte[0], Image.EMPTY);

    static final String KEY = "key";

    final int index;
    final String id;
    final World world;
    final StoreLink store;

    /** Of a relay. */
    final Optional<SimRelay> relay;

    final SimPlane plane;
    final Commands commands;

    /** On disk: what the process leaves behind. */
    final SimDisk<KillId, SignedKill> journal = new SimDisk<>();

    private final SimDisk<String, Saved> images = new SimDisk<>();

    /** An image, and the bytes that it is saved as. */
    private record Saved(byte[] bytes, Image image) {}

    /** All that its kill paths were ever told to be in the journal. */
    final Set<KillId> everJournalled = new TreeSet<>();

    /** How far its clock is ahead of the others'. */
    final long skewMs;

    boolean up;
    private int starts;
    StopMachine machine;
    NodeLedger ledger;
    NodeFeeds feeds;
    private NodeLogic.Settling settling;

    /** The state that the kill path works with. */
    Provenance machineAt = Provenance.NONE;

    final Deque<StopInput> inputs = new ArrayDeque<>();
    final Deque<StopEffect> journalTasks = new ArrayDeque<>();
    final Deque<StopInput> journalAnswers = new ArrayDeque<>();
    final Deque<StopEffect.Append> settles = new ArrayDeque<>();
    Map<KillId, StandingKill> pending = Map.of();
    Image waitingOn = Image.EMPTY;
    Set<KillId> journalled = Set.of();

    /** Kills that this process has sent, and those that it has taken, with the flags that it has seen each of them hold. */
    final Set<KillId> sent = new TreeSet<>();

    final Map<KillId, Set<String>> seen = new TreeMap<>();
    private long wakeAtMs;

    /** Whether its kill path has been made, and whether it has sent what the journal had. */
    private boolean running;

    boolean sending;

    /** @param upstream of a relay */
    SimNode(World world, int index, String id, long skewMs, Optional<SimNode> upstream) {
        this.world = world;
        this.index = index;
        this.id = id;
        this.skewMs = skewMs;
        this.relay = upstream.map(node -> new SimRelay(this, node));
        this.store = relay.map(upstreams -> new StoreLink(upstreams))
                .orElseGet(() -> new StoreLink(
                        world.ledger, world.late, () -> up && ledger != null && world.isBlindToLoss(this)));
        this.plane = new SimPlane(this);
        this.commands = new Commands(this);
    }

    /** Whether what it reads from answers. */
    boolean reachesStore() {
        return store.reachable() && relay.map(SimRelay::reachable).orElse(true);
    }

    /** Whether it and whoever feeds it know each other: one that doesn't is let in once it has read on. */
    boolean joined() {
        return relay.map(one ->
                        one.joined() && knows(one.upstream.id) && one.upstream.knows(id) && one.upstream.joined())
                .orElse(true);
    }

    /** Whether the history that it is in has released a kill. */
    boolean knowsReleased(KillId kill) {
        return waitingOn.marks().covers(kill)
                && !waitingOn
                        .environment(World.ENVIRONMENT)
                        .orElseThrow()
                        .kills()
                        .containsKey(kill);
    }

    boolean knows(String node) {
        return image().nodes().containsKey(node);
    }

    Instant now() {
        return World.START.plusMillis(world.nowMs + skewMs);
    }

    Image image() {
        return ledger.image();
    }

    long version() {
        return ledger.position().version();
    }

    /** @param reached whether the store is asked before the kills of the journal go out */
    void start(boolean reached) {
        up = true;
        relay.ifPresent(SimRelay::starts);
        if (relay.isPresent() && !reachesStore()) {
            world.races.count(Races.Race.RELAY_STARTED_WITHOUT_UPSTREAM);
        }
        boolean anew = relay.isPresent() && reachesStore() && world.has(Fault.RELAY_STARTS_ANEW);
        byte[] file = anew ? NOTHING.bytes() : saved().bytes();
        Provenance had = savedAt();
        ledger = new NodeLedger(store, this::now, () -> world.nowMs * 1_000_000, file, this::published);
        if (image().provenance().equals(Provenance.NONE)) {
            unless(catchUp(), "STARTS", this + " doesn't get its first image");
        }
        unless(
                !image().provenance().olderThan(had),
                "NEVER-BACK",
                this + " had " + had + " on its disk and starts before it");
        machineAt = image().provenance();
        settling = new NodeLogic.Settling(store);
        if (!world.has(Fault.JOURNAL_NOT_SYNCED)) {
            journal.sync();
        }
        machine = new StopMachine(
                id,
                String.format("%02x%010x", index, ++starts),
                StopLimits.DEFAULT,
                SimNode::sign,
                (kill, by) ->
                        kill.signature().equals(by.id()) && kill.kill().node().equals(by.id()),
                image(),
                List.copyOf(journal.seen().values()));
        feeds = new NodeFeeds(World.ENVIRONMENT, () -> world.offered(this));
        feeds.publish(ledger.known());
        running = true;
        inputs.add(new StopInput.Saved(image()));
        if (reached) {
            catchUp();
        }
        drain();
        carryOut(machine.start(world.nowMs));
        sending = true;
        world.promises.restarted(this);
    }

    private static SignedKill sign(Kill kill) {
        return new SignedKill(kill.toJson().text(), kill.node(), kill);
    }

    /** @param appendIsLate whether an append that it had asked for gets to the ledger yet */
    void crash(boolean appendIsLate) {
        if (appendIsLate && relay.isEmpty() && !settles.isEmpty()) {
            settle(StoreLink.Fate.LATE);
        }
        up = false;
        running = false;
        sending = false;
        inputs.clear();
        journalTasks.clear();
        journalAnswers.clear();
        settles.clear();
        sent.clear();
        seen.clear();
        pending = Map.of();
        journalled = Set.of();
        wakeAtMs = Long.MAX_VALUE;
    }

    /** Its machine ended with it. */
    void losePower(RandomGenerator random) {
        boolean lost = journal.losePower(random);
        lost |= images.losePower(random);
        world.races.count(lost ? Races.Race.UNSYNCED_LOST : Races.Race.POWER_LOST);
    }

    void order(KillOrder order, long ticket) {
        inputs.add(new StopInput.Ordered(ticket, order, now()));
    }

    void carried(List<SignedKill> kills) {
        inputs.add(new StopInput.Carried(kills));
    }

    /** The kill path's thread takes what waits for it. */
    void drain() {
        while (up && !inputs.isEmpty()) {
            step(inputs.poll());
        }
    }

    void wake() {
        if (world.nowMs >= wakeAtMs) {
            wakeAtMs = Long.MAX_VALUE;
            step(new StopInput.Tick());
        }
    }

    private void step(StopInput input) {
        StopInput given = input;
        if (input instanceof StopInput.Folded folded) {
            machineAt = folded.image().provenance();
            given = new StopInput.Folded(forMachine(folded.image()));
            if (world.has(Fault.JOURNAL_FORGETS_EARLY)) {
                inputs.add(new StopInput.Saved(folded.image()));
            }
        }
        carryOut(machine.step(given, world.nowMs));
        world.promises.stepped(this);
    }

    private Image forMachine(Image image) {
        if (world.has(Fault.IMAGE_FORGETS_KILLS)) {
            machine = new StopMachine(
                    id,
                    String.format("%02x%010x", index, ++starts),
                    StopLimits.DEFAULT,
                    SimNode::sign,
                    (kill, by) -> true,
                    image,
                    List.of());
        }
        return world.has(Fault.RESTORE_BY_UNION)
                ? new Image(
                        image.provenance(),
                        image.flags(),
                        image.environments(),
                        image.tokens(),
                        image.nodes(),
                        image.requests(),
                        Marks.NONE)
                : image;
    }

    private void carryOut(List<StopEffect> effects) {
        pending = machine.pending();
        waitingOn = machine.image();
        journalled = machine.journalled();
        for (StopEffect effect : effects) {
            carryOut(effect);
        }
        if (effects.stream().anyMatch(StopEffect.Send.class::isInstance)) {
            world.peers.offer(this);
        }
    }

    private void carryOut(StopEffect effect) {
        switch (effect) {
            case StopEffect.Write write -> {
                world.promises.taken(this, write.kill());
                journalTasks.add(write);
            }
            case StopEffect.Forget forget -> journalTasks.add(forget);
            case StopEffect.Send send -> {
                send.kills().forEach(kill -> sent.add(kill.id()));
                if (!world.has(Fault.BROADCAST_AFTER_SETTLING)) {
                    feeds.kills(send.kills());
                }
            }
            case StopEffect.Answer answer -> world.promises.answered(this, answer.reply());
            case StopEffect.Append append -> {
                world.promises.settling(this, append.kills());
                settles.add(append);
            }
            case StopEffect.CatchUp ignored -> {}
            case StopEffect.Unverified found ->
                unless(
                        !waitingOn.nodes().containsKey(found.kill().kill().node()),
                        "CARRIED",
                        found.kill().id() + ": " + found.why());
            case StopEffect.Wake wake -> wakeAtMs = Math.min(wakeAtMs, wake.atMs());
        }
    }

    /** The journal's thread does its next task. */
    void journal(boolean fails, boolean written) {
        switch (journalTasks.poll()) {
            case StopEffect.Write write -> {
                if ((!fails || written) && !world.has(Fault.JOURNAL_DROPS)) {
                    journal.write(write.kill().id(), write.kill(), true);
                    if (!fails && !world.has(Fault.JOURNAL_NOT_SYNCED)) {
                        journal.sync();
                    }
                }
                KillId kill = write.kill().id();
                journalAnswers.add(fails ? new StopInput.JournalFailed(kill, "full") : new StopInput.Journalled(kill));
            }
            case StopEffect.Forget forget -> {
                if (!fails) {
                    forget.kills().forEach(journal::remove);
                    journal.sync();
                }
            }
            case null, default -> throw new IllegalStateException("the journal has nothing to do");
        }
    }

    /** Whether its journal is about to forget a kill. */
    boolean forgets(KillId kill) {
        return journalTasks.stream()
                .anyMatch(task -> task instanceof StopEffect.Forget forget
                        && forget.kills().contains(kill));
    }

    /** For a planted bug. */
    void forgetInJournal(List<KillId> kills) {
        kills.forEach(journal::remove);
        journal.sync();
    }

    /** The kill path hears of what the journal did, if it did anything. */
    void hearOfJournal() {
        if (!journalAnswers.isEmpty()) {
            StopInput answer = journalAnswers.poll();
            if (answer instanceof StopInput.Journalled written) {
                everJournalled.add(written.kill());
            }
            inputs.add(answer);
            drain();
        }
    }

    void save() {
        boolean may = savedAt().equals(Provenance.NONE)
                || world.has(Fault.IMAGE_REPLACED_TOO_EARLY)
                || NodeLogic.mayReplace(saved().image(), image(), waitingOn, pending, journalled);
        if (!may) {
            world.races.count(Races.Race.IMAGE_WAITS_FOR_JOURNAL);
            return;
        }
        images.write(IMAGE, new Saved(ledger.encode(), image()), !world.has(Fault.IMAGE_NOT_SYNCED));
        if (!world.has(Fault.IMAGE_NAME_NOT_SYNCED)) {
            images.sync();
        }
        inputs.add(new StopInput.Saved(image()));
    }

    /** As its threads do without being asked. */
    void readOn() {
        if (relay.isPresent()) {
            relay.get().follow();
        } else {
            catchUp();
        }
    }

    /** The ledger's thread reads to the ledger's end; whether it got there. */
    boolean catchUp() {
        return ledger.catchUp();
    }

    private void published(Publication publication) {
        world.promises.folded(this, publication);
        if (running) {
            inputs.add(new StopInput.Folded(publication.after()));
            feeds.publish(publication);
            world.peers.moved(this);
        }
    }

    /** Whether a kill is on its disk, in the journal or standing in the image. */
    boolean keeps(KillId kill) {
        return journal.isSafe(kill)
                || saved().image()
                        .environment(World.ENVIRONMENT)
                        .map(EnvironmentImage::kills)
                        .orElse(Map.of())
                        .containsKey(kill);
    }

    /** The state that is in the file. */
    Provenance savedAt() {
        return saved().image().provenance();
    }

    private Saved saved() {
        return images.read(IMAGE).orElse(NOTHING);
    }

    /** On the ledger's thread: appends where the image ends. Whether it was appended; if not, it was caught up with. */
    boolean append(List<byte[]> entries) {
        for (int tries = 1; ; tries++) {
            try {
                return ledger.append(entries);
            } catch (StoreException e) {
                if (!e.outcomeUnknown() || tries == TRIES) {
                    throw e;
                }
                world.races.count(Races.Race.APPEND_REPEATED);
                if (world.has(Fault.SETTLES_AGAIN)) {
                    store.append(store.head().position(), entries);
                }
            }
        }
    }

    /** The ledger's thread appends the kills that are to settle. */
    void settle(StoreLink.Fate fate) {
        StopEffect.Append append = settles.poll();
        if (relay.isPresent()) {
            ledger.handUp(append.at(), append.kills(), why -> inputs.add(new StopInput.AppendFailed(why)));
            return;
        }
        if (!image().provenance().equals(append.at())) {
            inputs.add(new StopInput.Conflicted());
            return;
        }
        store.nextAppend = fate;
        try {
            List<byte[]> entries = entries(append.kills());
            inputs.add(append(entries) ? new StopInput.Appended(version()) : new StopInput.Conflicted());
        } catch (StoreException e) {
            inputs.add(new StopInput.AppendFailed(String.valueOf(e.getMessage())));
        }
    }

    private List<byte[]> entries(List<StandingKill> kills) {
        List<StandingKill> given = kills;
        if (world.has(Fault.DROPPED_TAG_RELEASES)) {
            given = kills.stream()
                    .map(kill ->
                            new StandingKill(kill.signed(), kill.signed().kill().flags()))
                    .toList();
        }
        List<byte[]> entries = new ArrayList<>();
        for (byte[] entry : settling.entries(given, image())) {
            KillId kill = given.get(entries.size()).id();
            byte[] bytes = world.has(Fault.MARK_TOO_HIGH) ? Planted.withHigherMark(Entry.decode(entry), kill) : entry;
            world.intend(bytes, new Intent.Settle(kill), this);
            entries.add(bytes);
        }
        return entries;
    }

    @Override
    public String toString() {
        return id;
    }
}
