package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A bearer token as the ledger holds it: without its secret.
 *
 * @param environment the one environment of an SDK or client key; none for other roles
 * @param secrets what is accepted, newest last; more than one while a rotation overlaps
 * @param revokedAt from when nothing is accepted any more
 */
public record Token(
        String id,
        String name,
        Role role,
        Optional<String> environment,
        List<Secret> secrets,
        Instant createdAt,
        Optional<Instant> revokedAt) {
    private static final int MAX_SECRETS = 8;

    /**
     * @param hash lower-case hexadecimal SHA-256 of the secret, which is random and long, so that no salt is needed
     * @param until when it stops being accepted; never unless set
     */
    public record Secret(String hash, Optional<Instant> until) {
        static Secret read(Fields fields) {
            return new Secret(fields.text("hash"), optionalInstant(fields, "until"));
        }

        Json toJson() {
            return Json.object()
                    .put("hash", hash)
                    .put("until", until.map(Instant::toString))
                    .build();
        }
    }

    public Token {
        Keys.key("id", id);
        Keys.name("name", name);
        secrets = List.copyOf(secrets);
        Keys.atMost("secrets", secrets.size(), MAX_SECRETS);
        environment.ifPresent(key -> Keys.key("environment", key));
        if (environment.isPresent() != role.ofOneEnvironment()) {
            throw new InvalidInput(
                    "environment",
                    environment.orElse("nothing"),
                    "an environment for roles sdk and client, none for other roles");
        }
    }

    /** Whether the secret with this hash is accepted at that time. */
    public boolean accepts(String hash, Instant now) {
        if (revokedAt.isPresent()) {
            return false;
        }
        for (Secret secret : secrets) {
            if (secret.hash().equals(hash)) {
                return secret.until().isEmpty() || now.isBefore(secret.until().get());
            }
        }
        return false;
    }

    public static Token read(Fields fields) {
        return new Token(
                fields.text("id"),
                fields.text("name"),
                fields.word("role", Role.WORDS),
                fields.optionalText("environment"),
                fields.objects("secrets", Secret::read),
                Kill.instant(fields, "createdAt"),
                optionalInstant(fields, "revokedAt"));
    }

    public Json toJson() {
        List<Json> items = new ArrayList<>();
        secrets.forEach(secret -> items.add(secret.toJson()));
        return Json.object()
                .put("id", id)
                .put("name", name)
                .put("role", role.word())
                .put("environment", environment)
                .put("secrets", Json.array(items))
                .put("createdAt", createdAt.toString())
                .put("revokedAt", revokedAt.map(Instant::toString))
                .build();
    }

    private static Optional<Instant> optionalInstant(Fields fields, String name) {
        return fields.has(name) ? Optional.of(Kill.instant(fields, name)) : Optional.empty();
    }
}
