package dev.andon.server.receipt;

import dev.andon.core.event.Event;
import dev.andon.core.image.ImageCodec;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.Exercises;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.Instance;
import dev.andon.server.node.KillReceipts;
import dev.andon.server.node.MissingNode;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who has applied a kill. It names every instance that was connected or remembered when the kill went out, and those that
 * came without it before it was proven, or while a node hadn't said who its clients are. Proven means: at least one has applied it or confirmed to have it, and nobody is
 * silent, unreachable, unlisted, or was sent it without confirming. Clients of other protocols than Andon's confirm by asking: what
 * was written to them is sent, and no more. From then on, and once the kill is restored, nobody joins it any more; what is
 * reported of the time before still counts until its {@link LastWord}.
 *
 * <p>Only for the bookkeeper's thread.
 */
final class Receipt {
    private static final JsonLimits SAVED = JsonLimits.SNAPSHOT;

    /** So many come after the kill went out, at most: pages come and go. */
    private static final int MOST_FOUND = 5_000;

    private final StandingKill kill;
    private final Instant sentAt;
    private final boolean sentBefore;
    private final long sentNanos;
    final Map<InstanceKey, Member> members = new LinkedHashMap<>();
    final Tally tally = new Tally();
    private @Nullable Provenance settledAt;
    private long restoredIn;
    private KillReceipts.@Nullable Held held;
    private boolean closed;
    private int found;
    private Behaviour behaviour = new Behaviour();
    private @Nullable LastWord lastWord;
    private @Nullable Said said;
    private long alarmedTo;
    private boolean speaks = true;
    private long speakNanos;

    /** What the ledger is told of the last word, in exactly these words as often as it takes. */
    record Said(String reason, Event.Observed event) {}

    /** @param sentNanos the server's monotonic clock when the kill went out */
    Receipt(StandingKill kill, Instant sentAt, long sentNanos) {
        this(kill, sentAt, sentNanos, false);
    }

    private Receipt(StandingKill kill, Instant sentAt, long sentNanos, boolean sentBefore) {
        this.kill = kill;
        this.sentAt = sentAt;
        this.sentNanos = sentNanos;
        this.sentBefore = sentBefore;
        this.speakNanos = sentNanos;
    }

    KillId id() {
        return kill.id();
    }

    StandingKill kill() {
        return kill;
    }

    String environment() {
        return kill.signed().kill().environment();
    }

    /** The version in which the kill entered the ledger; empty while it is on its way. */
    Optional<Provenance> settledAt() {
        return Optional.ofNullable(settledAt);
    }

    /** The version in which the kill was released; 0 if it wasn't. */
    long restoredIn() {
        return restoredIn;
    }

    boolean closed() {
        return closed;
    }

    void settled(Provenance at) {
        settledAt = at;
    }

    /** The ledger's history went another way and doesn't have the kill: it is on its way once more. */
    void unsettled() {
        settledAt = null;
    }

    /** @param held what it held until then */
    void restored(long version, KillReceipts.Held held) {
        if (restoredIn == 0) {
            this.held = held;
        }
        restoredIn = version;
        closed = true;
    }

    /** What it held when it was restored. */
    Optional<KillReceipts.Held> held() {
        return Optional.ofNullable(held);
    }

    /** An instance that was there when the kill went out. */
    void add(Instance instance, boolean connected) {
        add(instance, connected, connected ? 0 : 1);
    }

    /** @param missing how many of the processes behind it had vanished without goodbye */
    void add(Instance instance, boolean connected, int missing) {
        Member member = new Member(instance, connected ? Member.State.SILENT : Member.State.UNREACHABLE);
        member.missing = missing;
        member.away = !connected;
        put(member);
    }

    /** So many clients were there that nobody knows any more: without them, nothing is proven. */
    boolean unlisted(int count) {
        if (closed || count == 0) {
            return false;
        }
        tally.unlisted += count;
        return true;
    }

    /** These nodes don't say who their clients are: as long as one doesn't, nothing is proven. */
    boolean missing(Set<MissingNode> nodes) {
        if (closed || nodes.equals(tally.missingNodes)) {
            return false;
        }
        tally.missingNodes = Set.copyOf(nodes);
        closed = verdict() == Verdict.PROVEN;
        return true;
    }

