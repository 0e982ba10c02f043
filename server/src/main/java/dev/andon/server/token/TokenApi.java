package dev.andon.server.token;

import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Keys;
import dev.andon.core.model.Role;
import dev.andon.core.model.Token;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Change;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.http.Writes;
import dev.andon.server.node.ControlPlane;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The tokens' part of the API. Thread-safe if the generator is. */
public final class TokenApi {
    private static final String PATH = Route.API + "/tokens";
    private static final int MAX_NAME_CHARS = 64;
    private static final long MAX_OVERLAP_SECONDS = Duration.ofDays(90).toSeconds();

    private static final Schema ISSUED = Schema.object()
            .required("token", Shapes.TOKEN)
            .required("secret", Schema.text("The secret: shown this once, and never again"))
            .required("version", Shapes.VERSION)
            .build();

    private final ControlPlane plane;
    private final Writes writes;
    private final RandomGenerator random;

    /** @param random cryptographically strong */
    public TokenApi(ControlPlane plane, RandomGenerator random) {
        this.plane = plane;
        this.writes = new Writes(plane);
        this.random = random;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(PATH)
                        .operation("tokens", "listTokens", "All tokens, revoked ones included, without their secrets")
                        .needs(Access.VIEWER)
                        .pages()
                        .answers(200, "A page of tokens", Schema.page(Shapes.TOKEN))
                        .does(this::list),
                Route.post(PATH)
                        .operation("tokens", "issueToken", "Issues a token")
                        .needs(Access.ADMIN)
                        .write()
                        .takes(Schema.object()
                                .required("name", Schema.text(1, MAX_NAME_CHARS, "Whose it is; the log's actor"))
                                .required("role", Schema.words(Role.WORDS.keySet(), "What it may do"))
                                .optional(
                                        "environment", Schema.text("The environment; for role sdk, and needed there")))
                        .answers(201, "The token and its secret", ISSUED)
                        .does(this::issue),
                Route.post(PATH + "/{token}/rotations")
                        .operation(
                                "tokens",
                                "rotateToken",
                                "Gives a token a new secret; the old one stays accepted a while")
                        .needs(Access.ADMIN)
                        .write()
                        .takes(Schema.object()
                                .required(
                                        "overlapSeconds",
                                        Schema.whole(0, MAX_OVERLAP_SECONDS, "How long the old secret stays accepted")))
                        .answers(201, "The token and its new secret", ISSUED)
                        .does(this::rotate),
                Route.delete(PATH + "/{token}")
                        .operation("tokens", "revokeToken", "Revokes a token, at once and for ever")
                        .needs(Access.ADMIN)
                        .write()
                        .answers(
                                200,
                                "The revoked token",
                                Schema.object()
                                        .required("token", Shapes.TOKEN)
                                        .required("version", Shapes.VERSION)
                                        .build())
                        .does(this::revoke));
    }

    private Reply list(Call call) {
        return Reply.ok(call.page()
                .of(plane.image().tokens().values(), token -> token.value().id(), TokenApi::listed));
    }

    private static Json listed(Versioned<Token> token) {
        Json.Builder json = Json.object();
        ((Json.Members) Change.tokenJson(token.value())).members().forEach(json::put);
        return json.put("version", token.version()).build();
    }

    private Reply issue(Call call) {
        record Request(String name, Role role, Optional<String> environment) {}
        Request request = call.read(fields -> new Request(
                Keys.name("name", fields.text("name", MAX_NAME_CHARS)),
                fields.word("role", Role.WORDS),
                fields.optionalText("environment")));
        boolean key = request.role().ofOneEnvironment();
        if (key != request.environment().isPresent()) {
            throw new InvalidInput(
                    "environment",
                    request.environment().orElse("nothing"),
                    key
                            ? "the environment of the key"
                            : "none, as the role is " + request.role().word());
        }
        String secret = Secret.generate(request.role(), random);
        return writes.answer(
                call,
                201,
                Issuing.issue(
                        newId(),
                        request.name(),
                        request.role(),
                        request.environment(),
                        Secret.hash(secret),
                        shown(call, secret)));
    }

    private Reply rotate(Call call) {
        long overlapSeconds = call.read(fields -> fields.whole("overlapSeconds", 0, MAX_OVERLAP_SECONDS));
        Versioned<Token> token = plane.image().tokens().get(call.path("token"));
        Role role = token == null ? Role.VIEWER : token.value().role();
        String secret = Secret.generate(role, random);
        return writes.answer(
                call,
                201,
                Issuing.rotate(
                        call.path("token"),
                        Duration.ofSeconds(overlapSeconds),
                        Secret.hash(secret),
                        shown(call, secret)));
    }

    private Reply revoke(Call call) {
        return writes.answer(call, 200, Issuing.revoke(call.path("token")));
    }

    private static Optional<String> shown(Call call, String secret) {
        return call.dryRun() ? Optional.empty() : Optional.of(secret);
    }

    private String newId() {
        byte[] bytes = new byte[6];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
