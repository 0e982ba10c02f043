package dev.andon.server.token;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Role;
import dev.andon.core.model.Token;
import dev.andon.server.http.Change;
import dev.andon.server.http.Problems;
import dev.andon.server.node.Command;
import dev.andon.server.node.Committed;
import dev.andon.server.node.Decision;
import dev.andon.server.node.Refused;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What can be done to tokens. Secrets stay outside: a command knows hashes, and answers the secret that it is given. */
final class Issuing {
    private static final int MAX_SECRETS = 8;

    private Issuing() {}

    /** @param secret to answer; none in a dry run, where it would be worth nothing */
    static Command<Json> issue(
            String id, String name, Role role, Optional<String> environment, String hash, Optional<String> secret) {
        return (image, kills, now) -> {
            if (environment.isPresent() && !image.environments().containsKey(environment.get())) {
                throw new InvalidInput(
                        "environment",
                        environment.get(),
                        "one of "
                                + String.join(
                                        ", ",
                                        image.environments().keySet().stream()
                                                .sorted()
                                                .toList()));
            }
            boolean taken = image.tokens().values().stream()
                    .anyMatch(token -> token.value().name().equals(name) && inForce(token.value(), now));
            if (taken) {
                throw new Refused(
                        Refused.Code.CONFLICT,
                        "name",
                        name,
                        "a name that no token in force has; rotate or revoke that one");
            }
            Token token = new Token(
                    id,
                    name,
                    role,
                    environment,
                    List.of(new Token.Secret(hash, Optional.empty())),
                    now,
                    Optional.empty());
            return Decision.of(
                    "token.issue", List.of(new Event.TokenSaved(token)), committed -> answer(committed, token, secret));
        };
    }

    /** The new secret is accepted at once, the ones before it for as long as the overlap lasts. */
    static Command<Json> rotate(String id, Duration overlap, String hash, Optional<String> secret) {
        return (image, kills, now) -> {
            Token known = find(image, id);
            if (known.revokedAt().isPresent()) {
                throw new Refused(
                        Refused.Code.CONFLICT,
                        "token",
                        id + ", which was revoked",
                        "a token in force; issue a new one");
            }
            Instant end = now.plus(overlap);
            List<Token.Secret> secrets = new ArrayList<>();
            for (Token.Secret earlier : known.secrets()) {
                Instant until = earlier.until().filter(end::isAfter).orElse(end);
                if (now.isBefore(until)) {
                    secrets.add(new Token.Secret(earlier.hash(), Optional.of(until)));
                }
            }
            if (secrets.size() == MAX_SECRETS) {
                throw new Refused(
                        Refused.Code.CONFLICT,
                        "token",
                        id + " with " + MAX_SECRETS + " secrets still accepted",
                        "fewer; wait for one to run out, or rotate with less overlap");
            }
            secrets.add(new Token.Secret(hash, Optional.empty()));
            Token token = new Token(
                    known.id(),
                    known.name(),
                    known.role(),
                    known.environment(),
                    secrets,
                    known.createdAt(),
                    known.revokedAt());
            return Decision.of(
                    "token.rotate",
                    List.of(new Event.TokenSaved(token)),
                    committed -> answer(committed, token, secret));
        };
    }

    static Command<Json> revoke(String id) {
        return (image, kills, now) -> {
            Token known = find(image, id);
            boolean gone = known.revokedAt().isPresent();
            if (!gone && known.role() == Role.ADMIN && isLastAdmin(image, id, now)) {
                throw new Refused(
                        Refused.Code.CONFLICT,
                        "token",
                        id + ", the last admin's",
                        "another admin token in force; issue one first, or nobody could");
            }
            Token token = gone
                    ? known
                    : new Token(
                            known.id(),
                            known.name(),
                            known.role(),
                            known.environment(),
                            known.secrets(),
                            known.createdAt(),
                            Optional.of(now));
            return Decision.of(
                    "token.revoke",
                    gone ? List.of() : List.of(new Event.TokenSaved(token)),
                    committed -> answer(committed, token, Optional.empty()));
        };
    }

    private static boolean isLastAdmin(Image image, String id, Instant now) {
        return image.tokens().values().stream()
                .map(Versioned::value)
                .noneMatch(token -> token.role() == Role.ADMIN && !token.id().equals(id) && inForce(token, now));
    }

    private static boolean inForce(Token token, Instant now) {
        return token.secrets().stream().anyMatch(secret -> token.accepts(secret.hash(), now));
    }

    private static Token find(Image image, String id) {
        Versioned<Token> token = image.tokens().get(id);
        if (token == null) {
            throw Problems.notFound("token", id, image.tokens().keySet());
        }
        return token.value();
    }

    private static Json answer(Committed committed, Token token, Optional<String> secret) {
        return Json.object()
                .put("token", Change.tokenJson(token))
                .put("secret", secret)
                .put("version", committed.after().versionOf("token/" + token.id()))
                .build();
    }
}