    private void cameBack(Instance instance, int missing) {
        Member member = new Member(instance, missing == 0 ? Member.State.SILENT : Member.State.UNREACHABLE);
        member.away = true;
        member.missing = missing;
        put(member);
    }

    private void put(Member member) {
        Member before = members.put(member.instance.key(), member);
        if (before != null) {
            tally.count(before, -1);
        }
        tally.count(member, 1);
    }

    private void become(Member member, Member.State state) {
        tally.count(member, -1);
        member.become(state);
        tally.count(member, 1);
    }

    /** Whether anything changed; so for all of these. */
    boolean connected(Instance instance, Frame.Hello hello) {
        if (closed) {
            return false;
        }
        Member known = members.get(instance.key());
        boolean holds = holds(hello);
        if (known == null) {
            if (holds && !mayHaveBeenThere()) {
                return false;
            }
            cameBack(instance, 0);
            return true;
        }
        if (known.hasApplied() && holds) {
            return false;
        }
        cameBack(instance, 0);
        return true;
    }

    /** Whoever is new may have been there when the kill went out, at a node that hasn't said yet who its clients are. */
    private boolean mayHaveBeenThere() {
        return !tally.missingNodes.isEmpty();
    }

    private boolean holds(Frame.Hello hello) {
        return hello.carried().stream().anyMatch(carried -> carried.id().equals(kill.id()))
                || hello.has().filter(held -> covers(held.provenance())).isPresent();
    }

    boolean acked(InstanceKey instance, Frame.Ack ack, long nanos, Instant now) {
        Member member = members.get(instance);
        if (closed || member == null || member.hasApplied()) {
            return false;
        }
        if (!ack.pending().contains(kill.id()) && !covers(ack.state().provenance())) {
            return false;
        }
        member.appliedMs = sinceSentMs(nanos, now);
        become(member, member.away ? Member.State.RETURNED : Member.State.APPLIED);
        closed = verdict() == Verdict.PROVEN;
        return true;
    }

    /**
     * A client of another protocol is there.
     *
     * @param missing how many of the processes behind it vanished and aren't back
     */
    boolean found(Instance instance, Optional<Served> holds, int missing) {
        if (closed) {
            return false;
        }
        Member known = members.get(instance.key());
        boolean has = holds.filter(this::holds).isPresent();
        if (known == null) {
            if (has && !mayHaveBeenThere()) {
                return false;
            }
            if (found == MOST_FOUND) {
                tally.unlisted++;
                return true;
            }
            found++;
            cameBack(instance, missing);
            return true;
        }
        if (missing > 0) {
            return misses(known, missing);
        }
        known.missing = 0;
        if (known.holds() || known.state() == Member.State.SENT) {
            return false;
        }
        return become(instance.key(), Member.State.SILENT);
    }

    /** It was handed to the network for a client of another protocol. */
    boolean sent(InstanceKey instance, Served served, long nanos, Instant now) {
        Member member = members.get(instance);
        if (closed || member == null || member.holds() || member.state() == Member.State.SENT) {
            return false;
        }
        if (member.missing > 0 || !holds(served)) {
            return false;
        }
        member.sentMs = sinceSentMs(nanos, now);
        reach(member, served, Member.State.SENT);
        return true;
    }

    /** A client of another protocol was answered from this. */
    boolean confirmed(InstanceKey instance, Served served, long nanos, Instant now) {
        Member member = members.get(instance);
        if (closed || member == null || member.holds() || !holds(served)) {
            return false;
        }
        member.confirmedMs = sinceSentMs(nanos, now);
        member.missing = 0;
        reach(member, served, Member.State.CONFIRMED);
        closed = verdict() == Verdict.PROVEN;
        return true;
    }

    private void reach(Member member, Served served, Member.State state) {
        tally.count(member, -1);
        member.widened = served.widened().contains(kill.id());
        member.become(state);
        tally.count(member, 1);
    }

    private boolean holds(Served served) {
        return served.pending().contains(kill.id()) || covers(served.at());
    }

    private boolean covers(Provenance state) {
        Provenance settled = settledAt;
        return settled != null && settled.sameLedger(state) && !state.olderThan(settled);
    }

