package dev.andon.server.http;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Nearest;
import dev.andon.server.node.Refused;
import dev.andon.server.node.StoreUnavailable;
import dev.andon.server.node.TooBusy;
import dev.andon.store.StoreException;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where what went wrong becomes a problem. */
public final class Problems {
    private static final Logger log = LoggerFactory.getLogger(Problems.class);

    private Problems() {}

    /** 400: a value that can't be accepted. */
    public static ProblemException invalid(String field, String value, String expected) {
        return new ProblemException(invalid(new InvalidInput(field, value, expected)));
    }

    /** 404, with the keys that look most like the one that was asked for. */
    public static ProblemException notFound(String field, String value, Collection<String> known) {
        List<String> near = Nearest.to(value, known);
        String expected = near.isEmpty() ? "one that exists" : "one that exists, such as " + String.join(", ", near);
        Problem problem = Problem.of(
                        404,
                        "not-found",
                        "There is no such thing",
                        field + ": " + value + " (expected: " + expected + ")")
                .at(field, value, expected);
        return new ProblemException(near.isEmpty() ? problem : problem.next("Did you mean " + near.getFirst() + "?"));
    }

    /** What to answer for anything that a handler threw. */
    static Problem of(Throwable thrown, String correlation) {
        return switch (thrown) {
            case ProblemException known -> known.problem();
            case InvalidInput input -> invalid(input);
            case Refused refused -> ofRefused(refused);
            case StoreUnavailable store
            when store.isDamage() ->
                Problem.of(503, "ledger-damaged", "The ledger is damaged", "store: " + store.getMessage())
                        .next("Kills work meanwhile. 'andon ledger status' shows what is broken,"
                                + " docs/guide/ledger.md how to go on.");
            case StoreUnavailable store ->
                Problem.of(503, "store-unavailable", "The ledger is out of reach", "store: " + store.getMessage())
                        .next(next(store.outcomeUnknown()));
            case TooBusy busy ->
                Problem.of(503, "busy", "Andon is busy", String.valueOf(busy.getMessage()))
                        .next("Nothing was changed. Try again in a second or more, with some jitter.");
            case StoreException store -> ofStore(store);
            case ExecutionException wrapped when wrapped.getCause() != null -> of(wrapped.getCause(), correlation);
            case CompletionException wrapped when wrapped.getCause() != null -> of(wrapped.getCause(), correlation);
            default -> {
                log.error("request {}: failed", correlation, thrown);
                yield Problem.of(
                                500,
                                "internal",
                                "Andon failed on this request",
                                "An error that Andon doesn't know; the server's log has it under " + correlation + ".")
                        .next("Read the log lines with this correlation id before trying again.");
            }
        };
    }

    private static Problem invalid(InvalidInput input) {
        return Problem.of(400, "invalid-input", "A value can't be accepted", message(input))
                .at(input.path(), input.value(), input.expected())
                .next("Nothing was changed. Correct " + input.path() + " and send the request again.");
    }

    private static Problem ofStore(StoreException store) {
        String detail = "store: " + store.getMessage();
        return switch (store.code()) {
            case LIMIT ->
                Problem.of(400, "too-large", "It is more than the ledger takes at once", detail)
                        .next("Change less at once.");
            case DAMAGED, TOO_NEW, DENIED ->
                Problem.of(503, "store-unusable", "The ledger can't be used", detail)
                        .next("Kills work; everything else needs the store repaired.");
            case UNAVAILABLE, TIMEOUT, FULL, LOCKED, CLOSED, FAILED ->
                Problem.of(503, "store-unavailable", "The ledger is out of reach", detail)
                        .next(next(store.outcomeUnknown()));
        };
    }

    private static String next(boolean outcomeUnknown) {
        return outcomeUnknown
                ? "It may have been carried out. Repeat it with the same Idempotency-Key, or read the log."
                : "Nothing was changed. Kills work meanwhile; try again when /health/ready shows the store connected.";
    }

    private static Problem ofRefused(Refused refused) {
        Problem problem = switch (refused.code()) {
            case NOT_FOUND -> Problem.of(404, "not-found", "There is no such thing", message(refused));
            case CONFLICT ->
                Problem.of(409, "conflict", "It contradicts what is there", message(refused))
                        .next("Nothing was changed. Read what is there and decide again.");
            case PRECONDITION_FAILED ->
                Problem.of(412, "precondition-failed", "It isn't the version you expect", message(refused))
                        .next("Read it again, make the change on what you read, and send If-Match with its ETag.");
            case KEY_REUSED ->
                Problem.of(422, "key-reused", "The idempotency key is taken", message(refused))
                        .next("Nothing was changed. Use a new Idempotency-Key for a new request.");
            case STOPPED ->
                Problem.of(409, "stopped", "A kill stands in the way", message(refused))
                        .next("Restore the flag first, or leave what the kill holds as it is.");
            case UPSTREAM ->
                Problem.of(409, "upstream", "Changes are made at the relay's upstream", message(refused))
                        .next("Nothing was changed. Send it to " + refused.expected()
                                + ". Kills are taken here all the same.");
            case UNCONFIRMED ->
                Problem.of(409, "unconfirmed", "It takes a confirmation", message(refused))
                        .next("Nothing was stopped. Send it with ?dryRun=true, look at what it would stop, and send it"
                                + " again with the answer's confirmation.token as confirm.");
        };
        Problem told = problem.at(refused.field(), refused.value(), refused.expected());
        return refused.next().map(told::next).orElse(told);
    }

    private static String message(RuntimeException refusal) {
        return Objects.requireNonNullElse(refusal.getMessage(), refusal.toString());
    }
}
