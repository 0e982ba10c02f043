package dev.andon.core.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.Samples;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Marks;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Environment;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.model.SignedKill;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PeerLinkTest {
    private static final String LEDGER = "0123456789abcdef";
    private static final int HEARTBEAT_MS = 1_000;
    private static final String ONE = "00000000000000aa-1";
    private static final String TWO = "00000000000000bb-1";
    private static final String THREE = "00000000000000bb-2";

    private static final Map<String, KeyPair> KEYS = Map.of("a", keyPair(), "b", keyPair(), "m", keyPair());

    private final Map<String, Node> ledgerNodes = new LinkedHashMap<>();
    private long nowMs = 1_000;
    private int nonces;

    PeerLinkTest() {
        for (String id : List.of("a", "b")) {
            ledgerNodes.put(id, node(id));
        }
    }

    /** One end with what it has sent and wanted. */
    private final class End {
        final PeerLink link;
        final Deque<Frame> sent = new ArrayDeque<>();
        final List<SignedKill> adopted = new ArrayList<>();
        final List<String> linked = new ArrayList<>();
        Optional<String> closed = Optional.empty();

        End(PeerLink link) {
            this.link = link;
            carryOut(link.start());
        }

        void step(PeerInput input) {
            carryOut(link.step(input, nowMs));
        }

        void carryOut(List<PeerEffect> effects) {
            for (PeerEffect effect : effects) {
                if (effect instanceof PeerEffect.Send send) {
                    sent.add(FrameCodec.decode(FrameCodec.encode(send.frame()), FrameCodec.FROM_PEER));
                } else if (effect instanceof PeerEffect.Adopt adopt) {
                    adopted.addAll(adopt.kills());
                } else if (effect instanceof PeerEffect.Linked now) {
                    linked.add(now.peer());
                } else if (effect instanceof PeerEffect.Close close) {
                    closed = Optional.of(close.why());
                }
            }
        }

        void knows(StandingKill... kills) {
            knows(Marks.NONE, kills);
        }

        void knows(Marks settled, StandingKill... kills) {
            knows(1, settled, kills);
        }

        void knows(long epoch, Marks settled, StandingKill... kills) {
            Map<KillId, StandingKill> standing = new LinkedHashMap<>();
            for (StandingKill kill : kills) {
                standing.put(kill.id(), kill);
            }
            step(new PeerInput.Offered(epoch, settled, standing));
        }

        List<String> carried() {
            return sent.stream()
                    .filter(Frame.Carry.class::isInstance)
                    .flatMap(frame -> ((Frame.Carry) frame).kills().stream())
                    .map(kill -> kill.id().toString())
                    .toList();
        }
    }

    private PeerLink.Self self(String id) {
        return self(id, id, LEDGER);
    }

    private PeerLink.Self self(String id, String key, String ledger) {
        return new PeerLink.Self(
                id,
                ledger,
                other -> Optional.ofNullable(ledgerNodes.get(other)),
                text -> sign(text, KEYS.get(key).getPrivate()),
                Node::signed,
                HEARTBEAT_MS);
    }

    private String nonce() {
        return String.format("%064x", ++nonces);
    }

    private End dialling(String from, String to) {
        return new End(PeerLink.dialling(self(from), Optional.of(to), nonce(), nowMs));
    }

    private End accepting(String node) {
        return new End(PeerLink.accepting(self(node), nonce(), nowMs));
    }

    private static void exchange(End one, End other) {
        while (!one.sent.isEmpty() || !other.sent.isEmpty()) {
            pass(one, other);
            pass(other, one);
        }
    }

    private static void pass(End from, End to) {
        while (!from.sent.isEmpty()) {
            to.step(new PeerInput.Received(from.sent.poll()));
        }
    }

    private static StandingKill kill(String id) {
        return Samples.standing("production", id, "checkout");
    }

    @Test
    void bothShowWhoTheyAre() {
        End a = dialling("a", "b");
        End b = accepting("b");
        exchange(a, b);
        assertThat(a.linked).containsExactly("b");
        assertThat(b.linked).containsExactly("a");
        assertThat(a.link.peer()).contains("b");
        assertThat(b.link.linked()).isTrue();
    }

    @Test
    void aRelayIsLinkedToWhoeverAnswersAndShowsWhoItIs() {
        End relay = new End(PeerLink.dialling(self("a"), Optional.empty(), nonce(), nowMs));
        End b = accepting("b");
        exchange(relay, b);
        assertThat(relay.linked).containsExactly("b");
        assertThat(b.linked).containsExactly("a");

        End fooled = new End(PeerLink.dialling(self("a"), Optional.empty(), nonce(), nowMs));
        End forger = new End(PeerLink.accepting(self("b", "m", LEDGER), nonce(), nowMs));
        exchange(fooled, forger);
        assertThat(fooled.linked).isEmpty();
        assertThat(fooled.closed.orElseThrow()).contains("proof: not signed by the key of node b");
    }

    @Test
    void newsForRelaysAndLostNodesComeAsTheyWereSent() {
        for (Frame frame : List.of(new Frame.Moved(2, 7), new Frame.Lost(List.of("a", "b")))) {
            assertThat(FrameCodec.decode(FrameCodec.encode(frame), FrameCodec.FROM_PEER))
                    .isEqualTo(frame);
        }
        String many = "\"n\",".repeat(Frame.Lost.MAX_NODES) + "\"n\"";
        assertThatThrownBy(() -> FrameCodec.decode(
                        ("{\"type\":\"lost\",\"nodes\":[" + many + "]}").getBytes(StandardCharsets.UTF_8),
                        FrameCodec.FROM_PEER))
                .hasMessageContaining("nodes");
    }

    @Test
    void aNodeThatTheLedgerDoesntKnowIsRefusedByName() {
        End a = dialling("m", "b");
        End b = accepting("b");
        exchange(a, b);
        assertThat(b.closed.orElseThrow()).contains("node: m (expected: a node of the ledger");
        assertThat(a.closed.orElseThrow()).contains("unauthorized: node: m");
        assertThat(b.linked).isEmpty();
    }

    @Test
    void aNodeThatUsesAnothersNameIsRefusedOnEitherSide() {
        End forging = new End(PeerLink.dialling(self("a", "m", LEDGER), Optional.of("b"), nonce(), nowMs));
        End b = accepting("b");
        exchange(forging, b);
        assertThat(b.linked).isEmpty();
        assertThat(forging.linked).isEmpty();
        assertThat(b.closed.orElseThrow()).contains("proof: not signed by the key of node a");

        End a = dialling("a", "b");
        End impostor = new End(PeerLink.accepting(self("b", "m", LEDGER), nonce(), nowMs));
        exchange(a, impostor);
        assertThat(a.linked).isEmpty();
        assertThat(a.closed.orElseThrow()).contains("proof: not signed by the key of node b");
        assertThat(impostor.linked).isEmpty();
    }

    @Test
    void whatWasSignedForOneConnectionIsWorthNothingOnAnother() {
        End a = dialling("a", "b");
        End b = accepting("b");
        Frame hello = a.sent.getFirst();
        pass(a, b);
        Frame welcome = b.sent.getFirst();
        pass(b, a);
        Frame proof = a.sent.getFirst();
        pass(a, b);
        assertThat(b.linked).containsExactly("a");

        End again = accepting("b");
        again.step(new PeerInput.Received(hello));
        again.step(new PeerInput.Received(proof));
        assertThat(again.linked).isEmpty();
        assertThat(again.closed.orElseThrow()).contains("proof: not signed");

        End other = dialling("a", "b");
        other.step(new PeerInput.Received(welcome));
        assertThat(other.closed.orElseThrow()).contains("proof: not signed");
    }

    @Test
    void whatAnEndHasSignedAsTheAcceptingOneDoesntShowThatItDials() {
        End dialling = dialling("b", "a");
        End accepting = accepting("a");
        pass(dialling, accepting);
        Frame.PeerWelcome mine = (Frame.PeerWelcome) accepting.sent.getFirst();
        accepting.step(new PeerInput.Received(new Frame.PeerShown(mine.proof())));
        assertThat(accepting.linked).isEmpty();
        assertThat(accepting.closed.orElseThrow()).contains("proof: not signed");
    }

    @Test
    void anotherLedgerAndAnotherNodeAreRefused() {
        End a = new End(PeerLink.dialling(self("a", "a", "fedcba9876543210"), Optional.of("b"), nonce(), nowMs));
        End b = accepting("b");
        exchange(a, b);
        assertThat(b.closed.orElseThrow()).contains("ledger: fedcba9876543210");

        End toB = dialling("a", "b");
        ledgerNodes.put("m", node("m"));
        End m = accepting("m");
        exchange(toB, m);
        assertThat(toB.closed.orElseThrow()).contains("wrong-peer").contains("to: b (expected: m");
    }

    @Test
    void eachGetsWhatItDoesntKnowAndNothingElse() {
        End a = dialling("a", "b");
        End b = accepting("b");
        a.knows(kill(ONE), kill(TWO));
        b.knows(kill(TWO), kill(THREE));
        exchange(a, b);
        assertThat(ids(b.adopted)).containsExactly(ONE);
        assertThat(ids(a.adopted)).containsExactly(THREE);
        assertThat(a.link.unconfirmed()).isEqualTo(1);

        a.knows(kill(ONE), kill(TWO), kill(THREE));
        b.knows(kill(ONE), kill(TWO), kill(THREE));
        exchange(a, b);
        assertThat(a.link.unconfirmed()).isZero();
        assertThat(b.link.unconfirmed()).isZero();
        assertThat(b.adopted).hasSize(1);
    }

    @Test
    void aKillGoesOutAtOnceAndIsntGivenBack() {
        End a = dialling("a", "b");
        End b = accepting("b");
        exchange(a, b);
        a.knows(kill(ONE));
        assertThat(a.carried()).containsExactly(ONE);
        exchange(a, b);
        assertThat(ids(b.adopted)).containsExactly(ONE);
        b.knows(kill(ONE));
        assertThat(b.carried()).isEmpty();
        exchange(a, b);
        assertThat(a.link.unconfirmed()).isZero();
    }

    @Test
    void whatTheOthersLedgerHasSettledIsConfirmedAndNotTakenOver() {
        End a = dialling("a", "b");
        End b = accepting("b");
        b.knows(Marks.NONE.with(KillId.parse("id", ONE)));
        a.knows(kill(ONE));
        exchange(a, b);
        assertThat(b.adopted).isEmpty();
        assertThat(a.link.unconfirmed()).isZero();
    }

    /** The other end may be cut off from the ledger. */
    @Test
    void whatAnEndKnewInAHistoryThatWasLostItIsGivenAgain() {
        End a = dialling("a", "b");
        End b = accepting("b");
        b.knows(1, Marks.NONE.with(KillId.parse("id", ONE)));
        a.knows(1, Marks.NONE, kill(ONE));
        exchange(a, b);
        assertThat(a.link.unconfirmed()).isZero();

        b.knows(2, Marks.NONE);
        exchange(a, b);
        assertThat(b.adopted).hasSize(1);

        // an answer that was on its way meanwhile counts no more
        a.step(new PeerInput.Received(new Frame.Known(List.of(KillId.parse("id", ONE)), 1)));
        assertThat(a.link.unconfirmed()).isEqualTo(1);
        b.knows(2, Marks.NONE, kill(ONE));
        exchange(a, b);
        assertThat(a.link.unconfirmed()).isZero();
    }

    @Test
    void whatStandsInTheLedgerIsGivenToo() {
        ImageDelta delta = new ImageDelta(Image.EMPTY);
        delta.apply(1, new Event.EnvironmentSaved(new Environment("production", "")));
        delta.apply(2, new Event.KillStood(kill(ONE).signed(), kill(ONE).flags()));
        Image image = delta.build(new Provenance(LEDGER, 1, 2));
        End a = dialling("a", "b");
        End b = accepting("b");
        a.step(PeerInput.Offered.of(image, Map.of(kill(TWO).id(), kill(TWO))));
        exchange(a, b);
        assertThat(ids(b.adopted)).containsExactlyInAnyOrder(ONE, TWO);
        assertThat(a.link.unconfirmed()).isEqualTo(2);
    }

    @Test
    void whatIsntConfirmedIsGivenAgainEverMoreRarely() {
        End a = dialling("a", "b");
        End b = accepting("b");
        exchange(a, b);
        a.knows(kill(ONE));
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            nowMs += 500;
            b.step(new PeerInput.Tick());
            pass(b, a);
            a.step(new PeerInput.Tick());
            if (a.carried().size() > 0) {
                times.add(nowMs);
            }
            pass(a, b);
        }
        assertThat(times.size()).isBetween(4, 10);
        assertThat(times.get(times.size() - 1) - times.get(times.size() - 2)).isGreaterThan(30_000);
        b.knows(kill(ONE));
        exchange(a, b);
        assertThat(a.link.unconfirmed()).isZero();
    }

    @Test
    void aFullConnectionTakesNewKillsUpToABoundAndTheRestWhenThereIsRoom() {
        End a = dialling("a", "b");
        End b = accepting("b");
        exchange(a, b);
        a.step(new PeerInput.Filled());
        List<StandingKill> kills = new ArrayList<>();
        for (int i = 1; i <= 40; i++) {
            kills.add(kill("00000000000000aa-" + i));
            a.knows(kills.toArray(StandingKill[]::new));
        }
        assertThat(a.carried()).hasSize(16);
        assertThat(a.link.owing()).isTrue();
        a.step(new PeerInput.Drained());
        assertThat(a.carried()).hasSize(40).doesNotHaveDuplicates();
        assertThat(a.link.owing()).isFalse();
    }

    @Test
    void newKillsGoBeforeABacklog() {
        End a = dialling("a", "b");
        End b = accepting("b");
        List<StandingKill> kills = new ArrayList<>();
        for (int i = 1; i <= 5_000; i++) {
            kills.add(kill("00000000000000aa-" + i));
        }
        a.knows(kills.toArray(StandingKill[]::new));
        exchange(a, b);
        assertThat(b.adopted.size()).isLessThan(5_000);
        assertThat(a.link.owing()).isTrue();
        kills.add(kill(TWO));
        a.knows(kills.toArray(StandingKill[]::new));
        assertThat(a.carried().get(0)).isEqualTo(TWO);
        for (int i = 0; i < 10 && a.link.owing(); i++) {
            a.step(new PeerInput.Drained());
        }
        pass(a, b);
        assertThat(ids(b.adopted)).hasSize(5_001).doesNotHaveDuplicates();
    }

    @Test
    void silenceEndsALink() {
        End a = dialling("a", "b");
        End b = accepting("b");
        exchange(a, b);
        nowMs += 3 * HEARTBEAT_MS + 1;
        a.step(new PeerInput.Tick());
        assertThat(a.closed.orElseThrow()).contains("nothing was heard for 3001 ms");
        assertThat(a.link.ended()).isTrue();
    }

    @Test
    void pingsKeepALink() {
        End a = dialling("a", "b");
        End b = accepting("b");
        for (int i = 0; i < 100; i++) {
            nowMs += 250;
            a.step(new PeerInput.Tick());
            b.step(new PeerInput.Tick());
            exchange(a, b);
        }
        assertThat(a.link.linked()).isTrue();
        assertThat(b.link.linked()).isTrue();
    }

    @Test
    void whoNeverGreetsIsLetGo() {
        End b = accepting("b");
        nowMs += PeerLink.GREETING_MS + 1;
        b.step(new PeerInput.Tick());
        assertThat(b.closed.orElseThrow()).contains("nothing came in time (expected: peer-hello first)");
    }

    @Test
    void nothingButAGreetingIsTakenFromAStranger() {
        for (Frame frame : List.of(
                new Frame.Carry(List.of(kill(ONE).signed())),
                new Frame.Known(List.of(), 1),
                new Frame.Ping(),
                new Frame.PeerShown("x"))) {
            End b = accepting("b");
            b.step(new PeerInput.Received(frame));
            assertThat(b.closed.orElseThrow()).contains("expected: peer-hello first");
            assertThat(b.adopted).isEmpty();
            End c = accepting("b");
            pass(dialling("a", "b"), c);
            c.step(new PeerInput.Received(frame));
            assertThat(c.closed).isPresent();
            assertThat(c.adopted).isEmpty();
        }
    }

    @Test
    void anEndedLinkDoesNothing() {
        End a = dialling("a", "b");
        End b = accepting("b");
        exchange(a, b);
        a.step(new PeerInput.End(new Frame.Refused(Frame.Refused.SHUTTING_DOWN, "bye", 0)));
        pass(a, b);
        assertThat(b.closed.orElseThrow()).isEqualTo("shutting-down: bye");
        a.knows(kill(ONE));
        a.step(new PeerInput.Malformed(new InvalidInput("x", "y", "z")));
        assertThat(a.sent).isEmpty();
    }

    private static List<String> ids(List<SignedKill> kills) {
        return kills.stream().map(kill -> kill.id().toString()).toList();
    }

    private static Node node(String id) {
        byte[] key = KEYS.get(id).getPublic().getEncoded();
        return new Node(id, Base64.getEncoder().encodeToString(key));
    }

    private static KeyPair keyPair() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String sign(String text, PrivateKey key) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(key);
            signer.update(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(signer.sign());
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