    /** In tenths of a millisecond. After a restart there is no common monotonic clock, so that the time of day must do. */
    private double sinceSentMs(long nanos, Instant now) {
        long micros =
                sentBefore ? java.time.Duration.between(sentAt, now).toNanos() / 1_000 : (nanos - sentNanos) / 1_000;
        return Math.max(0, Math.round(micros / 100.0) / 10.0);
    }

    /** @param missing how many of the processes behind it */
    boolean vanished(InstanceKey instance, int missing) {
        Member member = members.get(instance);
        if (member == null) {
            return false;
        }
        member.away = true;
        return misses(member, missing);
    }

    private boolean misses(Member member, int missing) {
        if (closed || member.holds()) {
            return false;
        }
        boolean changed = member.missing != missing;
        member.missing = missing;
        return become(member.instance.key(), Member.State.UNREACHABLE) || changed;
    }

    boolean left(InstanceKey instance) {
        boolean changed = become(instance, Member.State.GONE);
        closed = closed || verdict() == Verdict.PROVEN;
        return changed;
    }

    private boolean become(InstanceKey instance, Member.State state) {
        Member member = members.get(instance);
        if (closed || member == null || member.holds() || member.state() == state) {
            return false;
        }
        become(member, state);
        return true;
    }

    Verdict verdict() {
        return tally.verdict();
    }

    /** Whether waiting can't make it any better: it is proven, or restored, or whoever is left says no more. */
    boolean saysNoMore() {
        return closed || (verdict() == Verdict.SENT && tally.of(Member.State.SENT) == tally.sayNoMore());
    }

    boolean proven() {
        return verdict() == Verdict.PROVEN;
    }

    Map<String, Exercises.Exercise> exercises() {
        return Exercised.of(kill, sentAt, members.values(), verdict());
    }

    /** As the API shows it. */
    Json toJson() {
        return ReceiptJson.of(this);
    }

    /** Whether reports tell safe from unsafe: what a kill for some doesn't stop is served as ever. */
    boolean observable() {
        Kill aimed = kill.signed().kill();
        return aimed.audience().isEmpty()
                && aimed.services().isEmpty()
                && aimed.regions().isEmpty();
    }

    Behaviour behaviour() {
        return behaviour;
    }

    /** It evaluated what the kill holds without the kill, after the kill had gone out. Whether that changed anything. */
    boolean evaluatedWithout(InstanceKey instance) {
        Member member = members.get(instance);
        if (member == null) {
            return false;
        }
        member.away = false;
        if (member.state() == Member.State.RETURNED) {
            become(member, Member.State.APPLIED);
            return true;
        }
        return false;
    }

    Optional<LastWord> lastWord() {
        return Optional.ofNullable(lastWord);
    }

    String outcome() {
        return verdict().word();
    }

    /** Whether its last word isn't true any more, and it may say another one. */
    boolean hasMoreToSay() {
        return !speaks
                && lastWord()
                        .filter(word -> !word.outcome().equals(outcome()) && word.number() < LastWord.MAX_NUMBER)
                        .isPresent();
    }

    /** As long as it isn't known that the ledger has it. */
    Optional<Said> said() {
        return Optional.ofNullable(said);
    }

    void said(String reason, Event.Observed event) {
        said = new Said(reason, event);
    }

    /** The largest number of relapses that the ledger has an alarm of; 0 if it has none. */
    long alarmedTo() {
        return alarmedTo;
    }

    void alarmedTo(long threshold) {
        alarmedTo = Math.max(alarmedTo, threshold);
    }

    /** The ledger has the last word in this version. */
    void written(long version) {
        said = null;
        lastWord = lastWord == null ? null : lastWord.in(version);
    }

    void lastWord(LastWord word) {
        lastWord = word;
        speaks = false;
    }

    /** Has it speak at this time of the monotonic clock, or earlier if that was said before. */
    void speakBy(long nanos) {
        if (!speaks || nanos - speakNanos < 0) {
            speakNanos = nanos;
        }
        speaks = true;
    }

    /** Has it speak at this time of the monotonic clock, whatever was said before. */
    void speakAt(long nanos) {
        speakNanos = nanos;
        speaks = true;
    }

    /** Whether it has something to say, now or later. */
    boolean speaks() {
        return speaks;
    }

    boolean speaks(long nanos) {
        return speaks && nanos - speakNanos >= 0;
    }

    /** Whether there is no one whom it could name: only then may another node's word stand for its own. */
    boolean namesNobody() {
        return members.isEmpty() && tally.unlisted == 0;
    }

