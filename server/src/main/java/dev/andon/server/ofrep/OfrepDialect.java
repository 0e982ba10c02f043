package dev.andon.server.ofrep;

import dev.andon.server.http.Dialect;
import dev.andon.server.http.Problem;
import dev.andon.server.http.Reply;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * OFREP's way of asking and refusing, and what browsers need to be let through (CORS). What is refused, and how:
 *
 * <ol>
 *   <li>A key that isn't known, revoked, or of another role, while this node follows its ledger: 401 or 403.
 *   <li>The same while it can't: 503, as the key may be newer than what the node knows, and a browser's client gives up for
 *       good after a 401.
 *   <li>Everything else: the status that the API would answer, with OFREP's error as its body.
 * </ol>
 */
final class OfrepDialect implements Dialect {
    private static final String API_KEY = "X-API-Key";
    private static final String PREFLIGHT_SECONDS = "600";

    private final OfrepLimits limits;
    private final BooleanSupplier follows;

    /** @param follows whether this node knows the newest tokens */
    OfrepDialect(OfrepLimits limits, BooleanSupplier follows) {
        this.limits = limits;
        this.follows = follows;
    }

    @Override
    public int bodyBytes() {
        return limits.bodyBytes();
    }

    @Override
    public Optional<String> credential(Headers request) {
        return Optional.ofNullable(request.get("Authorization"))
                .or(() -> Optional.ofNullable(request.get(API_KEY)).map(key -> "Bearer " + key));
    }

    @Override
    public Reply refusal(Problem problem, boolean shown) {
        boolean ofKey = problem.status() == 401 || problem.status() == 403;
        if (ofKey && shown && !follows.getAsBoolean()) {
            return uncheckable();
        }
        String next = problem.next().map(step -> ". " + step).orElse("");
        return Answers.refusal(problem.status(), Optional.empty(), Answers.GENERAL, problem.detail() + next);
    }

    static Reply uncheckable() {
        return Answers.refusal(
                        503,
                        Optional.empty(),
                        Answers.GENERAL,
                        "key: can't be checked while the ledger is out of reach (expected: a key that this node knows)."
                                + " Try again in a second or more.")
                .header("Retry-After", "1");
    }

    @Override
    public Reply dressed(Reply reply, String method, Headers request) {
        if (limits.origins().isEmpty()) {
            return reply;
        }
        // Also where the origin isn't let in: whoever stores the answer must not show it to another one.
        Reply dressed = reply.header("Vary", "Origin");
        String origin = request.get("Origin");
        boolean everyone = limits.origins().contains("*");
        if (origin == null || !(everyone || limits.origins().contains(origin))) {
            return dressed;
        }
        dressed = dressed.header("Access-Control-Allow-Origin", everyone ? "*" : origin)
                .header("Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-Id");
        return method.equals("OPTIONS") && request.get("Access-Control-Request-Method") != null
                ? dressed.header("Access-Control-Allow-Methods", "GET, POST")
                        .header(
                                "Access-Control-Allow-Headers",
                                "Authorization, Content-Type, If-None-Match, Last-Event-ID, " + API_KEY)
                        .header("Access-Control-Max-Age", PREFLIGHT_SECONDS)
                : dressed;
    }
}
