package dev.andon.server.ofrep;

import dev.andon.core.evaluate.Attributes;
import dev.andon.core.evaluate.CompiledFlag;
import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Nearest;
import dev.andon.server.http.Access;
import dev.andon.server.http.Action;
import dev.andon.server.http.Call;
import dev.andon.server.http.Rates;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Drain;
import dev.andon.server.node.EvaluationContexts;
import dev.andon.server.node.ForeignListener;
import dev.andon.server.node.Seal;
import dev.andon.server.node.ServedState;
import dev.andon.server.node.ServedStates;
import dev.andon.server.node.Tag;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates for applications without Andon's SDK, by the OpenFeature Remote Evaluation Protocol 0.3. Where such a client runs
 * isn't known, so that a kill that is aimed at services or regions stops it too. Thread-safe.
 */
public final class Ofrep {
    private static final String FLAGS = "/ofrep/v1/evaluate/flags";
    private static final String EVENTS = "/ofrep/v1/events";
    private static final String TAG = "ofrep";
    private static final String ETAG = "flagConfigEtag";
    private static final String LAST_MODIFIED = "flagConfigLastModified";

    /** They hold places among the requests under way, which are for others, too. */
    private static final int MOST_WAITING = 64;

    /** More than that takes so long that kills would wait for it. */
    private static final int PROMPT_BODY_BYTES = 4 << 10;

    private static final int PROMPT_FLAGS = 100;
    private static final int PROMPT_STEPS = 1_000;
    private static final int PROMPT_VALUE_CHARS = 32 << 10;

    private static final int SPREAD = 1_000;
    private static final int STRIDE = 309;

    private final ServedStates states;
    private final OfrepLimits limits;
    private final Drain drain;
    private final OfrepDialect dialect;
    private final Rates rates;
    private final LongSupplier nanoTime;
    private final Tickets tickets;
    private final Clients clients;
    private final ControlPlane plane;
    private final EncodedAnswers encoded = new EncodedAnswers();
    private final AtomicInteger streams = new AtomicInteger();
    private final Semaphore catchingUp = new Semaphore(MOST_WAITING);

    /** A request whose body made sense, with its context as it came. */
    private record Asked(Attributes context, Json given) {
        private static final Asked NOTHING = new Asked(Context.EMPTY, Json.Null.NULL);
    }

    /** A request that is refused. */
    private static final class Unacceptable extends Exception {
        private static final long serialVersionUID = 1;
        private final transient Reply reply;

        Unacceptable(Reply reply) {
            super(null, null, false, false);
            this.reply = reply;
        }
    }

    @FunctionalInterface
    private interface Handler {
        Reply handle(Call call) throws Unacceptable, InterruptedException;
    }

    public Ofrep(
            ServedStates states,
            ControlPlane plane,
            Seal seal,
            OfrepLimits limits,
            ForeignListener listener,
            RandomGenerator random,
            InstantSource clock,
            LongSupplier nanoTime,
            Drain drain) {
        this.states = states;
        this.nanoTime = nanoTime;
        this.plane = plane;
        this.drain = drain;
        this.limits = limits;
        this.dialect = new OfrepDialect(limits, this::follows);
        this.rates = new Rates(limits.ratePerSecond(), limits.burst(), nanoTime);
        this.tickets = new Tickets(seal, plane::image, clock);
        this.clients = new Clients(listener, seal, random, nanoTime);
    }