    /** Has it say nothing, if it has nobody to name and hasn't spoken; whether that is so. */
    boolean leavesItToOthers() {
        boolean leaves = namesNobody() && speaks && lastWord().isEmpty();
        speaks = speaks && !leaves;
        return leaves;
    }

    /** Whether its word, or its last one, isn't in the ledger yet. */
    boolean unfinished() {
        return speaks || lastWord().filter(word -> word.version() == 0).isPresent();
    }

    /** Those who aren't known to have applied the kill, the first ones; such as were sent it come last. */
    List<Member> exceptions(int most) {
        return Stream.of(Member.State.SILENT, Member.State.UNREACHABLE, Member.State.SENT)
                .flatMap(state -> members.values().stream().filter(member -> member.state() == state))
                .limit(most)
                .toList();
    }

    Instant sentAt() {
        return sentAt;
    }

    byte[] encode() {
        Json.Builder json = Json.object()
                .put("kill", kill.signed().toJson())
                .put("flags", Json.texts(kill.flags()))
                .put("sentAt", sentAt.toString())
                .put("closed", closed)
                .put("unlisted", tally.unlisted)
                .put("found", found)
                .put("restoredIn", restoredIn)
                .put("behaviour", behaviour.saved())
                .put("speaks", speaks)
                .put("alarmedTo", alarmedTo);
        if (lastWord != null) {
            json.put("lastWord", lastWord.toJson());
        }
        if (said != null) {
            json.put(
                    "said",
                    Json.object()
                            .put("reason", said.reason())
                            .put("event", said.event().toJson()));
        }
        if (settledAt != null) {
            json.put("settledAt", ImageCodec.provenanceJson(settledAt));
        }
        if (held != null) {
            json.put(
                    "held", Json.object().put("first", Json.texts(held.first())).put("count", held.count()));
        }
        return Json.utf8("members", members.values().stream().map(Member::utf8).toList(), json.build());
    }

    /**
     * After a restart nobody has a stream: whoever was silent, or was sent it and no more, is unreachable until it returns.
     */
    static Receipt decode(byte[] saved) {
        Fields fields = Fields.lenient(Json.parse(saved, SAVED));
        SignedKill signed = SignedKill.read(fields.object("kill"));
        Receipt receipt = new Receipt(
                new StandingKill(signed, new TreeSet<>(fields.texts("flags"))),
                Instant.parse(fields.text("sentAt")),
                0,
                true);
        receipt.closed = fields.bool("closed");
        receipt.tally.unlisted = (int) fields.whole("unlisted", 0, Integer.MAX_VALUE, 0);
        receipt.found = (int) fields.whole("found", 0, Integer.MAX_VALUE, 0);
        receipt.restoredIn = fields.whole("restoredIn", 0, Long.MAX_VALUE);
        receipt.settledAt = fields.optionalObject("settledAt")
                .map(ImageCodec::readProvenance)
                .orElse(null);
        receipt.held = fields.optionalObject("held")
                .map(one -> new KillReceipts.Held(one.texts("first"), (int) one.whole("count", 0, Integer.MAX_VALUE)))
                .orElse(null);
        receipt.behaviour =
                fields.optionalObject("behaviour").map(Behaviour::read).orElseGet(Behaviour::new);
        receipt.lastWord = fields.optionalObject("lastWord").map(LastWord::read).orElse(null);
        receipt.said = fields.optionalObject("said")
                .map(one -> new Said(one.text("reason"), (Event.Observed) Event.read(one.object("event"))))
                .orElse(null);
        receipt.alarmedTo = fields.whole("alarmedTo", 0, Long.MAX_VALUE, 0);
        receipt.speaks = fields.bool("speaks", false);
        for (Member member : fields.objects("members", one -> Member.read(receipt.environment(), one))) {
            boolean open = member.state() == Member.State.SILENT || member.state() == Member.State.SENT;
            if (open && !receipt.closed) {
                member.become(Member.State.UNREACHABLE);
                member.away = true;
                member.missing = 1;
            }
            receipt.put(member);
        }
        return receipt;
    }

    @Override
    public String toString() {
        return "Receipt[" + kill.id() + ", " + verdict().word() + ", " + members.size() + " members]";
    }
}
