package dev.andon.core.image;

import dev.andon.core.model.Node;
import dev.andon.core.model.Token;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a relay's place among the nodes gives it the right to, as an image has it. */
public final class Relays {
    /** How many relays there may be between a relay and a node with a ledger, itself counted. */
    public static final int MAX_DEPTH = 16;

    private Relays() {}

    /**
     * Why what a node signs doesn't count at that time: the secret with which it joined, or one of those above it, isn't in
     * force. Empty if it counts: as for every node with a ledger, and for a relay of which it isn't known how it has joined.
     */
    public static Optional<String> doubt(Image image, Node node, Instant now) {
        List<Node> way = way(image, node);
        for (Node relay : way) {
            Optional<String> doubt = relay.joining().flatMap(joining -> doubt(image, relay, joining, now));
            if (doubt.isPresent()) {
                return doubt;
            }
        }
        Optional<Node.Joining> last = way.get(way.size() - 1).joining();
        return last.flatMap(Node.Joining::parent)
                .map(parent ->
                        "relay " + node.id() + " is below node " + parent + ", to which no node with a ledger leads");
    }

    private static Optional<String> doubt(Image image, Node relay, Node.Joining joining, Instant now) {
        return joining.shown().stream()
                .flatMap(shown -> doubt(image, relay, shown, now).stream())
                .findFirst();
    }

    private static Optional<String> doubt(Image image, Node relay, Node.Shown shown, Instant now) {
        Versioned<Token> known = image.tokens().get(shown.token());
        String joined = "token " + shown.token() + ", with which relay " + relay.id() + " joined, ";
        if (known == null) {
            return Optional.of(joined + "isn't in the ledger");
        }
        Optional<Instant> revokedAt = known.value().revokedAt();
        if (revokedAt.isPresent()) {
            return Optional.of(joined + "was revoked at " + revokedAt.get());
        }
        return known.value().accepts(shown.secret(), now)
                ? Optional.empty()
                : Optional.of(joined + "has other secrets by now");
    }

    /** Whether all that was shown for a relay is in force, wherever it stands. True of one of which it isn't known how it has joined. */
    public static boolean inForce(Image image, Node relay, Instant now) {
        return relay.joining()
                .flatMap(joining -> doubt(image, relay, joining, now))
                .isEmpty();
    }

    /** The secret that isn't in force and for which a node is in doubt; empty if it isn't, or for another reason. */
    public static Optional<Node.Shown> lapsed(Image image, Node node, Instant now) {
        return way(image, node).stream()
                .flatMap(relay -> relay.joining().stream()
                        .flatMap(joining -> joining.shown().stream())
                        .filter(shown -> doubt(image, relay, shown, now).isPresent()))
                .findFirst();
    }

    /**
     * Whether a relay may speak for another one: it is that one or one above it, or joined with the same token as one of
     * those.
     */
    public static boolean speaksFor(Image image, Node speaker, Node relay) {
        return relay.relay().isPresent()
                && way(image, relay).stream()
                        .anyMatch(one -> one.id().equals(speaker.id())
                                || speaker.joining()
                                        .filter(joining -> joinedWith(one, joining.token()))
                                        .isPresent());
    }

    /** Whether whoever has a token may speak for a relay: it, or one above it, has joined with that token. */
    public static boolean speaksFor(Image image, String token, Node relay) {
        return relay.relay().isPresent() && way(image, relay).stream().anyMatch(one -> joinedWith(one, token));
    }

    private static boolean joinedWith(Node relay, String token) {
        return relay.joining().filter(joining -> joining.token().equals(token)).isPresent();
    }

    /** The relay and those above it, for as long as the image knows them; at most {@link #MAX_DEPTH}. */
    public static List<Node> way(Image image, Node relay) {
        List<Node> way = new ArrayList<>(List.of(relay));
        while (way.size() < MAX_DEPTH) {
            Optional<Versioned<Node>> next = way.get(way.size() - 1)
                    .joining()
                    .flatMap(Node.Joining::parent)
                    .flatMap(parent -> Optional.ofNullable(image.nodes().get(parent)));
            if (next.isEmpty()) {
                break;
            }
            way.add(next.get().value());
        }
        return way;
    }
}