    public List<Route> routes() {
        Schema body = Schema.object()
                .optional(
                        "context",
                        Schema.openObject("The evaluation context: `targetingKey` and attributes; empty unless given"))
                .build();
        return List.of(
                telling(refusing(Route.post(FLAGS + "/{key}")))
                        .operation(TAG, "ofrepEvaluate", "Evaluates a flag (OFREP)")
                        .needs(Access.EVALUATOR)
                        .takes(body)
                        .answers(200, "The evaluation", Answers.EVALUATION)
                        .answers(404, "There is no such flag", Answers.ERROR)
                        .prompt(this::oneAtOnce)
                        .does(call -> answer(call, this::one)),
                telling(refusing(Route.post(FLAGS)))
                        .operation(TAG, "ofrepEvaluateAll", "Evaluates all flags of the key's environment (OFREP)")
                        .needs(Access.EVALUATOR)
                        .takes(body)
                        .query(ETAG, Schema.text("A state"), "Not before the state that an event named")
                        .query(
                                LAST_MODIFIED,
                                Schema.text("Seconds since 1970, or a date and time"),
                                "Not before the state of that time")
                        .header("If-None-Match", "The ETag of the answer that the client has")
                        .answers(200, "The evaluations", Answers.BULK)
                        .answers(304, "Nothing has changed", "", Schema.anything("Nothing"))
                        .prompt(this::allAtOnce)
                        .does(call -> answer(call, this::all)),
                telling(refusing(Route.get(EVENTS)))
                        .operation(TAG, "ofrepEvents", "Server-sent events that say when to fetch evaluations (OFREP)")
                        .needs(Access.OPEN)
                        .query("ticket", Schema.text("A ticket"), "What `eventStreams` of a bulk evaluation holds")
                        .query(
                                "client",
                                Schema.text("An id"),
                                "The same; tells the client apart from others of its key")
                        .header("Last-Event-ID", "The last event that the client has")
                        .streams()
                        .answers(
                                200,
                                "Events, for as long as the client stays",
                                "text/event-stream",
                                Schema.text("Events"))
                        .does(call -> answer(call, this::events)));
    }

    /** What tells clients apart. */
    private static Route.Builder telling(Route.Builder route) {
        return route.header("User-Agent", "What the client is; shown among the instances")
                .header("X-Forwarded-For", "Tells clients behind one proxy apart");
    }

    private Route.Builder refusing(Route.Builder route) {
        return route.speaks(dialect)
                .answers(400, "The request can't be accepted", Answers.ERROR)
                .answers(401, "The key is missing, unknown, revoked or rotated out", Answers.ERROR)
                .answers(403, "The token's role doesn't suffice", Answers.ERROR)
                .answers(408, "The body didn't come in time", Answers.ERROR)
                .answers(413, "The body is too large", Answers.ERROR)
                .answers(429, "The key asks too often; Retry-After says when to come back", Answers.ERROR)
                .answers(500, "Andon failed on this request", Answers.ERROR)
                .answers(503, "Andon is busy, behind, or can't check the key for now", Answers.ERROR);
    }

    /** Event streams that are open. */
    public int open() {
        return streams.get();
    }

    private Reply answer(Call call, Handler handler) throws InterruptedException {
        try {
            return handler.handle(call);
        } catch (Unacceptable e) {
            return e.reply;
        }
    }

    /**
     * With a state in which nothing is left to be compiled, evaluation takes few steps, and no flag is to be searched that is
     * like the one that was asked for. The next state may have something left of all that.
     */
    private Optional<Action> oneAtOnce(Call call) {
        String key = call.path("key");
        return prompt(call)
                .filter(state -> isPrompt(state.ruleset().flag(key)))
                .map(state -> known -> answer(known, same -> one(same, asked(same, Optional.of(key)), state)));
    }

    private static boolean isPrompt(@Nullable CompiledFlag flag) {
        return flag != null && flag.steps() <= PROMPT_STEPS && flag.valueChars() <= PROMPT_VALUE_CHARS;
    }

    /** The same, with no later state to be waited for, and few flags. */
    private Optional<Action> allAtOnce(Call call) {
        if (call.query(ETAG).isPresent() || call.query(LAST_MODIFIED).isPresent()) {
            return Optional.empty();
        }
        return prompt(call)
                .filter(state -> state.listedWithin(PROMPT_STEPS, PROMPT_VALUE_CHARS))
                .filter(state -> state.flags().size() <= PROMPT_FLAGS)
                .map(state -> known -> answer(known, same -> all(same, asked(same, Optional.empty()), state)));
    }

    private Optional<ServedState> prompt(Call call) {
        return call.bodyBytes() <= PROMPT_BODY_BYTES
                ? newest(call).filter(state -> state.compiled() && !state.killsForSome())
                : Optional.empty();
    }

    private Reply one(Call call) throws Unacceptable {
        Asked asked = asked(call, Optional.of(call.path("key")));
        return one(call, asked, state(call));
    }

