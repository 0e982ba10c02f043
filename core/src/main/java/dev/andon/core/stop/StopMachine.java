package dev.andon.core.stop;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Marks;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.model.SignedKill;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A node's kill path. Every kill, ordered here or handed up by a client, goes the same way:
 *
 * <ol>
 *   <li>it is written to the journal; if that fails or takes too long, it goes on without, and isn't durable yet;
 *   <li>it is sent to everyone, and whoever ordered it is answered;
 *   <li>it is appended to the ledger, in the order of taking, as often as it takes: always at the state that was folded
 *       last and doesn't cover it, so that it settles once whatever became of earlier attempts;
 *   <li>it is settled when a folded image's marks cover it: from then on the image says whether it stands;
 *   <li>it is forgotten in the journal when an image that covers it is saved on local disk, never earlier.
 * </ol>
 *
 * <p>Numbers are of the process, not of the journal's file: each start takes a new random journal name, so that no number
 * is ever used twice, whatever became of the file. Not thread-safe; times come in through {@link #step}.
 */
public final class StopMachine {
    private final String node;
    private final String journalName;
    private final StopLimits limits;
    private final Function<Kill, SignedKill> signer;
    private final BiPredicate<SignedKill, Node> verifier;
    private final Map<KillId, Known> known = new LinkedHashMap<>();
    /** What the journal may hold: also what failed to be written may be there. */
    private final Map<KillId, SignedKill> journal = new TreeMap<>();

    /** What is on its way there. */
    private final Map<KillId, SignedKill> writing = new TreeMap<>();

    private final Map<KillId, SignedKill> unverified = new LinkedHashMap<>();
    private Image image;
    private Marks savedMarks = Marks.NONE;
    private long lastNumber;
    private boolean appending;
    private int failures;
    /** Settling goes on when the image gets to this version, or at {@link #retryAtMs}. */
    private long awaitedVersion;

    private long retryAtMs;

    private enum Written {
        NOT_YET,
        YES,
        FAILED
    }

    /** A kill that the image doesn't cover. */
    private static final class Known {
        StandingKill kill;
        final long patienceEndsMs;
        final List<Waiting> waiting = new ArrayList<>();
        Written written = Written.NOT_YET;
        boolean sent;

        Known(StandingKill kill, long patienceEndsMs) {
            this.kill = kill;
            this.patienceEndsMs = patienceEndsMs;
        }

        Known copy() {
            Known copy = new Known(kill, patienceEndsMs);
            copy.waiting.addAll(waiting);
            copy.written = written;
            copy.sent = sent;
            return copy;
        }
    }

    private record Waiting(StopInput.Ordered order, boolean repeated) {}

    /**
     * @param node this node's id
     * @param journalName of this process alone: 8 to 32 random hexadecimal digits
     * @param signer signs with this node's key
     * @param verifier whether the node signed the kill; {@link SignedKill#signedBy}
     * @param image what the node starts from
     * @param recovered what the journal holds
     */
    public StopMachine(
            String node,
            String journalName,
            StopLimits limits,
            Function<Kill, SignedKill> signer,
            BiPredicate<SignedKill, Node> verifier,
            Image image,
            Collection<SignedKill> recovered) {
        this.node = node;
        this.journalName = journalName;
        this.limits = limits;
        this.signer = signer;
        this.verifier = verifier;
        this.image = image;
        for (SignedKill kill : recovered) {
            journal.put(kill.id(), kill);
            if (!image.marks().covers(kill.id())) {
                Known one = new Known(StandingKill.taken(kill, image), 0);
                one.written = Written.YES;
                known.put(kill.id(), one);
            }
        }
    }

    /** An independent machine in the same state. */
    StopMachine copy() {
        StopMachine copy = new StopMachine(node, journalName, limits, signer, verifier, image, List.of());
        known.forEach((id, one) -> copy.known.put(id, one.copy()));
        copy.journal.putAll(journal);
        copy.writing.putAll(writing);
        copy.unverified.putAll(unverified);
        copy.savedMarks = savedMarks;
        copy.lastNumber = lastNumber;
        copy.appending = appending;
        copy.failures = failures;
        copy.awaitedVersion = awaitedVersion;
        copy.retryAtMs = retryAtMs;
        return copy;
    }

    /** To be called once, before any step: sends what the journal brought back. */
    public List<StopEffect> start(long nowMs) {
        List<StopEffect> effects = new ArrayList<>();
        List<Known> recovered = List.copyOf(known.values());
        if (!recovered.isEmpty()) {
            send(recovered, effects);
        }
        settle(nowMs, effects);
        return effects;
    }

    /** @param nowMs from a clock that never goes back */
    public List<StopEffect> step(StopInput input, long nowMs) {
        List<StopEffect> effects = new ArrayList<>();
        if (input instanceof StopInput.Ordered ordered) {
            order(ordered, nowMs, effects);
        } else if (input instanceof StopInput.Journalled written) {
            journalled(written.kill(), effects);
        } else if (input instanceof StopInput.JournalFailed failed) {
            journalFailed(failed.kill(), effects);
        } else if (input instanceof StopInput.Carried carried) {
            carried.kills().forEach(kill -> adopt(kill, nowMs, effects));
        } else if (input instanceof StopInput.Folded folded) {
            fold(folded.image(), nowMs, effects);
        } else if (input instanceof StopInput.Saved saved) {
            if (isOfHistory(saved.image().provenance())) {
                savedMarks = saved.image().marks();
            }
            forget(effects);
        } else if (input instanceof StopInput.Appended appended) {
            appending = false;
            failures = 0;
            awaitedVersion = appended.version();
            retryAtMs = nowMs + limits.maxRetryMs();
        } else if (input instanceof StopInput.Conflicted || input instanceof StopInput.AppendFailed) {
            appending = false;
            awaitedVersion = image.provenance().version() + 1;
            retryAtMs = nowMs + Math.min(limits.maxRetryMs(), limits.retryMs() << Math.min(failures, 16));
            failures++;
            effects.add(new StopEffect.CatchUp());
        } else if (input instanceof StopInput.Tick) {
            losePatience(nowMs, effects);
        }
        settle(nowMs, effects);
        return effects;
    }

    /** Kills that were sent and that the image doesn't cover, oldest first. Changes only within a step. */
    public Map<KillId, StandingKill> pending() {
        Map<KillId, StandingKill> pending = new LinkedHashMap<>();
        known.forEach((id, one) -> {
            if (one.sent) {
                pending.put(id, one.kill);
            }
        });
        return Collections.unmodifiableMap(pending);
    }

    /** The image that it was told of last, with which the {@link #pending} kills are as they are. */
    public Image image() {
        return image;
    }

    /** Those of the {@link #pending} kills that are safely in the journal. */
    public Set<KillId> journalled() {
        Set<KillId> journalled = new TreeSet<>();
        known.forEach((id, one) -> {
            if (one.sent && one.written == Written.YES) {
                journalled.add(id);
            }
        });
        return Collections.unmodifiableSet(journalled);
    }

    /** Kills that clients carry and that can't be verified with what this node's image knows. */
    public int unverified() {
        return unverified.size();
    }

    private void order(StopInput.Ordered ordered, long nowMs, List<StopEffect> effects) {
        KillOrder order = ordered.order();
        if (order.request().isPresent()
                && answerRepeatedRequest(ordered, order.request().get(), effects)) {
            return;
        }
        for (Known one : known.values()) {
            if (order.stopsTheSameAs(one.kill.signed().kill())) {
                answerOrWait(one, ordered, effects);
                return;
            }
        }
        for (StandingKill standing : standingInImage(order.environment())) {
            if (order.stopsTheSameAs(standing.signed().kill())) {
                effects.add(new StopEffect.Answer(ordered.ticket(), new StopEffect.Reply.Stands(standing, true, true)));
                return;
            }
        }
        Kill kill = order.numbered(nextId(), ordered.at(), node);
        SignedKill signed = signer.apply(kill);
        Known one = take(StandingKill.taken(signed, image), nowMs, effects);
        one.waiting.add(new Waiting(ordered, false));
    }

    /** One that nobody has used, whoever it was that did. */
    private KillId nextId() {
        KillId next;
        do {
            lastNumber++;
            next = new KillId(journalName, lastNumber);
        } while (known.containsKey(next) || image.marks().covers(next));
        return next;
    }

    /** Whether a kill has a name that another node's kills have: that one's would never be taken then. */
    private boolean isNamedAsAnothers(Kill kill) {
        String journal = kill.id().journal();
        if (kill.id().saysWhose()) {
            return !kill.id().mayBeOf(kill.node());
        }
        if (journal.equals(journalName) && !kill.node().equals(node)) {
            return true;
        }
        return Stream.concat(
                        known.values().stream().map(one -> one.kill),
                        image.environments().values().stream()
                                .flatMap(environment -> environment.kills().values().stream())
                                .map(Versioned::value))
                .map(standing -> standing.signed().kill())
                .anyMatch(standing -> standing.id().journal().equals(journal)
                        && !standing.node().equals(kill.node()));
    }

    private boolean answerRepeatedRequest(StopInput.Ordered ordered, String request, List<StopEffect> effects) {
        for (Known one : known.values()) {
            Kill kill = one.kill.signed().kill();
            if (kill.request().equals(Optional.of(request))) {
                if (ordered.order().sameRequestAs(kill)) {
                    answerOrWait(one, ordered, effects);
                } else {
                    effects.add(new StopEffect.Answer(ordered.ticket(), new StopEffect.Reply.KeyReused(kill.id())));
                }
                return true;
            }
        }
        for (StandingKill standing : standingInImage(ordered.order().environment())) {
            Kill kill = standing.signed().kill();
            if (kill.request().equals(Optional.of(request))) {
                StopEffect.Reply reply = ordered.order().sameRequestAs(kill)
                        ? new StopEffect.Reply.Stands(standing, true, true)
                        : new StopEffect.Reply.KeyReused(kill.id());
                effects.add(new StopEffect.Answer(ordered.ticket(), reply));
                return true;
            }
        }
        Versioned<?> done = image.requests().get(request);
        if (done != null) {
            effects.add(new StopEffect.Answer(ordered.ticket(), new StopEffect.Reply.KeySpent(done.version())));
            return true;
        }
        return false;
    }

    private List<StandingKill> standingInImage(String environment) {
        return image.environment(environment).map(EnvironmentImage::kills).orElse(Map.of()).values().stream()
                .map(Versioned::value)
                .toList();
    }

    private void answerOrWait(Known one, StopInput.Ordered ordered, List<StopEffect> effects) {
        if (one.sent) {
            effects.add(new StopEffect.Answer(
                    ordered.ticket(), new StopEffect.Reply.Stands(one.kill, one.written == Written.YES, true)));
        } else {
            one.waiting.add(new Waiting(ordered, true));
        }
    }

    private Known take(StandingKill kill, long nowMs, List<StopEffect> effects) {
        long patienceEndsMs = nowMs + limits.journalPatienceMs();
        Known one = new Known(kill, patienceEndsMs);
        known.put(kill.id(), one);
        writing.put(kill.id(), kill.signed());
        effects.add(new StopEffect.Write(kill.signed()));
        effects.add(new StopEffect.Wake(patienceEndsMs));
        return one;
    }

    private void adopt(SignedKill kill, long nowMs, List<StopEffect> effects) {
        if (known.containsKey(kill.id()) || image.marks().covers(kill.id())) {
            return;
        }
        Versioned<Node> signedBy = image.nodes().get(kill.kill().node());
        boolean hasEnvironment = image.environment(kill.kill().environment()).isPresent();
        if (signedBy == null || !hasEnvironment) {
            if (!unverified.containsKey(kill.id())) {
                if (hasRoomFor(kill)) {
                    unverified.put(kill.id(), kill);
                }
                effects.add(new StopEffect.Unverified(
                        kill,
                        signedBy == null ? "node " + kill.kill().node() + " isn't known here" : "unknown environment"));
            }
        } else if (!verifier.test(kill, signedBy.value())) {
            effects.add(new StopEffect.Unverified(
                    kill, "not signed by node " + signedBy.value().id()));
        } else if (isNamedAsAnothers(kill.kill())) {
            unverified.remove(kill.id());
            effects.add(new StopEffect.Unverified(
                    kill,
                    "signed by node " + signedBy.value().id() + " under a name that only another node's kills have"));
        } else {
            unverified.remove(kill.id());
            take(StandingKill.taken(kill, image), nowMs, effects);
        }
    }

    private boolean hasRoomFor(SignedKill kill) {
        return unverified.size() < limits.unverified()
                && kill.body().length()
                                + unverified.values().stream()
                                        .mapToLong(one -> one.body().length())
                                        .sum()
                        <= limits.unverifiedChars();
    }

    private void written(KillId id) {
        SignedKill kill = writing.remove(id);
        if (kill != null) {
            journal.put(id, kill);
        }
    }

    private void journalled(KillId id, List<StopEffect> effects) {
        written(id);
        forget(effects);
        Known one = known.get(id);
        if (one != null) {
            one.written = Written.YES;
            sendOnce(one, effects);
        }
    }

    private void journalFailed(KillId id, List<StopEffect> effects) {
        written(id);
        forget(effects);
        Known one = known.get(id);
        if (one != null && one.written == Written.NOT_YET) {
            one.written = Written.FAILED;
            sendOnce(one, effects);
        }
    }

    private void losePatience(long nowMs, List<StopEffect> effects) {
        for (Known one : List.copyOf(known.values())) {
            if (!one.sent && nowMs >= one.patienceEndsMs) {
                sendOnce(one, effects);
            }
        }
    }

    private void sendOnce(Known one, List<StopEffect> effects) {
        if (!one.sent) {
            send(List.of(one), effects);
        }
    }

    private static void send(List<Known> kills, List<StopEffect> effects) {
        effects.add(new StopEffect.Send(kills.stream().map(one -> one.kill).toList()));
        for (Known one : kills) {
            one.sent = true;
            for (Waiting waiting : one.waiting) {
                effects.add(new StopEffect.Answer(
                        waiting.order().ticket(),
                        new StopEffect.Reply.Stands(one.kill, one.written == Written.YES, waiting.repeated())));
            }
            one.waiting.clear();
        }
    }

    private void fold(Image folded, long nowMs, List<StopEffect> effects) {
        Image before = image;
        image = folded;
        boolean continues = isOfHistory(before.provenance());
        if (!continues) {
            awaitedVersion = 0;
            retryAtMs = 0;
            savedMarks = Marks.NONE;
            takeBackDisplaced(before, nowMs, effects);
        }
        keepHeld(before, effects);
        for (Known one : List.copyOf(known.values())) {
            if (folded.marks().covers(one.kill.id())) {
                known.remove(one.kill.id());
                // Someone else settled it, and maybe restored it, while it was on its way to the journal here: orders
                // that
                // waited for it are answered from the image, or make a kill of their own.
                one.waiting.forEach(waiting -> order(waiting.order(), nowMs, effects));
            }
        }
        if (!folded.nodes().equals(before.nodes())
                || !folded.environments().keySet().equals(before.environments().keySet())) {
            for (SignedKill kill : List.copyOf(unverified.values())) {
                if (folded.nodes().containsKey(kill.kill().node())) {
                    adopt(kill, nowMs, effects);
                }
            }
        }
        unverified.keySet().removeIf(id -> folded.marks().covers(id));
    }

    /** Whether a state belongs to the history that the image is of. */
    private boolean isOfHistory(Provenance state) {
        return state.sameLedger(image.provenance())
                && state.epoch() == image.provenance().epoch();
    }

    /** What the kills held before, they hold; whoever was told of them is told what they hold beside their targets now. */
    private void keepHeld(Image before, List<StopEffect> effects) {
        List<StandingKill> changed = new ArrayList<>();
        for (Known one : known.values()) {
            StandingKill keeping = one.kill.keeping(before, image);
            if (!keeping.equals(one.kill)) {
                one.kill = keeping;
                if (one.sent && !image.marks().covers(keeping.id())) {
                    changed.add(keeping);
                }
            }
        }
        if (!changed.isEmpty()) {
            effects.add(new StopEffect.Send(changed));
        }
    }

    /**
     * Kills that stood in a history that the ledger no longer has go the whole way once more. So do those that it had restored, if the
     * journal still has them: no entry of the ledger restores them any more, and they would come back with the next start.
     */
    private void takeBackDisplaced(Image before, long nowMs, List<StopEffect> effects) {
        for (EnvironmentImage environment : before.environments().values()) {
            for (Versioned<StandingKill> standing : environment.kills().values()) {
                KillId id = standing.value().id();
                if (!image.marks().covers(id) && !known.containsKey(id)) {
                    // It was out already: nobody may see a moment without it.
                    sendOnce(take(standing.value().keeping(before, image), nowMs, effects), effects);
                }
            }
        }
        List<SignedKill> kept = new ArrayList<>(journal.values());
        kept.addAll(writing.values());
        for (SignedKill kill : kept) {
            if (!image.marks().covers(kill.id()) && !known.containsKey(kill.id())) {
                sendOnce(take(StandingKill.taken(kill, image), nowMs, effects), effects);
            }
        }
    }

    private void forget(List<StopEffect> effects) {
        List<KillId> covered =
                journal.keySet().stream().filter(savedMarks::covers).toList();
        if (!covered.isEmpty()) {
            covered.forEach(journal::remove);
            effects.add(new StopEffect.Forget(covered));
        }
    }

    private void settle(long nowMs, List<StopEffect> effects) {
        if (appending) {
            return;
        }
        List<StandingKill> next = new ArrayList<>();
        long chars = 0;
        for (Known one : known.values()) {
            boolean ready = one.sent
                    && image.environment(one.kill.signed().kill().environment()).isPresent();
            if (ready && next.size() < limits.batch()) {
                chars += SettleEntry.chars(one.kill);
                if (!next.isEmpty() && chars > limits.batchChars()) {
                    break;
                }
                next.add(one.kill);
            }
        }
        if (next.isEmpty()) {
            return;
        }
        if (image.provenance().version() < awaitedVersion && nowMs < retryAtMs) {
            effects.add(new StopEffect.Wake(retryAtMs));
            return;
        }
        appending = true;
        effects.add(new StopEffect.Append(image.provenance(), next));
    }

    /** All that decides how the machine goes on, as text: equal texts, equal futures. */
    String fingerprint() {
        StringBuilder text = new StringBuilder();
        text.append(image.provenance())
                .append('|')
                .append(lastNumber)
                .append('|')
                .append(appending);
        text.append('|')
                .append(awaitedVersion)
                .append('|')
                .append(failures > 0)
                .append('|')
                .append(journal.keySet())
                .append(writing.keySet())
                .append(savedMarks);
        known.forEach((id, one) -> text.append('|')
                .append(id)
                .append(one.kill.flags())
                .append(one.written)
                .append(one.sent)
                .append(one.waiting));
        return text.append('|').append(unverified.keySet()).toString();
    }
}
