package dev.andon.server;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Invariants;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import dev.andon.core.stop.SettleEntry;
import dev.andon.server.node.Command;
import dev.andon.server.node.CommandContext;
import dev.andon.server.node.Committed;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Decision;
import dev.andon.server.node.History;
import dev.andon.server.node.KillAnswer;
import dev.andon.server.node.KillRequest;
import dev.andon.server.node.KnownKills;
import dev.andon.server.node.Moment;
import dev.andon.server.node.Outcome;
import dev.andon.server.node.Refused;
import dev.andon.server.node.StoreHealth;
import dev.andon.server.node.StoreUnavailable;
import dev.andon.store.StoreDescription;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** A control plane whose ledger is a list in memory, for tests of what is above it. Thread-safe. */
public final class MemoryPlane implements ControlPlane, History {
    private static final Image START = new ImageDelta(Image.EMPTY).build(new Provenance("a".repeat(32), 1, 0));

    private final InstantSource clock;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<KillId, StandingKill> pending = new TreeMap<>();
    private Image image = START;
    private Optional<Instant> cutOffSince = Optional.empty();

    public MemoryPlane(InstantSource clock) {
        this.clock = clock;
    }

    /** From now on, the ledger can't be reached. */
    public synchronized void cutOff() {
        cutOffSince = Optional.of(clock.instant());
    }

    public synchronized void reconnect() {
        cutOffSince = Optional.empty();
    }

    /** A kill that the ledger doesn't hold yet. */
    public synchronized void stand(StandingKill kill) {
        pending.put(kill.id(), kill);
    }

    /** Appends events as they are, without rules. */
    public synchronized long append(String type, List<Event> events) {
        return append(
                        type,
                        Optional.empty(),
                        events,
                        new CommandContext("test", "set-up", "c0", Optional.empty(), false),
                        clock.instant())
                .version();
    }

    @Override
    public synchronized Image image() {
        return image;
    }

    @Override
    public synchronized KnownKills kills() {
        return KnownKills.of(image, pending);
    }

    @Override
    public synchronized <R> Outcome<R> execute(Command<R> command, CommandContext context) {
        if (context.idempotency().isPresent()) {
            CommandContext.Idempotency idempotency = context.idempotency().get();
            Versioned<Event.RequestDone> done = image.requests().get(idempotency.key());
            if (done != null) {
                if (!done.value().digest().equals(idempotency.digest())) {
                    throw new Refused(
                            Refused.Code.KEY_REUSED, "Idempotency-Key", idempotency.key(), "a key of its own");
                }
                return new Outcome.Repeated<>(done.version());
            }
        }
        Instant now = clock.instant();
        KnownKills kills = kills();
        Decision<R> decision = command.decide(image, kills, now);
        Image tentative = applied(decision.events());
        List<StandingKill> standing = new ArrayList<>();
        image.environments().keySet().forEach(key -> standing.addAll(kills.standing(key)));
        Invariants.check(image, tentative, decision.events(), standing);
        Image before = image;
        if (decision.events().isEmpty() || context.dryRun()) {
            Committed committed =
                    new Committed(before.provenance().version(), now, before, tentative, decision.events());
            R reply = decision.reply().apply(committed);
            return context.dryRun()
                    ? new Outcome.Rehearsed<>(committed, reply)
                    : new Outcome.Unchanged<>(committed, reply);
        }
        List<Event> events = new ArrayList<>(decision.events());
        context.idempotency()
                .ifPresent(idempotency -> events.add(new Event.RequestDone(idempotency.key(), idempotency.digest())));
        Committed committed = append(decision.type(), decision.cause(), events, context, now);
        return new Outcome.Done<>(committed, decision.reply().apply(committed));
    }

    private Committed append(
            String type, Optional<String> cause, List<Event> events, CommandContext context, Instant now) {
        if (cutOffSince.isPresent()) {
            throw new StoreUnavailable("the test has cut it off");
        }
        Map<String, Long> previous = new LinkedHashMap<>();
        for (Event event : events) {
            long version = image.versionOf(event.subject());
            if (version > 0) {
                previous.put(event.subject(), version);
            }
        }
        Entry entry =
                new Entry(type, context.actor(), now, context.reason(), cause, context.correlation(), previous, events);
        entries.add(Entry.decode(entry.encode()));
        Image before = image;
        image = applied(events);
        return new Committed(image.provenance().version(), now, before, image, events);
    }

    private Image applied(List<Event> events) {
        if (events.isEmpty()) {
            return image;
        }
        long version = image.provenance().version() + 1;
        ImageDelta delta = new ImageDelta(image);
        events.forEach(event -> delta.apply(version, event));
        return delta.build(image.provenance().at(version));
    }

    /** Takes each for one flag's, and for new. */
    @Override
    public synchronized KillAnswer kill(KillRequest request, CommandContext context) {
        Kill kill = new Kill(
                new KillId("0123456789abcdef", pending.size() + 1L),
                request.environment(),
                request.target(),
                new TreeSet<>(List.of(request.target().label())),
                request.audience(),
                request.services(),
                request.regions(),
                context.reason(),
                context.actor(),
                request.origin(),
                clock.instant(),
                "n1",
                Optional.empty());
        StandingKill standing = new StandingKill(new SignedKill(kill.toJson().text(), "", kill), kill.flags());
        stand(standing);
        return new KillAnswer.Standing(standing, true, false);
    }

    @Override
    public synchronized boolean durable(KillId kill) {
        return image.marks().covers(kill);
    }

    @Override
    public synchronized StoreHealth store() {
        return new StoreHealth(
                cutOffSince.isPresent() ? StoreHealth.State.CUT_OFF : StoreHealth.State.CONNECTED,
                cutOffSince.orElse(Instant.EPOCH),
                "",
                new StoreDescription(
                        StoreDescription.Kind.SQLITE, "memory", StoreDescription.Replication.NONE, List.of()));
    }

    @Override
    public History history() {
        return this;
    }

    @Override
    public String node() {
        return "test";
    }

    @Override
    public synchronized List<Recorded> entries(long first, long last) {
        if (cutOffSince.isPresent()) {
            throw new StoreUnavailable("the test has cut it off");
        }
        List<Recorded> read = new ArrayList<>();
        for (long version = first; version <= Math.min(last, entries.size()); version++) {
            read.add(new Recorded(version, entries.get((int) version - 1)));
        }
        return read;
    }

    @Override
    public List<Moment> moments(long first, long last) {
        return entries(first, last).stream()
                .map(recorded -> new Moment(
                        recorded.version(),
                        recorded.entry().at(),
                        recorded.entry().type().equals(SettleEntry.TYPE)))
                .toList();
    }

    @Override
    public synchronized Image imageAt(long version) {
        ImageDelta delta = new ImageDelta(START);
        for (Recorded recorded : entries(1, version)) {
            recorded.entry().events().forEach(event -> delta.apply(recorded.version(), event));
        }
        return delta.build(START.provenance().at(version));
    }
}
