package dev.andon.server.node;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.Invariants;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.Relays;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.model.Origin;
import dev.andon.core.model.SignedKill;
import dev.andon.core.stop.KillOrder;
import dev.andon.core.stop.StopEffect;
import dev.andon.core.stop.StopLimits;
import dev.andon.core.stop.StopMachine;
import dev.andon.store.Journal;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LedgerStore;
import dev.andon.store.LocalFile;
import dev.andon.store.StoreException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node: kills through {@link StopLoop}, everything else through {@link Ledger}, the two never waiting for each other.
 * Thread-safe.
 */
public final class AndonNode implements ControlPlane, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AndonNode.class);
    private static final long RESTORE_SAVED_MS = 1_000;

    private final NodeKey identity;
    private final NodeLimits limits;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Journal journal;
    private final StopLoop stop;
    private final CarriedKills carried;
    private final Peering peering;
    private final Ledger ledger;
    private final LocalImage localImage;
    private final StoredHistory history;
    private final Verification verification;
    private final Snapshots snapshots;
    private final DutyLease duties;
    private final Audit audit;
    private final List<Invariant> invariants;
    private final Confirmations confirmations;
    private final Traffic traffic;
    private final double confirmShare;
    private final Optional<Upstream> upstream;

    /**
     * What a node is made with.
     *
     * @param directory for its own files; must be there, and nobody else's
     * @param random must be cryptographically strong
     * @param publishers told of new images, in order, after the kill path and before the image is saved
     * @param listeners told of kills the moment that they are taken, in order
     * @param confirmShare a person's kill of flags with more than this part of the evaluations takes a confirmation; from 1
     *     on, none does for its traffic
     * @param rules that every image has to keep, beside those that each has to
     * @param upstream who feeds the node, if it is a relay; its store is then what the upstream lets it read
     */
    public record Parts(
            Path directory,
            LedgerStore store,
            NodeLimits limits,
            InstantSource clock,
            LongSupplier nanoTime,
            SecureRandom random,
            List<Publisher> publishers,
            List<KillListener> listeners,
            Traffic traffic,
            double confirmShare,
            List<Invariant> rules,
            Optional<Upstream> upstream) {
        public Parts(
                Path directory,
                LedgerStore store,
                NodeLimits limits,
                InstantSource clock,
                LongSupplier nanoTime,
                SecureRandom random,
                List<Publisher> publishers,
                List<KillListener> listeners) {
            this(
                    directory,
                    store,
                    limits,
                    clock,
                    nanoTime,
                    random,
                    publishers,
                    listeners,
                    Traffic.UNCOUNTED,
                    1,
                    List.of(),
                    Optional.empty());
        }

        public Parts {
            publishers = List.copyOf(publishers);
            listeners = List.copyOf(listeners);
            rules = List.copyOf(rules);
        }
    }

    private AndonNode(Parts parts, NodeKey identity, Journal journal) {
        this.identity = identity;
        this.journal = journal;
        this.limits = parts.limits();
        this.clock = parts.clock();
        this.nanoTime = parts.nanoTime();
        this.confirmations = new Confirmations(identity);
        this.traffic = parts.traffic();
        this.confirmShare = parts.confirmShare();
        this.upstream = parts.upstream();
        upstream.ifPresent(up -> up.feeds(identity.node().id()));
        List<Invariant> all = new ArrayList<>();
        all.add((change, kills) -> Invariants.check(change.before(), change.after(), change.events(), standing(kills)));
        all.addAll(parts.rules());
        this.invariants = List.copyOf(all);
        LocalFile imageFile = new LocalFile(parts.directory().resolve("image"));
        this.localImage = new LocalImage(imageFile, nanoTime, this::keepsKills, this::imageSaved);
        Optional<Folded> local = localImage.load();
        Folded start = local.orElse(new Folded(Image.EMPTY, LedgerPosition.START));
        StopMachine machine = new StopMachine(
                identity.node().id(),
                journalName(identity, parts.random()),
                StopLimits.DEFAULT,
                identity::sign,
                this::believes,
                start.image(),
                StopLoop.recover(journal));
        this.stop = new StopLoop(machine, journal, clock, nanoTime, parts.listeners());
        List<Publisher> publishers = new ArrayList<>();
        publishers.add(stop);
        publishers.addAll(parts.publishers());
        publishers.add(localImage);
        this.duties = new DutyLease(parts.store(), identity.node().id(), nanoTime);
        this.snapshots = new Snapshots(
                parts.store(), limits.snapshotEntries(), () -> duties.now().mine());
        publishers.add(snapshots);
        Checkpoints checkpoints = new Checkpoints(
                parts.store(), identity, clock, () -> !this.store().writable());
        publishers.add(checkpoints);
        this.verification =
                new Verification(parts.store(), this::folded, limits.retryMs(), clock, nanoTime, checkpoints::save);
        publishers.add(verification);
        this.ledger = new Ledger(parts.store(), limits, clock, nanoTime, start, verification, publishers);
        this.carried = new CarriedKills("a client", this::image, stop::pending, stop::carried, clock, nanoTime);
        this.peering = new Peering(this, identity, stop, upstream, limits.retryMs(), clock, nanoTime);
        this.history = new StoredHistory(parts.store(), ledger::current, limits.answerMs());
        this.audit = new Audit(ledger, history, verification, checkpoints, new GoingOn());
    }

    /**
     * Starts a node, from its store or, if that is gone, from what it saved on local disk.
     *
     * @throws StartProblem if neither is there, or the data folder can't be used
     */
    public static AndonNode start(Parts parts) {
        NodeKey identity;
        Journal journal;
        try {
            identity = NodeKey.loadOrCreate(new LocalFile(parts.directory().resolve("node.key")), parts.random());
            journal = Journal.open(parts.directory().resolve("journal"), Journal.DEFAULT_TIMEOUT, parts.random());
        } catch (StoreException | IllegalStateException e) {
            throw new StartProblem(String.valueOf(e.getMessage()), e);
        }
        // Beforehand and aside: the first signature loads classes and makes tables, and may not be a kill's.
        Thread.ofVirtual().name("andon-signing").start(() -> identity.sign(""));
        AndonNode node = new AndonNode(parts, identity, journal);
        try {
            node.open(parts);
            return node;
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
    }

    private void open(Parts parts) {
        Folded local = ledger.current();
        boolean hasLocal = local.position().version() > 0;
        if (hasLocal) {
            // Whoever serves and stops from what is on disk must know it before the store has had its say.
            Publication known = new Publication(Image.EMPTY, local.image(), local.position(), List.of(), true);
            parts.publishers().forEach(publisher -> publisher.publish(known));
            stop.saved(local.image());
        }
        localImage.start();
        boolean reached = ledger.open(() -> upstream.map(Upstream::receives).orElse(false));
        if (upstream.isEmpty()) {
            verification.start();
            duties.start();
        }
        stop.start(upstream.isEmpty() ? new LedgerSettling() : new HandingUp(ledger));
        if (!reached && !hasLocal) {
            throw nothingToStartFrom(parts);
        }
        if (upstream.isPresent()) {
            if (!reached) {
                log.warn(
                        "starting from the image of version {}: serving and stopping; {}",
                        image().provenance().version(),
                        store().detail());
            }
            peering.join();
            return;
        }
        Introduction introduction =
                new Introduction(this, identity, parts.directory(), parts.random(), limits.retryMs());
        if (!introduction.now()) {
            if (image().environments().isEmpty()) {
                throw nothingToStartFrom(parts);
            }
            log.warn(
                    "starting from the image of version {}: serving and stopping, and nothing else for now; {}",
                    image().provenance().version(),
                    store().detail());
            introduction.later();
        }
    }

    private StartProblem nothingToStartFrom(Parts parts) {
        StoreHealth health = store();
        return new StartProblem(
                health.detail() + ". There is no image in " + parts.directory() + " to start from instead (expected: "
                        + health.neededToStart() + ")",
                null);
    }

    @Override
    public Image image() {
        return folded().image();
    }

    private Folded folded() {
        return ledger.current();
    }

    @Override
    public KnownKills kills() {
        // In this order: a kill that leaves the pending ones is in the image by then.
        KnownKills.Waiting waiting = stop.waiting();
        return KnownKills.of(image(), waiting);
    }

    @Override
    public <R> Outcome<R> execute(Command<R> command, CommandContext context) {
        if (upstream.isPresent()) {
            throw new Refused(
                    Refused.Code.UPSTREAM,
                    "node",
                    node() + ", a relay",
                    upstream.get().address());
        }
        if (context.dryRun()) {
            return rehearse(command, context);
        }
        StoreHealth health = store();
        if (!health.writable()) {
            throw StoreUnavailable.of(health);
        }
        CommandTask<R> task = task(command, context);
        Outcome<R> outcome = carryOut(task, task);
        if (outcome instanceof Outcome.Done<R> done
                && done.committed().events().stream().anyMatch(Event.KillRestored.class::isInstance)) {
            // So that a restart without the store can't raise it again.
            localImage.awaitSaved(done.committed().version(), RESTORE_SAVED_MS);
        }
        return outcome;
    }

    private <R> CommandTask<R> task(Command<R> command, CommandContext context) {
        long deadlineNanos = nanoTime.getAsLong() + limits.answerMs() * 1_000_000;
        return new CommandTask<>(ledger, command, context, this::kills, invariants, clock, deadlineNanos);
    }

    private <R> Outcome<R> carryOut(CommandTask<R> task, Runnable onLedger) {
        if (!ledger.submit(onLedger, false)) {
            throw new StoreUnavailable("too many changes are waiting; nothing was changed, try again in a moment");
        }
        return task.await(limits.answerMs());
    }

    /** For a ledger that is damaged before what this node has folded, and can be written at its end. */
    private final class GoingOn implements Audit.Continuing {
        @Override
        public <R> Outcome<R> execute(Command<R> command, CommandContext context) {
            if (context.dryRun()) {
                return rehearse(command, context);
            }
            CommandTask<R> task = task(command, context);
            return carryOut(task, () -> {
                try {
                    // Before anything is written: without it, no node could start anew past the damage.
                    snapshots.saveNow(ledger.current());
                    ledger.newEpoch();
                } catch (StoreException e) {
                    task.fail(e);
                    return;
                } catch (Damage e) {
                    task.fail(StoreUnavailable.damaged(e.getMessage() + "; nothing was changed"));
                    return;
                }
                task.run();
            });
        }
    }

    private <R> Outcome<R> rehearse(Command<R> command, CommandContext context) {
        KnownKills known = kills();
        Optional<Long> repeated = Change.repeated(known.image(), context);
        if (repeated.isPresent()) {
            return new Outcome.Repeated<>(repeated.get());
        }
        Change<R> change = Change.decide(command, context, known, invariants, clock.instant());
        if (change.changesNothing()) {
            return change.unchanged();
        }
        // Refuses what would be refused for its size.
        change.entry(context);
        return change.rehearsed();
    }

    @Override
    public KillAnswer kill(KillRequest request, CommandContext context) {
        KnownKills known = kills();
        boolean cutOff = !store().connected();
        KillOrders.Ordered ordered = KillOrders.order(known.image(), request, context, cutOff);
        boolean required = confirmationRequired(known.image(), ordered);
        if (context.dryRun()) {
            return rehearsed(known, ordered, required);
        }
        if (required && KillOrders.already(known, ordered.order()).isEmpty()) {
            if (!ordered.known() && request.confirmation().isEmpty()) {
                throw KillOrders.unknown(known.image(), ordered.order(), store());
            }
            confirmations.require(request.confirmation(), ordered, known.image(), clock.instant());
        }
        return switch (stop.kill(ordered.order())) {
            case StopEffect.Reply.Stands stands ->
                new KillAnswer.Standing(stands.kill(), stands.durable(), stands.repeated());
            case StopEffect.Reply.KeyReused reused ->
                throw new Refused(
                        Refused.Code.KEY_REUSED,
                        "Idempotency-Key",
                        context.idempotency()
                                .map(CommandContext.Idempotency::key)
                                .orElse(""),
                        "a new key: this one came with another request, which is kill " + reused.kill());
            case StopEffect.Reply.KeySpent spent ->
                throw new Refused(
                        Refused.Code.KEY_REUSED,
                        "Idempotency-Key",
                        context.idempotency()
                                .map(CommandContext.Idempotency::key)
                                .orElse(""),
                        "a new key: what came with this one was finished in version " + spent.version()
                                + " and doesn't stand any more");
        };
    }

    /**
     * A person's kill needs the confirmation of a dry run if it may hold more than one flag, touches much of what is
     * evaluated, or is aimed at what this node doesn't know. Whatever decides, decides from memory.
     */
    private boolean confirmationRequired(Image image, KillOrders.Ordered ordered) {
        KillOrder order = ordered.order();
        if (order.origin() != Origin.HUMAN) {
            return false;
        }
        if (order.target().wide() || !ordered.known()) {
            return true;
        }
        if (confirmShare >= 1) {
            return false;
        }
        Set<String> touched = new TreeSet<>(ordered.flags());
        touched.addAll(KillOrders.dependents(image, order.environment(), ordered.flags()));
        return traffic.counted(order.environment(), touched, Set.copyOf(order.services()))
                        .share()
                > confirmShare;
    }

    private KillAnswer rehearsed(KnownKills known, KillOrders.Ordered ordered, boolean required) {
        KillOrder order = ordered.order();
        return new KillAnswer.Rehearsed(
                ordered.flags(),
                KillOrders.dependents(known.image(), order.environment(), ordered.flags()),
                KillOrders.already(known, order),
                ordered.known(),
                confirmations.issue(ordered, required, clock.instant()));
    }

    /**
     * Takes over kills that a client carries and this node doesn't know. Doesn't block.
     *
     * @return whether it looks at them; if not, too many wait for that at the moment
     */
    public boolean carried(List<SignedKill> kills) {
        return carried.offer(kills, forged -> {});
    }

    /** What this node tells other nodes, and what it takes from them. */
    public Peering peering() {
        return peering;
    }

    /** How many kills clients carry that this node can't verify. */
    public long unverifiedKills() {
        return stop.unverified();
    }

    @Override
    public boolean durable(KillId kill) {
        return stop.journalled(kill) || image().marks().covers(kill);
    }

    @Override
    public StoreHealth store() {
        StoreHealth health = ledger.health();
        Verification.Checked checked = verification.now();
        return checked.broken()
                .map(broken -> new StoreHealth(
                        StoreHealth.State.DAMAGED,
                        checked.since(),
                        broken.toString(),
                        Optional.of(broken.entry()),
                        health.description()))
                .orElse(health);
    }

    @Override
    public Duties duties() {
        return duties.now();
    }

    /** The ledger for whoever checks it. */
    public Audit audit() {
        return audit;
    }

    /** The ledger for relays below this node. */
    public LedgerFeed feed() {
        return new LedgerFeed(ledger::current, ledger.store());
    }

    /** What this node vouches for. */
    public Seal seal() {
        return new Seal(identity, this::image);
    }

    @Override
    public History history() {
        return history;
    }

    @Override
    public String node() {
        return identity.node().id();
    }

    @Override
    public Optional<Feeding> feeding() {
        return peering.feeding();
    }

    /** What a relay signs counts only while that by which it has joined is in force. */
    private boolean believes(SignedKill kill, Node signer) {
        return kill.signedBy(signer)
                && Relays.doubt(image(), signer, clock.instant()).isEmpty();
    }

    private void imageSaved(Image image) {
        stop.saved(image);
    }

    private boolean keepsKills(Image before, Image next) {
        return stop.keepsKills(before, next);
    }

    private static List<StandingKill> standing(KnownKills kills) {
        List<StandingKill> all = new ArrayList<>();
        kills.image().environments().keySet().forEach(environment -> all.addAll(kills.standing(environment)));
        return all;
    }

    /** A new one for every start, so that no number is ever used twice, whatever became of the journal's file. */
    private static String journalName(NodeKey identity, SecureRandom random) {
        return KillId.journalOf(identity.node().id(), randomHex(random, KillId.OWN_DIGITS / 2));
    }

    private static String randomHex(SecureRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private final class LedgerSettling implements StopLoop.Settling {
        private final SettlingKills settling = new SettlingKills(ledger::read);

        @Override
        public void settle(Provenance at, List<StandingKill> kills, Result result) {
            boolean taken = ledger.submit(
                    () -> {
                        if (!ledger.current().image().provenance().equals(at)) {
                            result.conflicted();
                            return;
                        }
                        try {
                            long deadlineNanos = nanoTime.getAsLong() + limits.answerMs() * 1_000_000;
                            List<byte[]> entries =
                                    settling.entries(kills, ledger.current().image());
                            if (ledger.append(entries, deadlineNanos)) {
                                result.appended(ledger.current().position().version());
                            } else {
                                result.conflicted();
                            }
                        } catch (StoreException | Damage | InvalidInput e) {
                            result.failed(String.valueOf(e.getMessage()));
                        }
                    },
                    true);
            if (!taken) {
                result.failed("too much waits for the ledger");
            }
        }

        @Override
        public void catchUp() {
            ledger.catchUpSoon();
        }
    }

    /** Idempotent and prompt: what was acknowledged is safe already. */
    @Override
    public void close() {
        peering.close();
        duties.close();
        carried.close();
        stop.close();
        verification.close();
        ledger.close();
        localImage.close();
        journal.close();
    }
}
