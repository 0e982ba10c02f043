package dev.andon.core.stream;

import dev.andon.core.image.Marks;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.model.SignedKill;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One node's end of one connection to another node, dialled or accepted. After both have shown who they are, either end
 * sees to it that the other one knows every kill that stands here, also one that is in the ledger: the other may be cut off
 * from that:
 *
 * <ol>
 *   <li>each first names the kills that it knows, and gets those that it doesn't;
 *   <li>a kill that is taken or adopted later goes out at once, also into a full connection, up to a bound; beyond it, it
 *       waits for room with everything else;
 *   <li>a kill counts as known by the other end when that has said so or given it; until then it is given again from time
 *       to time, ever more rarely, so that nothing is lost for what an end couldn't take when it came;
 *   <li>an end whose ledger goes on in another epoch says anew what stands there, and is given the rest once more.
 * </ol>
 *
 * <p>Holds nothing but ids of its own: as many as kills stand here, and so many more as the other end has given and
 * this node hasn't taken over yet. Not thread-safe; times come in through {@link #step}.
 *
 * @see <a href="../../../../../../../../api/stream.md">api/stream.md</a>
 */
public final class PeerLink {
    /** From the connection to the end of the greeting. */
    static final int GREETING_MS = 5_000;

    static final long REPEAT_MS = 2_000;
    static final long MAX_REPEAT_MS = 60_000;
    private static final int MISSED_HEARTBEATS = 3;
    private static final int MAX_FRAMES_A_STEP = 4;
    private static final int MAX_KILL_FRAMES_WHILE_FULL = 16;
    private static final int MAX_FRAME_CHARS = 1 << 18;
    private static final int MAX_TO_CONFIRM = 10_000;

    private final Self self;
    private final boolean dials;
    /** The node that is meant, where it isn't whoever answers. */
    private final Optional<String> dialled;

    private final String nonce;
    private final long beganMs;

    private Phase phase;
    /** Whether it is known that the other end takes this one for the node that it is. */
    private boolean mutual;

    private Frame.@Nullable PeerHello hello;
    private @Nullable Node peer;
    private String greeting = "";
    private int heartbeatMs;
    private long heardMs;
    private long pingAtMs;

    /** The epoch of what stands here, and whether it was another one before on this link. */
    private long epoch;

    private boolean epochChanged;
    /** The newest epoch of which the other end has said what it knows. */
    private long knownEpoch;

    private Marks settled = Marks.NONE;
    private Map<KillId, StandingKill> standing = Map.of();
    /** Kills that the other end has. */
    private final Set<KillId> known = new HashSet<>();
    /** Kills that it was given on this connection, since they were repeated last. */
    private final Set<KillId> given = new HashSet<>();
    /** Kills that stood here when the greeting was over: the other end says first which of them it knows. */
    private final Set<KillId> compared = new HashSet<>();
    /** Kills that the other end has given, and that this node hasn't taken over yet. */
    private final Set<KillId> toConfirm = new LinkedHashSet<>();

    private boolean full;
    private int killFramesWhileFull;
    private long repeatMs = REPEAT_MS;
    private long repeatAtMs;

    private enum Phase {
        NEW,
        EXPECTING_HELLO,
        EXPECTING_WELCOME,
        EXPECTING_PROOF,
        LINKED,
        ENDED
    }

    /** Whether a node's key signed exactly this text; {@link Node#signed}. */
    @FunctionalInterface
    public interface Verifier {
        boolean signed(Node node, String text, String signature);
    }

    /**
     * The node that this end is of.
     *
     * @param nodes those of its ledger, by id
     * @param signer signs with its key
     * @param heartbeatMs between pings on connections that it accepts
     */
    public record Self(
            String node,
            String ledger,
            Function<String, Optional<Node>> nodes,
            UnaryOperator<String> signer,
            Verifier verifier,
            int heartbeatMs) {}

    private PeerLink(Self self, boolean dials, Optional<String> dialled, String nonce, long nowMs) {
        this.self = self;
        this.dials = dials;
        this.dialled = dialled;
        this.nonce = PeerProof.nonce("nonce", nonce);
        this.beganMs = nowMs;
        this.heartbeatMs = self.heartbeatMs();
        this.heardMs = nowMs;
        this.phase = Phase.NEW;
    }

