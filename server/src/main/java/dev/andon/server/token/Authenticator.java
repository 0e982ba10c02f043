package dev.andon.server.token;

import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Token;
import dev.andon.server.http.Access;
import dev.andon.server.http.Authoriser;
import dev.andon.server.http.Caller;
import dev.andon.server.http.Problem;
import dev.andon.server.http.ProblemException;
import dev.andon.server.http.Route;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says whose token a request carries, from the image alone: no store is asked, so that stopping works without one. What is
 * compared is the SHA-256 of the secret, by map look-up: how long that takes says nothing about secrets. Thread-safe;
 * never blocks.
 */
public final class Authenticator implements Authoriser {
    private static final String SCHEME = "Bearer ";
    private static final int MAX_SECRET_CHARS = 256;

    private final Supplier<Image> image;
    private final InstantSource clock;
    private volatile Index index = new Index(Map.of(), Map.of());

    /** The tokens of one image by the hashes of their secrets. */
    private record Index(Map<String, Versioned<Token>> source, Map<String, Known> byHash) {}

    /** With the hash as the image has it, which whoever keeps it for long shares. */
    private record Known(Token token, String hash) {}

    public Authenticator(Supplier<Image> image, InstantSource clock) {
        this.image = image;
        this.clock = clock;
    }

    @Override
    public Caller authorise(@Nullable String authorization, Access access) {
        Caller caller = authenticate(authorization);
        if (!access.allows(caller.role())) {
            throw new ProblemException(Problem.of(
                            403,
                            "forbidden",
                            "The token's role doesn't suffice",
                            "role of token " + caller.name() + ": "
                                    + caller.role().word() + " (expected: " + access.needed() + ")")
                    .at("role", caller.role().word(), access.needed())
                    .next("Use " + access.needed() + "; an admin issues one with POST " + Route.API + "/tokens."));
        }
        return caller;
    }

    private Caller authenticate(@Nullable String authorization) {
        if (authorization == null) {
            throw refused("nothing", "There is no token.");
        }
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw refused("another scheme", "The Authorization header isn't a bearer token.");
        }
        String secret = authorization.substring(SCHEME.length()).strip();
        if (secret.length() > MAX_SECRET_CHARS) {
            throw refused("an unknown token", "The token is unknown.");
        }
        String hash = Secret.hash(secret);
        Known known = byHash().get(hash);
        if (known == null) {
            throw refused("an unknown token", "The token is unknown.");
        }
        Token token = known.token();
        if (!token.accepts(hash, clock.instant())) {
            String state = token.revokedAt().isPresent() ? "revoked" : "rotated out";
            throw refused("a " + state + " token", "The token was " + state + ".");
        }
        return new Caller(token.id(), token.name(), token.role(), token.environment(), known.hash());
    }

    /** One image's map of tokens is the same object for as long as no token changes. */
    @SuppressWarnings("ReferenceEquality")
    private Map<String, Known> byHash() {
        Map<String, Versioned<Token>> tokens = image.get().tokens();
        Index current = index;
        if (current.source() != tokens) {
            Map<String, Known> byHash = new HashMap<>();
            tokens.values()
                    .forEach(token -> token.value()
                            .secrets()
                            .forEach(secret -> byHash.put(secret.hash(), new Known(token.value(), secret.hash()))));
            current = new Index(tokens, byHash);
            index = current;
        }
        return current.byHash();
    }

    private static ProblemException refused(String value, String detail) {
        return new ProblemException(Problem.of(401, "unauthenticated", "A valid token is needed", detail)
                .at("Authorization", value, "Bearer followed by a token that is in force")
                .next("Send Authorization: Bearer <token>. If the admin token is lost, run andon token recover"
                        + " on the server's machine."));
    }
}
