package dev.andon.server.relay;

import dev.andon.core.image.Image;
import dev.andon.core.image.Relays;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Node;
import dev.andon.core.model.Role;
import dev.andon.core.model.Token;
import dev.andon.server.http.Caller;
import dev.andon.server.node.Refused;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Who may have a relay join, and where. Whoever has a relay's token may bring in relays of their own below it, and nothing
 * else: none that another token has brought, and none without its own signature, so that nobody moves it.
 *
 * @param caller whoever asks: the relay itself, or the one that feeds it
 * @param here the relay that is asked; empty at a node with the ledger
 */
record Joins(Caller caller, Optional<String> here) {
    private static final int MAX_RELAYS = 1_000;

    /** How many relays one token may bring in: whoever has stolen it fills the list with no more. */
    private static final int MAX_OF_TOKEN = 50;

    /** Throws {@link Refused} or {@link InvalidInput} if it may not be. */
    void check(Image image, Node relay, String signature, Instant now) {
        Node.Joining joining = relay.joining().orElseThrow();
        checkKnown(image, relay, joining);
        checkToken(image, joining, now);
        checkPlace(image, relay, joining);
        Relays.doubt(image, relay, now).ifPresent(why -> {
            throw conflict("joining", why, "a place below relays that are believed, with secrets that are in force");
        });
        String region = relay.relay().map(Node.Relay::region).orElse("");
        if (!relay.signed(joining.statement(image.provenance().ledger(), relay.id(), region), signature)) {
            throw new InvalidInput(
                    "signature",
                    "not that of relay " + relay.id() + " over this joining",
                    "what the relay signs with the key that is given");
        }
    }

    /** As it is kept, and passed on: whoever asks has shown something, whatever else is said to have been shown. */
    Node recorded(Node relay) {
        Node.Joining joining = relay.joining().orElseThrow();
        Node.Joining shown =
                isOwn(joining) ? joining.direct() : joining.via(new Node.Shown(caller.token(), caller.secretHash()));
        return relay.relayingIn(relay.relay().map(Node.Relay::region).orElse(""), Optional.of(shown));
    }

    /**
     * Throws {@link Refused} if there are too many on the ledger's list. Those whose secrets aren't in force don't count, and who is on it by
     * the same token stays.
     */
    void checkRoom(Image image, Node relay, Instant now) {
        Optional<String> token = relay.joining().map(Node.Joining::broughtInBy);
        Versioned<Node> known = image.nodes().get(relay.id());
        if (known != null
                && known.value().joining().map(Node.Joining::broughtInBy).equals(token)) {
            return;
        }
        List<Node> others = image.nodes().values().stream()
                .map(Versioned::value)
                .filter(node -> node.relays() && !node.id().equals(relay.id()) && Relays.inForce(image, node, now))
                .toList();
        if (others.size() >= MAX_RELAYS) {
            throw full(relay, MAX_RELAYS + " relays");
        }
        long ofToken = others.stream()
                .filter(node -> node.joining().map(Node.Joining::broughtInBy).equals(token))
                .count();
        if (ofToken >= MAX_OF_TOKEN) {
            throw full(relay, MAX_OF_TOKEN + " relays of token " + token.orElseThrow());
        }
    }

    private static Refused full(Node relay, String most) {
        return conflict("node", relay.id() + ", one more than " + most, "fewer; take those that are gone off the list");
    }

    private boolean isOwn(Node.Joining joining) {
        return joining.token().equals(caller.token()) && joining.secret().equals(caller.secretHash());
    }

    /** A key stays a node's for ever: whoever has a relay's token can't speak for a node that there is. */
    private static void checkKnown(Image image, Node relay, Node.Joining joining) {
        Optional<Node> known =
                Optional.ofNullable(image.nodes().get(relay.id())).map(Versioned::value);
        boolean other = known.filter(
                        node -> node.relay().isEmpty() || !node.publicKey().equals(relay.publicKey()))
                .isPresent();
        if (other) {
            throw conflict(
                    "node",
                    relay.id(),
                    "a relay with the key that the ledger knows; a data folder is one node's alone");
        }
        long before = known.flatMap(Node::joining).map(Node.Joining::number).orElse(0L);
        if (joining.number() <= before && !known.equals(Optional.of(relay))) {
            throw conflict(
                    "joining.number", "" + joining.number(), "more than " + before + ", that of its last joining");
        }
    }

    private static void checkToken(Image image, Node.Joining joining, Instant now) {
        Versioned<Token> token = image.tokens().get(joining.token());
        boolean inForce = token != null
                && token.value().role() == Role.RELAY
                && token.value().accepts(joining.secret(), now);
        if (!inForce) {
            throw conflict("joining.token", joining.token(), "a token of role relay, with a secret that is in force");
        }
    }

    private void checkPlace(Image image, Node relay, Node.Joining joining) {
        boolean own = isOwn(joining);
        if (joining.token().equals(caller.token()) && !own) {
            throw conflict("joining.secret", "another one of token " + caller.token(), "the one that is shown");
        }
        if (joining.parent().isEmpty()) {
            if (here.isPresent()) {
                throw conflict("joining.parent", "nothing", here.get() + ", the relay that is asked");
            }
            if (!own) {
                throw conflict("joining.token", joining.token(), caller.token() + ", the token that is shown");
            }
            return;
        }
        String id = joining.parent().get();
        Optional<Node> parent = Optional.ofNullable(image.nodes().get(id))
                .map(Versioned::value)
                .filter(node -> node.relay().isPresent());
        boolean below = parent.filter(node -> Relays.speaksFor(image, caller.token(), node))
                .isPresent();
        boolean asked = own && parent.filter(node -> isHere(image, node)).isPresent();
        if (!below && !asked) {
            throw conflict(
                    "joining.parent",
                    id,
                    here.map(asking -> asking + ", the relay that is asked, or one")
                                    .orElse("a relay")
                            + " that joined with token " + caller.token() + " or is below such a one");
        }
        boolean loop = Relays.way(image, parent.orElseThrow()).stream()
                .anyMatch(above -> above.id().equals(relay.id()));
        if (loop) {
            throw conflict("joining.parent", id, "a relay that isn't itself below " + relay.id());
        }
        if (Relays.way(image, parent.get()).size() >= Relays.MAX_DEPTH) {
            throw conflict("joining.parent", id, "a relay with fewer than " + Relays.MAX_DEPTH + " on its way up");
        }
    }

    /** The relay that is asked, or one that joined with the same token: both may be behind one address. */
    private boolean isHere(Image image, Node parent) {
        return here.flatMap(id -> Optional.ofNullable(image.nodes().get(id)))
                .map(Versioned::value)
                .filter(asked -> asked.id().equals(parent.id())
                        || asked.joining()
                                .map(Node.Joining::token)
                                .equals(parent.joining().map(Node.Joining::token)))
                .isPresent();
    }

    private static Refused conflict(String field, String value, String expected) {
        return new Refused(Refused.Code.CONFLICT, field, value, expected);
    }
}