    /**
     * The end that has dialled.
     *
     * @param peer the node that it means to reach; empty if that is whoever answers
     * @param nonce {@link PeerProof#NONCE_DIGITS} hexadecimal digits that nobody can guess, new for each connection
     */
    public static PeerLink dialling(Self self, Optional<String> peer, String nonce, long nowMs) {
        return new PeerLink(self, true, peer, nonce, nowMs);
    }

    /** The end that was dialled, by whomever. */
    public static PeerLink accepting(Self self, String nonce, long nowMs) {
        return new PeerLink(self, false, Optional.empty(), nonce, nowMs);
    }

    /** To be called once, before any step. */
    public List<PeerEffect> start() {
        List<PeerEffect> effects = new ArrayList<>();
        if (dials) {
            Frame.PeerHello sent = new Frame.PeerHello(Frame.PROTOCOL, self.ledger(), self.node(), dialled, nonce);
            hello = sent;
            effects.add(new PeerEffect.Send(sent));
            phase = Phase.EXPECTING_WELCOME;
        } else {
            phase = Phase.EXPECTING_HELLO;
        }
        return effects;
    }

    /** @param nowMs from a clock that never goes back */
    public List<PeerEffect> step(PeerInput input, long nowMs) {
        List<PeerEffect> effects = new ArrayList<>();
        if (phase == Phase.ENDED) {
            return effects;
        }
        if (input instanceof PeerInput.Received received) {
            heardMs = nowMs;
            receive(received.frame(), nowMs, effects);
        } else if (input instanceof PeerInput.Malformed malformed) {
            refuse(
                    Frame.Refused.MALFORMED_FRAME,
                    String.valueOf(malformed.problem().getMessage()),
                    effects);
        } else if (input instanceof PeerInput.Offered offered) {
            take(offered, effects);
        } else if (input instanceof PeerInput.Tell tell) {
            if (phase == Phase.LINKED) {
                effects.add(new PeerEffect.Send(tell.told()));
            }
        } else if (input instanceof PeerInput.Filled) {
            full = true;
        } else if (input instanceof PeerInput.Drained) {
            full = false;
            killFramesWhileFull = 0;
            give(Set.of(), effects);
        } else if (input instanceof PeerInput.End end) {
            effects.add(new PeerEffect.Send(end.why()));
            end("", effects);
        } else if (input instanceof PeerInput.Closed) {
            phase = Phase.ENDED;
        } else if (input instanceof PeerInput.Tick) {
            tick(nowMs, effects);
        }
        return effects;
    }

    public boolean ended() {
        return phase == Phase.ENDED;
    }

    /** Whether both ends have shown who they are. */
    public boolean linked() {
        return phase == Phase.LINKED && mutual;
    }

    /** The other node's id, once it has shown who it is. */
    public Optional<String> peer() {
        return linked() && peer != null ? Optional.of(peer.id()) : Optional.empty();
    }

    /** When something was heard last, in the clock of {@link #step}. */
    public long heardMs() {
        return heardMs;
    }

    /** How many of the kills that stand here the other end hasn't said to know. */
    public int unconfirmed() {
        int count = 0;
        for (KillId kill : standing.keySet()) {
            count += known.contains(kill) ? 0 : 1;
        }
        return count;
    }

    /** Whether there is more to give, for which {@link PeerInput.Drained} is awaited. */
    public boolean owing() {
        return phase == Phase.LINKED && standing.keySet().stream().anyMatch(this::isOwed);
    }

