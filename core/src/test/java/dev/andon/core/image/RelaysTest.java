package dev.andon.core.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.event.Event;
import dev.andon.core.model.Node;
import dev.andon.core.model.Role;
import dev.andon.core.model.Token;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RelaysTest {
    private static final Instant NOW = Instant.parse("2026-11-22T14:03:00Z");
    private static final String OLD = "0".repeat(64);
    private static final String NEW = "1".repeat(64);

    private final ImageDelta delta = new ImageDelta(Image.EMPTY);
    private long version;

    private void fold(Event event) {
        version++;
        delta.apply(version, event);
    }

    private Image image() {
        return delta.build(new Provenance("l", 1, version));
    }

    private void token(String id, Optional<Instant> oldUntil, Optional<Instant> revokedAt) {
        fold(new Event.TokenSaved(new Token(
                id,
                id,
                Role.RELAY,
                Optional.empty(),
                List.of(new Token.Secret(OLD, oldUntil), new Token.Secret(NEW, Optional.empty())),
                Instant.EPOCH,
                revokedAt)));
    }

    private Node relay(String id, String token, String secret, Optional<String> parent) {
        Node relay = new Node(id, "k").relayingIn("eu", Optional.of(new Node.Joining(token, secret, parent, 1)));
        fold(new Event.NodeSaved(relay));
        return relay;
    }

    @Test
    void aNodeWithALedgerAndARelayOfBeforeAreBelieved() {
        Node server = new Node("s", "k");
        Node old = new Node("r", "k").relayingIn("eu", Optional.empty());
        assertThat(Relays.doubt(image(), server, NOW)).isEmpty();
        assertThat(Relays.doubt(image(), old, NOW)).isEmpty();
        assertThat(Relays.speaksFor(image(), old, old)).isTrue();
        assertThat(Relays.speaksFor(image(), old, server)).isFalse();
    }

    @Test
    void aRelayIsBelievedAsLongAsItsSecretIsInForce() {
        token("t", Optional.of(NOW), Optional.empty());
        Node old = relay("old", "t", OLD, Optional.empty());
        Node fresh = relay("fresh", "t", NEW, Optional.empty());
        Node unknown = relay("unknown", "u", NEW, Optional.empty());
        assertThat(Relays.doubt(image(), old, NOW.minusMillis(1))).isEmpty();
        assertThat(Relays.doubt(image(), old, NOW))
                .contains("token t, with which relay old joined, has other secrets by now");
        assertThat(Relays.lapsed(image(), old, NOW)).contains(new Node.Shown("t", OLD));
        assertThat(Relays.doubt(image(), fresh, NOW)).isEmpty();
        assertThat(Relays.lapsed(image(), fresh, NOW)).isEmpty();
        assertThat(Relays.doubt(image(), unknown, NOW))
                .contains("token u, with which relay unknown joined, isn't in the ledger");
        token("t", Optional.of(NOW), Optional.of(NOW));
        assertThat(Relays.doubt(image(), fresh, NOW))
                .contains("token t, with which relay fresh joined, was revoked at " + NOW);
    }

    @Test
    void whatIsAboveARelayCountsForIt() {
        token("t", Optional.empty(), Optional.empty());
        token("u", Optional.empty(), Optional.empty());
        Node top = relay("top", "t", NEW, Optional.empty());
        Node below = relay("below", "u", NEW, Optional.of("top"));
        Node lost = relay("lost", "u", NEW, Optional.of("nobody"));
        assertThat(Relays.doubt(image(), below, NOW)).isEmpty();
        assertThat(Relays.doubt(image(), lost, NOW))
                .contains("relay lost is below node nobody, to which no node with a ledger leads");
        assertThat(Relays.speaksFor(image(), top, below)).isTrue();
        assertThat(Relays.speaksFor(image(), below, top)).isFalse();
        assertThat(Relays.speaksFor(image(), below, lost))
                .as("joined with one token")
                .isTrue();
        assertThat(Relays.speaksFor(image(), "t", below)).isTrue();
        assertThat(Relays.speaksFor(image(), "t", lost)).isFalse();
        token("t", Optional.empty(), Optional.of(NOW));
        assertThat(Relays.doubt(image(), below, NOW)).isPresent();
    }

    @Test
    void aCircleEnds() {
        token("t", Optional.empty(), Optional.empty());
        Node a = relay("a", "t", NEW, Optional.of("b"));
        relay("b", "t", NEW, Optional.of("a"));
        assertThat(Relays.way(image(), a)).hasSize(Relays.MAX_DEPTH);
        assertThat(Relays.doubt(image(), a, NOW)).isPresent();
    }
}
