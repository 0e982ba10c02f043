package dev.andon.server.node;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Node;
import dev.andon.core.model.Role;
import dev.andon.core.model.Token;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a ledger gets before anyone asked for anything: environments, the first admin token, the nodes that join. */
final class Bootstrap {
    private static final List<Environment> ENVIRONMENTS = List.of(
            new Environment("production", "What customers use"),
            new Environment("staging", "What is about to be released"),
            new Environment("development", "What is being worked on"));

    private Bootstrap() {}

    /** For a ledger that nobody has used yet; changes nothing in any other. */
    static Command<Boolean> environments() {
        return (image, kills, now) -> {
            List<Event> events = new ArrayList<>();
            if (image.environments().isEmpty()) {
                ENVIRONMENTS.forEach(environment -> events.add(new Event.EnvironmentSaved(environment)));
            }
            return Decision.of("environment.create", events, committed -> !events.isEmpty());
        };
    }

    static Command<Boolean> join(Node node) {
        return (image, kills, now) -> {
            boolean known = image.nodes().containsKey(node.id());
            List<Event> events = known ? List.of() : List.of(new Event.NodeSaved(node));
            return Decision.of("node.join", events, committed -> !known);
        };
    }

    /** Says where a node is reached, if the ledger says otherwise; a node that the ledger doesn't know joins with it. */
    static Command<Boolean> advertise(Node node) {
        return (image, kills, now) -> {
            Versioned<Node> known = image.nodes().get(node.id());
            boolean differs = known == null || !known.value().equals(node);
            List<Event> events = differs ? List.of(new Event.NodeSaved(node)) : List.of();
            return Decision.of("node.advertise", events, committed -> differs);
        };
    }

    static boolean hasAdmin(Image image) {
        return image.tokens().values().stream().anyMatch(token -> token.value().role() == Role.ADMIN);
    }

    /** Issues the first admin token, unless there has been one. */
    static Command<Boolean> admin(String id, String secretHash) {
        return (image, kills, now) -> {
            boolean has = hasAdmin(image);
            List<Event> events = has ? List.of() : List.of(new Event.TokenSaved(token(id, secretHash, now)));
            return Decision.of("token.issue", events, committed -> !has);
        };
    }

    private static Token token(String id, String secretHash, Instant now) {
        return new Token(
                id,
                "first admin",
                Role.ADMIN,
                Optional.empty(),
                List.of(new Token.Secret(secretHash, Optional.empty())),
                now,
                Optional.empty());
    }
}