    private void receive(Frame frame, long nowMs, List<PeerEffect> effects) {
        if (frame instanceof Frame.Refused refused) {
            end(refused.code() + ": " + refused.detail(), effects);
            return;
        }
        if (phase == Phase.LINKED) {
            beTaken(effects);
        }
        if (phase == Phase.EXPECTING_HELLO && frame instanceof Frame.PeerHello greeted) {
            greet(greeted, effects);
        } else if (phase == Phase.EXPECTING_WELCOME && frame instanceof Frame.PeerWelcome welcome) {
            beWelcome(welcome, nowMs, effects);
        } else if (phase == Phase.EXPECTING_PROOF && frame instanceof Frame.PeerShown shown) {
            beShown(shown, nowMs, effects);
        } else if (phase == Phase.LINKED && frame instanceof Frame.Carry carry) {
            adopt(carry.kills(), effects);
        } else if (phase == Phase.LINKED && frame instanceof Frame.Known said) {
            learn(said, effects);
        } else if (phase == Phase.LINKED && frame instanceof Frame.Presence told) {
            effects.add(new PeerEffect.Heard(Objects.requireNonNull(peer).id(), told));
        } else if (phase == Phase.LINKED && frame instanceof Frame.Lost lost) {
            effects.add(new PeerEffect.Lost(Objects.requireNonNull(peer).id(), lost));
        } else if (phase == Phase.LINKED && frame instanceof Frame.Moved) {
            effects.add(new PeerEffect.Moved(Objects.requireNonNull(peer).id()));
        } else if (!(phase == Phase.LINKED && frame instanceof Frame.Ping)) {
            refuse(Frame.Refused.MALFORMED_FRAME, "type: " + frame.type() + " (expected: " + expected() + ")", effects);
        }
    }

    private String expected() {
        if (phase == Phase.LINKED) {
            return "carry, known, presence, lost, moved or ping";
        }
        if (phase == Phase.EXPECTING_HELLO) {
            return "peer-hello first";
        }
        return phase == Phase.EXPECTING_WELCOME ? "peer-welcome" : "peer-proof";
    }

    private void greet(Frame.PeerHello greeted, List<PeerEffect> effects) {
        if (!speaks(greeted.protocol(), effects)) {
            return;
        }
        if (!greeted.ledger().equals(self.ledger())) {
            refuse(
                    Frame.Refused.WRONG_PEER,
                    "ledger: " + greeted.ledger() + " (expected: that of node " + self.node() + ", " + self.ledger()
                            + ")",
                    effects);
            return;
        }
        boolean meant = greeted.to().isEmpty() || greeted.to().get().equals(self.node());
        if (!meant || greeted.node().equals(self.node())) {
            refuse(
                    Frame.Refused.WRONG_PEER,
                    "to: " + greeted.to().orElse("nobody else") + " (expected: " + self.node()
                            + ", which answers at this address; advertise each node by an address of its own)",
                    effects);
            return;
        }
        Optional<Node> named = self.nodes().apply(greeted.node());
        if (named.isEmpty()) {
            refuseStranger(greeted.node(), effects);
            return;
        }
        hello = greeted;
        peer = named.get();
        greeting = nonce;
        String proof = self.signer().apply(PeerProof.ofAccepting(greeted, self.node(), nonce));
        effects.add(new PeerEffect.Send(new Frame.PeerWelcome(Frame.PROTOCOL, self.node(), nonce, heartbeatMs, proof)));
        phase = Phase.EXPECTING_PROOF;
    }

    private void beWelcome(Frame.PeerWelcome welcome, long nowMs, List<PeerEffect> effects) {
        Frame.PeerHello sent = Objects.requireNonNull(hello);
        if (!speaks(welcome.protocol(), effects)) {
            return;
        }
        if (sent.to().isPresent() && !sent.to().get().equals(welcome.node())) {
            refuse(
                    Frame.Refused.WRONG_PEER,
                    "node: " + welcome.node() + " (expected: " + sent.to().get() + ")",
                    effects);
            return;
        }
        Optional<Node> named = self.nodes().apply(welcome.node());
        if (named.isEmpty()) {
            refuseStranger(welcome.node(), effects);
            return;
        }
        String text = PeerProof.ofAccepting(sent, welcome.node(), welcome.nonce());
        if (!self.verifier().signed(named.get(), text, welcome.proof())) {
            refuseProof(welcome.node(), effects);
            return;
        }
        peer = named.get();
        heartbeatMs = welcome.heartbeatMs();
        String proof = self.signer().apply(PeerProof.ofDialling(sent, welcome));
        effects.add(new PeerEffect.Send(new Frame.PeerShown(proof)));
        link(nowMs, effects);
    }