    private Reply one(Call call, Asked asked, ServedState state) {
        String key = call.path("key");
        Ruleset ruleset = state.ruleset();
        CompiledFlag flag = ruleset.flag(key);
        if (flag == null) {
            List<String> near = Nearest.to(
                    key, state.flags().stream().map(CompiledFlag::key).toList());
            String expected =
                    near.isEmpty() ? "one that exists" : "one that exists, such as " + String.join(", ", near);
            return Answers.refusal(
                    404,
                    Optional.of(key),
                    Answers.FLAG_NOT_FOUND,
                    "flag: " + key + " (expected: " + expected + " in " + state.environment() + ")");
        }
        Evaluation evaluation = ruleset.evaluate(flag, asked.context());
        return Reply.json(
                        evaluation.usesDefault() ? 400 : 200, encoded.of(state).of(flag, evaluation))
                .handedOver(() -> clients.evaluated(call, state.served()));
    }

    private Reply all(Call call) throws Unacceptable, InterruptedException {
        Asked asked = asked(call, Optional.empty());
        return all(call, asked, caughtUp(call, state(call)));
    }

    private Reply all(Call call, Asked asked, ServedState state) {
        String tag = Tag.of(state.id(), asked.given().text(), call.caller().token(), Long.toString(tickets.period()));
        List<Etag> shown = Etag.read(call.header("If-None-Match"));
        Optional<Etag> same =
                shown.stream().filter(one -> one.tag().equals(tag)).findFirst();
        Optional<String> id = same.or(() -> shown.stream().findFirst()).map(Etag::client);
        String given = clients.idFor(call, id);
        Etag etag = new Etag(tag, given);
        boolean returned = id.equals(Optional.of(given));
        if (returned && same.isEmpty()) {
            shown.stream()
                    .filter(one -> one.client().equals(given))
                    .findFirst()
                    .flatMap(one -> clients.answeredWith(one.tag()))
                    .ifPresent(before -> clients.has(call, given, before));
        }
        if (same.isPresent() && returned) {
            return Reply.empty(304)
                    .header("ETag", etag.text())
                    .handedOver(() -> clients.has(call, given, state.served()));
        }
        Ruleset ruleset = state.ruleset();
        List<byte[]> flags = new ArrayList<>();
        EncodedAnswers.OfState answers = encoded.of(state);
        for (CompiledFlag flag : state.flags()) {
            flags.add(answers.of(flag, ruleset.evaluate(flag, asked.context())));
        }
        String stream = EVENTS + "?client=" + given + "&ticket=" + tickets.issue(call.caller());
        return Answers.bulk(flags, state, stream)
                .header("ETag", etag.text())
                .handedOver(() -> clients.answered(call, given, !returned, tag, state.served()));
    }

    private Reply events(Call call) throws Unacceptable {
        Optional<Tickets.Holder> holder = call.query("ticket").flatMap(tickets::read);
        Optional<String> environment = holder.flatMap(tickets::environment);
        if (environment.isEmpty()) {
            boolean shown = call.query("ticket").isPresent();
            throw new Unacceptable(
                    shown && !follows()
                            ? OfrepDialect.uncheckable()
                            : Answers.refusal(
                                    401,
                                    Optional.empty(),
                                    Answers.GENERAL,
                                    "query.ticket: none that is in force (expected: the one of a new bulk"
                                            + " evaluation)"));
        }
        if (drain.begun()) {
            throw new Unacceptable(unavailable("the server is about to end (expected: another one, or later)"));
        }
        int number = streams.incrementAndGet();
        if (number > limits.streams()) {
            streams.decrementAndGet();
            throw new Unacceptable(unavailable("streams: " + limits.streams() + " (expected: less)"));
        }
        EventStream stream = stream(call, holder.get(), environment.get(), number);
        return Reply.pieces("text/event-stream", stream, () -> {
                    streams.decrementAndGet();
                    stream.end();
                })
                .header("X-Accel-Buffering", "no");
    }

    private EventStream stream(Call call, Tickets.Holder holder, String environment, int spread) {
        String id = call.query("client").flatMap(Clients::id).orElseGet(clients::anew);
        String service = Optional.ofNullable(plane.image().tokens().get(holder.token()))
                .map(token -> token.value().name())
                .orElse(holder.token());
        ForeignListener.Client client = clients.client(holder.token(), service, environment, id, Clients.agent(call));
        String number = clients.anew();
        BooleanSupplier dismissed = drain.place();
        String instead = call.header("Last-Event-ID").map(EventStream::numberIn).orElse("");
        return new EventStream(
                states,
                environment,
                spread(limits.heartbeatMs() * 1_000_000L, spread),
                () -> !dismissed.getAsBoolean() && tickets.environment(holder).isPresent(),
                () -> rates.refusals(holder.token()),
                number,
                new Listening(clients, client, number, instead, nanoTime));
    }

