package dev.andon.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.model.Node;
import dev.andon.core.model.Role;
import dev.andon.core.model.Token;
import dev.andon.server.token.Secret;
import dev.andon.store.LocalFile;
import dev.andon.store.StoreException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MembershipTest {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final String SECRET = "andon_relay_secret";

    @TempDir
    Path folder;

    private final AtomicInteger asked = new AtomicInteger();
    private final Queue<RuntimeException> faults = new ArrayDeque<>();
    private NodeKey identity;
    private Membership membership;
    private volatile Image image = Image.EMPTY;
    private volatile List<String> way = List.of();
    private volatile boolean refusing;
    private long version;

    @BeforeEach
    void begin() {
        identity = NodeKey.loadOrCreate(new LocalFile(folder.resolve("node.key")), new SecureRandom());
        membership = new Membership(identity, new Above(), () -> image, () -> true, 5, InstantSource.system());
        issued(SECRET);
    }

    @AfterEach
    void close() {
        membership.close();
    }

    private synchronized void fold(Event event) {
        version++;
        ImageDelta delta = new ImageDelta(image);
        delta.apply(version, event);
        image = delta.build(new Provenance("l", 1, version));
    }

    private void issued(String secret) {
        issued("t", secret);
    }

    private void issued(String token, String secret) {
        fold(new Event.TokenSaved(new Token(
                token,
                "eu",
                Role.RELAY,
                Optional.empty(),
                List.of(new Token.Secret(Secret.hash(secret), Optional.empty())),
                Instant.EPOCH,
                Optional.empty())));
    }

    private Optional<Node.Joining> joining() {
        return Optional.ofNullable(image.nodes().get(identity.node().id()))
                .flatMap(node -> node.value().joining());
    }

    /** Takes what it is asked for, after the faults. */
    private final class Above implements Upstream {
        @Override
        public String address() {
            return "http://above";
        }

        @Override
        public String region() {
            return "eu";
        }

        @Override
        public String secret() {
            return SECRET;
        }

        @Override
        public void feeds(String relay) {
            throw new AssertionError("not asked for");
        }

        @Override
        public List<String> way() {
            return way;
        }

        @Override
        public boolean loops() {
            return false;
        }

        @Override
        public Optional<Instant> cutOffSince() {
            return Optional.empty();
        }

        @Override
        public boolean receives() {
            return false;
        }

        @Override
        public void join(Node relay, String signature) {
            asked.incrementAndGet();
            if (refusing) {
                throw new StoreException(StoreException.Code.FAILED, "refused");
            }
            RuntimeException fault = faults.poll();
            if (fault != null) {
                throw fault;
            }
            assertThat(relay.signed(relay.joining().orElseThrow().statement("l", relay.id(), "eu"), signature))
                    .isTrue();
            fold(new Event.NodeSaved(relay));
        }

        @Override
        public long note(String relay, Observation observation) {
            throw new AssertionError("not asked for");
        }
    }

    @Test
    void whateverGoesWrongItIsTriedAgain() {
        faults.add(new StoreException(StoreException.Code.UNAVAILABLE, "gone"));
        faults.add(new IllegalStateException("on purpose"));
        faults.add(new NullPointerException());
        membership.start();
        await().atMost(PATIENCE).until(membership::stands);
        assertThat(asked.get()).isEqualTo(4);
        await().atMost(PATIENCE).until(() -> membership.refusal().isEmpty());
    }

    @Test
    void aRefusalIsKeptWithItsTimeUntilItIsOver() {
        refusing = true;
        membership.start();
        await().atMost(PATIENCE).until(() -> asked.get() >= 3);
        Membership.Refusal refusal = membership.refusal().orElseThrow();
        assertThat(refusal.why()).isEqualTo("refused");
        int before = asked.get();
        await().atMost(PATIENCE).until(() -> asked.get() > before);
        assertThat(membership.refusal()).contains(refusal);
        refusing = false;
        await().atMost(PATIENCE).until(() -> membership.refusal().isEmpty());
        assertThat(membership.stands()).isTrue();
    }

    @Test
    void itJoinsAnewBelowAnotherRelayWithAnotherRegionAndWhenItWasTakenOffTheList() {
        membership.start();
        await().atMost(PATIENCE).until(membership::stands);
        assertThat(joining().flatMap(Node.Joining::parent)).isEmpty();
        way = List.of("above", "top");
        await().atMost(PATIENCE)
                .until(() -> joining().flatMap(Node.Joining::parent).equals(Optional.of("above")));
        assertThat(joining().orElseThrow().number()).isEqualTo(2);
        fold(new Event.NodeSaved(image.nodes().get(identity.node().id()).value().retired()));
        await().atMost(PATIENCE).until(membership::stands);
        assertThat(joining().orElseThrow().number()).isEqualTo(3);
    }

    @Test
    void relaysThatJoinedWithOneTokenAreEachAsGoodAsTheOther() {
        issued("u", "other");
        Node.Joining theirs = new Node.Joining("u", Secret.hash("other"), Optional.empty(), 1);
        for (String id : List.of("a", "b")) {
            fold(new Event.NodeSaved(new Node(id, "k").relayingIn("eu", Optional.of(theirs))));
        }
        way = List.of("a");
        membership.start();
        await().atMost(PATIENCE).until(membership::stands);
        way = List.of("b");
        int before = asked.get();
        fold(new Event.NodeSaved(new Node("c", "k").relayingIn("eu", Optional.empty())));
        way = List.of("c");
        await().atMost(PATIENCE)
                .until(() -> joining().flatMap(Node.Joining::parent).equals(Optional.of("c")));
        assertThat(asked.get()).as("below c alone").isEqualTo(before + 1);
    }

    @Test
    void belowARelayThatWasntBelievedAnyMoreItJoinsBelowTheOneThatIs() {
        issued("u", "other");
        Node.Joining old = new Node.Joining("u", Secret.hash("other"), Optional.empty(), 1);
        fold(new Event.NodeSaved(new Node("a", "k").relayingIn("eu", Optional.of(old))));
        way = List.of("a");
        membership.start();
        await().atMost(PATIENCE).until(membership::stands);
        // the relay above was made anew, and its token rotated
        issued("u", "next");
        Node.Joining next = new Node.Joining("u", Secret.hash("next"), Optional.empty(), 1);
        fold(new Event.NodeSaved(new Node("b", "k").relayingIn("eu", Optional.of(next))));
        way = List.of("b");
        await().atMost(PATIENCE)
                .until(() -> joining().flatMap(Node.Joining::parent).equals(Optional.of("b")));
        assertThat(joining().orElseThrow().number()).isEqualTo(2);
    }

    @Test
    void withoutItsTokenInTheLedgerItAsksForNothing() {
        issued("another");
        membership.start();
        issued("yet another");
        assertThat(membership.stands()).isFalse();
        issued(SECRET);
        await().atMost(PATIENCE).until(membership::stands);
        assertThat(asked.get()).isEqualTo(1);
    }
}