    private void beShown(Frame.PeerShown shown, long nowMs, List<PeerEffect> effects) {
        Frame.PeerHello greeted = Objects.requireNonNull(hello);
        Node named = Objects.requireNonNull(peer);
        Frame.PeerWelcome sent = new Frame.PeerWelcome(Frame.PROTOCOL, self.node(), greeting, heartbeatMs, "");
        if (self.verifier().signed(named, PeerProof.ofDialling(greeted, sent), shown.proof())) {
            link(nowMs, effects);
        } else {
            refuseProof(named.id(), effects);
        }
    }

    private void link(long nowMs, List<PeerEffect> effects) {
        phase = Phase.LINKED;
        pingAtMs = nowMs + heartbeatMs;
        repeatAtMs = nowMs + repeatMs;
        compared.addAll(standing.keySet());
        if (!dials) {
            beTaken(effects);
        }
        sayAll(effects);
    }

    private void sayAll(List<PeerEffect> effects) {
        sayKnown(standing.keySet().stream().limit(Frame.Known.MAX_KILLS).toList(), effects);
    }

    /** Whoever has dialled knows by the first frame after its proof that this was believed. */
    private void beTaken(List<PeerEffect> effects) {
        if (!mutual) {
            mutual = true;
            effects.add(new PeerEffect.Linked(Objects.requireNonNull(peer).id()));
        }
    }

    private void adopt(List<SignedKill> kills, List<PeerEffect> effects) {
        List<SignedKill> unknown = new ArrayList<>();
        List<KillId> here = new ArrayList<>();
        for (SignedKill kill : kills) {
            known.add(kill.id());
            if (isHere(kill.id())) {
                here.add(kill.id());
            } else {
                unknown.add(kill);
                if (toConfirm.size() < MAX_TO_CONFIRM) {
                    toConfirm.add(kill.id());
                }
            }
        }
        if (known.size() > standing.size() + toConfirm.size() + MAX_TO_CONFIRM) {
            keepKnown();
        }
        if (!unknown.isEmpty()) {
            effects.add(new PeerEffect.Adopt(unknown));
        }
        if (!here.isEmpty()) {
            sayKnown(here, effects);
        }
    }

    private void learn(Frame.Known said, List<PeerEffect> effects) {
        if (said.epoch() < knownEpoch) {
            return;
        }
        if (said.epoch() > knownEpoch && knownEpoch > 0) {
            // What its ledger had settled in a history that was lost, it may not know in this one.
            known.clear();
            given.clear();
            repeatMs = REPEAT_MS;
        }
        knownEpoch = said.epoch();
        for (KillId kill : said.kills()) {
            if (known.add(kill) && given.contains(kill)) {
                repeatMs = REPEAT_MS;
            }
        }
        compared.clear();
        keepKnown();
        give(Set.of(), effects);
    }

    private void take(PeerInput.Offered offered, List<PeerEffect> effects) {
        Set<KillId> fresh = new HashSet<>();
        for (KillId kill : offered.standing().keySet()) {
            if (!standing.containsKey(kill)) {
                fresh.add(kill);
            }
        }
        boolean other = epoch > 0 && offered.epoch() != epoch;
        epochChanged |= other;
        epoch = offered.epoch();
        settled = offered.settled();
        standing = offered.standing();
        keepKnown();
        given.retainAll(standing.keySet());
        compared.retainAll(standing.keySet());
        if (phase != Phase.LINKED) {
            return;
        }
        if (other) {
            sayAll(effects);
        }
        List<KillId> here = toConfirm.stream().filter(this::isHere).toList();
        if (!here.isEmpty()) {
            here.forEach(toConfirm::remove);
            sayKnown(here, effects);
        }
        give(fresh, effects);
    }

    /** What the other end knows is of interest for as long as it stands here, or is about to. */
    private void keepKnown() {
        known.removeIf(kill -> !standing.containsKey(kill) && !toConfirm.contains(kill));
    }

    private boolean isHere(KillId kill) {
        return settled.covers(kill) || standing.containsKey(kill);
    }

    private boolean isOwed(KillId kill) {
        return !known.contains(kill) && !given.contains(kill) && !compared.contains(kill);
    }