    /** From half the time to all of it, so that streams which had the same news don't speak again at the same moment. */
    private static long spread(long nanos, int number) {
        return nanos / 2 + nanos / 2 * ((long) number * STRIDE % SPREAD) / SPREAD;
    }

    /** Takes the request in, or refuses it. */
    private Asked asked(Call call, Optional<String> key) throws Unacceptable {
        OptionalInt wait = rates.take(call.caller().token());
        if (wait.isPresent()) {
            throw new Unacceptable(Answers.refusal(
                            429,
                            key,
                            Answers.GENERAL,
                            "key " + call.caller().name() + ": asks too often (expected: at most "
                                    + limits.ratePerSecond() + " requests a second)")
                    .header("Retry-After", Integer.toString(wait.getAsInt())));
        }
        if (call.bodyless()) {
            return Asked.NOTHING;
        }
        Json body;
        try {
            body = call.json();
        } catch (InvalidInput e) {
            throw new Unacceptable(Answers.refusal(400, key, Answers.PARSE_ERROR, String.valueOf(e.getMessage())));
        }
        if (!(body instanceof Json.Members members)) {
            throw new Unacceptable(Answers.refusal(
                    400, key, Answers.PARSE_ERROR, "body: no object (expected: an object with context)"));
        }
        return context(members.members().getOrDefault("context", Json.Null.NULL), key);
    }

    private static Asked context(Json context, Optional<String> key) throws Unacceptable {
        try {
            return switch (context) {
                case Json.Null nothing -> Asked.NOTHING;
                case Json.Members members -> new Asked(EvaluationContexts.read(members.members()), members);
                default -> throw new InvalidInput("context", context.text(), "an object");
            };
        } catch (InvalidInput e) {
            throw new Unacceptable(Answers.refusal(400, key, Answers.INVALID_CONTEXT, String.valueOf(e.getMessage())));
        }
    }

    private ServedState state(Call call) throws Unacceptable {
        return newest(call)
                .orElseThrow(() -> new Unacceptable(unavailable("environment "
                        + call.caller().environment().orElse("")
                        + ": unknown here (expected: known in a moment)")));
    }

    private Optional<ServedState> newest(Call call) {
        return states.newest(call.caller().environment().orElse(""));
    }

    /** Waits for the state that the client has heard of, from another node perhaps, for a limited time. */
    private ServedState caughtUp(Call call, ServedState now) throws Unacceptable, InterruptedException {
        Optional<String> etag = call.query(ETAG);
        long seconds = seconds(call.query(LAST_MODIFIED));
        if (reached(now, etag, seconds)) {
            return now;
        }
        if (!catchingUp.tryAcquire()) {
            throw new Unacceptable(unavailable("waiting for a later state: " + MOST_WAITING + " (expected: less)"));
        }
        ServedState later;
        try {
            later = states.await(
                            now.environment(), state -> reached(state, etag, seconds), limits.catchUpMs() * 1_000_000L)
                    .orElse(now);
        } finally {
            catchingUp.release();
        }
        if (etag.isPresent() && !later.covers(etag.get())) {
            throw new Unacceptable(unavailable("state: " + later.id() + " (expected: " + etag.get() + " or newer)"));
        }
        return later;
    }

    private static boolean reached(ServedState state, Optional<String> etag, long seconds) {
        return etag.isPresent() ? state.covers(etag.get()) : state.modifiedSeconds() >= seconds;
    }

    /** Seconds since 1970, or a date and time. */
    private static long seconds(Optional<String> lastModified) {
        String text = lastModified.orElse("0");
        try {
            return text.contains("-") ? Instant.parse(text).getEpochSecond() : Long.parseLong(text);
        } catch (NumberFormatException | DateTimeParseException e) {
            // Not a time of ours; there is nothing to wait for.
            return 0;
        }
    }

    private static Reply unavailable(String details) {
        return Answers.refusal(503, Optional.empty(), Answers.GENERAL, details + ". Try again in a second or more.")
                .header("Retry-After", "1");
    }

    private boolean follows() {
        return plane.store().connected();
    }
}