    /** @param fresh go before the others, and also into a full connection */
    private void give(Set<KillId> fresh, List<PeerEffect> effects) {
        if (phase != Phase.LINKED) {
            return;
        }
        int frames = MAX_FRAMES_A_STEP;
        List<SignedKill> first = owed(fresh);
        if (!full) {
            frames -= send(first, frames, effects);
            if (frames > 0) {
                send(owed(standing.keySet()), frames, effects);
            }
        } else if (killFramesWhileFull < MAX_KILL_FRAMES_WHILE_FULL) {
            killFramesWhileFull += send(first, MAX_KILL_FRAMES_WHILE_FULL - killFramesWhileFull, effects);
        }
    }

    private List<SignedKill> owed(Collection<KillId> of) {
        List<SignedKill> owed = new ArrayList<>();
        for (KillId kill : of) {
            StandingKill one = standing.get(kill);
            if (one != null && isOwed(kill)) {
                owed.add(one.signed());
            }
        }
        return owed;
    }

    /** How many frames it took; at most so many. */
    private int send(List<SignedKill> kills, int mostFrames, List<PeerEffect> effects) {
        int frames = 0;
        int next = 0;
        while (next < kills.size() && frames < mostFrames) {
            List<SignedKill> some = new ArrayList<>();
            long chars = 0;
            while (next < kills.size() && some.size() < Frame.Carry.MAX_KILLS) {
                chars += kills.get(next).body().length();
                if (!some.isEmpty() && chars > MAX_FRAME_CHARS) {
                    break;
                }
                some.add(kills.get(next));
                next++;
            }
            some.forEach(kill -> given.add(kill.id()));
            effects.add(new PeerEffect.Send(new Frame.Carry(some)));
            frames++;
        }
        return frames;
    }

    private void tick(long nowMs, List<PeerEffect> effects) {
        if (phase != Phase.LINKED) {
            if (nowMs - beganMs > GREETING_MS) {
                refuse(Frame.Refused.HELLO_EXPECTED, "nothing came in time (expected: " + expected() + ")", effects);
            }
            return;
        }
        if (nowMs - heardMs > (long) MISSED_HEARTBEATS * heartbeatMs) {
            end("nothing was heard for " + (nowMs - heardMs) + " ms", effects);
            return;
        }
        if (nowMs >= pingAtMs) {
            pingAtMs = nowMs + heartbeatMs;
            effects.add(new PeerEffect.Send(new Frame.Ping()));
            if (epochChanged) {
                sayKnown(List.of(), effects);
            }
        }
        if (nowMs >= repeatAtMs && !full) {
            if (unconfirmed() > 0) {
                repeatMs = Math.min(MAX_REPEAT_MS, 2 * repeatMs);
                given.clear();
                compared.clear();
                give(Set.of(), effects);
            }
            repeatAtMs = nowMs + repeatMs;
        }
    }

    private void sayKnown(List<KillId> kills, List<PeerEffect> effects) {
        effects.add(new PeerEffect.Send(new Frame.Known(kills, epoch)));
    }

    private boolean speaks(int protocol, List<PeerEffect> effects) {
        if (protocol >= Frame.OLDEST_PROTOCOL && protocol <= Frame.PROTOCOL) {
            return true;
        }
        refuse(
                Frame.Refused.UNSUPPORTED_PROTOCOL,
                "protocol: " + protocol + " (expected: " + Frame.OLDEST_PROTOCOL + " to " + Frame.PROTOCOL + ")",
                effects);
        return false;
    }

    private void refuseStranger(String node, List<PeerEffect> effects) {
        refuse(
                Frame.Refused.UNAUTHORIZED,
                "node: " + node + " (expected: a node of the ledger, as node " + self.node() + " knows it)",
                effects);
    }

    private void refuseProof(String node, List<PeerEffect> effects) {
        refuse(
                Frame.Refused.UNAUTHORIZED,
                "proof: not signed by the key of node " + node + " (expected: the signature of that node)",
                effects);
    }

    private void refuse(String code, String detail, List<PeerEffect> effects) {
        effects.add(new PeerEffect.Send(new Frame.Refused(code, detail, 0)));
        end("refused: " + code + ": " + detail, effects);
    }

    private void end(String why, List<PeerEffect> effects) {
        effects.add(new PeerEffect.Close(why));
        phase = Phase.ENDED;
    }
}
