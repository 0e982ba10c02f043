package dev.andon.server.http;

import dev.andon.core.model.Keys;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One method of one path: who may use it, what it takes, what it answers, and the code behind it. Routing, checks and
 * the API document all come from this declaration. Immutable.
 *
 * @param path such as {@code /api/v1/flags/{flag}}; a part in braces is a parameter and stands for one path segment
 * @param operation the operation's name in the API document, unique
 * @param body the request's body; none for methods without one
 * @param refusals statuses of problems that this route answers beyond those that all routes of its form do
 * @param write whether it changes anything, and so takes a reason, rehearsals and idempotency keys
 * @param conditional whether it takes {@code If-Match} and {@code If-None-Match}
 * @param urgent whether the limit on requests under way doesn't hold for it: for what must get through, and what waits
 * @param upgrade what becomes of the WebSockets that are opened here
 * @param dialect of the protocol that the route belongs to, if that isn't the API's own
 * @param streams whether answers go on for as long as the client stays: they don't count as requests under way
 * @param prompt what answers a call at once, if that can be done: without waiting for anything, in microseconds, and in one piece
 */
public record Route(
        Method method,
        String path,
        String operation,
        String summary,
        String tag,
        Access access,
        List<Parameter> parameters,
        Optional<Schema> body,
        List<Answer> answers,
        SortedSet<Integer> refusals,
        boolean write,
        boolean conditional,
        boolean urgent,
        Action action,
        Optional<Upgrade> upgrade,
        Optional<Dialect> dialect,
        boolean streams,
        Function<Call, Optional<Action>> prompt) {
    /** How every path of the versioned API begins. */
    public static final String API = "/api/v1";

    static final String DRY_RUN = "dryRun";
    static final String REASON = "reason";

    private static final Pattern BRACES = Pattern.compile("\\{([a-z]+)}");

    public Route {
        parameters = List.copyOf(parameters);
        answers = List.copyOf(answers);
        refusals = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(refusals));
        if (answers.isEmpty() || operation.isEmpty()) {
            throw new IllegalStateException(method + " " + path + ": undocumented (expected: operation and answers)");
        }
    }

    public static Builder get(String path) {
        return new Builder(Method.GET, path);
    }

    public static Builder post(String path) {
        return new Builder(Method.POST, path);
    }

    public static Builder put(String path) {
        return new Builder(Method.PUT, path);
    }

    public static Builder delete(String path) {
        return new Builder(Method.DELETE, path);
    }

    /** Collects a declaration. Not thread-safe. */
    public static final class Builder {
        private final Method method;
        private final String path;
        private final List<Parameter> parameters = new ArrayList<>();
        private final List<Answer> answers = new ArrayList<>();
        private final SortedSet<Integer> refusals = new TreeSet<>();
        private String operation = "";
        private String summary = "";
        private String tag = "";
        private Access access = Access.ADMIN;
        private Optional<Schema.Members> members = Optional.empty();
        private Optional<Schema> body = Optional.empty();
        private boolean write;
        private boolean conditional;
        private boolean urgent;
        private Optional<Upgrade> upgrade = Optional.empty();
        private Optional<Dialect> dialect = Optional.empty();
        private boolean streams;
        private Function<Call, Optional<Action>> prompt = call -> Optional.empty();

        private Builder(Method method, String path) {
            this.method = method;
            this.path = path;
            Matcher matcher = BRACES.matcher(path);
            while (matcher.find()) {
                String name = matcher.group(1);
                parameters.add(
                        new Parameter(name, Parameter.Place.PATH, true, Schema.text(described(name)), described(name)));
            }
        }

        /** The operation's name, and what it does in one sentence. */
        public Builder operation(String tagName, String name, String sentence) {
            tag = tagName;
            operation = name;
            summary = sentence;
            return this;
        }

        public Builder needs(Access needed) {
            access = needed;
            return this;
        }

        /** It changes something: takes a reason, {@code dryRun} and {@code Idempotency-Key}. */
        public Builder write() {
            write = true;
            return this;
        }

        /** It takes {@code If-Match}. */
        public Builder conditional() {
            conditional = true;
            return this;
        }

        public Builder urgent() {
            urgent = true;
            return this;
        }

        /** It belongs to another protocol, which takes bodies of any declared type and none, and unknown parameters. */
        public Builder speaks(Dialect other) {
            dialect = Optional.of(other);
            return this;
        }

        /** Its answers go on for as long as the client stays. */
        public Builder streams() {
            streams = true;
            return this;
        }

        /**
         * Some calls it can answer at once, on the event loop: without waiting for anything, in microseconds, and in one piece.
         *
         * @param atOnce looks, as fast, and gives what answers the call with just what it looked at; empty where the route's
         *     action is to answer it, which may wait
         */
        public Builder prompt(Function<Call, Optional<Action>> atOnce) {
            prompt = atOnce;
            return this;
        }

        /** The body's members; a write's {@code reason} comes by itself. */
        public Builder takes(Schema.Members bodyMembers) {
            members = Optional.of(bodyMembers);
            return this;
        }

        /** A body that isn't an object with fixed members. */
        public Builder takes(Schema schema) {
            body = Optional.of(schema);
            return this;
        }

        public Builder query(String name, Schema schema, String description) {
            parameters.add(new Parameter(name, Parameter.Place.QUERY, false, schema, description));
            return this;
        }

        /** It answers pages: takes {@code limit} and {@code after}. */
        public Builder pages() {
            return query("limit", Schema.whole(1, Page.MAX_LIMIT, "1 to " + Page.MAX_LIMIT), "How many items at most")
                    .query("after", Schema.text("The last page's `next`"), "Where to go on: the last page's `next`");
        }

        /** It can answer what was: takes {@code at}. */
        public Builder asOf() {
            refusals.add(404);
            return query(
                    AsOf.QUERY,
                    Schema.whole(1, Long.MAX_VALUE, "A version of the ledger"),
                    "As it was at this version; as it is unless given");
        }

        public Builder answers(int status, String description, Schema schema) {
            return answers(status, description, Reply.JSON, schema);
        }

        public Builder answers(int status, String description, String contentType, Schema schema) {
            answers.add(new Answer(status, description, contentType, schema));
            return this;
        }

        /** Statuses of problems that this route answers beyond the usual ones. */
        public Builder refuses(int... statuses) {
            for (int status : statuses) {
                refusals.add(status);
            }
            return this;
        }

        public Route does(Action action) {
            if (write) {
                addWriteParameters();
            }
            if (conditional) {
                header("If-Match", "The version that is to be replaced, in quotes; `*` for whatever is there");
                header("If-None-Match", "`*`: only if nothing is there yet");
                refusals.add(412);
            }
            addUsualRefusals();
            return new Route(
                    method,
                    path,
                    operation,
                    summary,
                    tag,
                    access,
                    parameters,
                    members.map(this::withReason).or(() -> body),
                    answers,
                    refusals,
                    write,
                    conditional,
                    urgent,
                    action,
                    upgrade,
                    dialect,
                    streams,
                    prompt);
        }

        /** Opens WebSockets; a request that doesn't ask for one is refused with 426. */
        public Route upgrades(Upgrade socket) {
            upgrade = Optional.of(socket);
            urgent = true;
            answers(101, "The WebSocket is open", Schema.anything("Frames"));
            refusals.add(426);
            return does(call -> {
                throw new ProblemException(Problem.of(
                                426, "upgrade-required", "This is a WebSocket", path + ": HTTP (expected: WebSocket)")
                        .at("Upgrade", "nothing", "websocket"));
            });
        }

        private void addWriteParameters() {
            query(
                    DRY_RUN,
                    Schema.bool("Rehearse"),
                    "Answer 200 with what would change, before and after, and change nothing");
            header("Idempotency-Key", "A repeat of a request with the same key is answered, not carried out again");
            if (!method.hasBody()) {
                parameters.add(new Parameter(
                        REASON, Parameter.Place.QUERY, true, reason(), "Why, for the log: what the change is for"));
            }
            answers.stream()
                    .filter(answer -> answer.status() == 201)
                    .toList()
                    .forEach(answer -> answers.add(
                            new Answer(200, "Nothing was to be changed", answer.contentType(), answer.schema())));
            answers.add(new Answer(200, "What would change (dry run)", Reply.JSON, Change.DRY_RUN));
            answers.add(new Answer(200, "Carried out before (idempotency key)", Reply.JSON, Writes.REPEATED));
            refusals.add(409);
            refusals.add(422);
            refusals.add(503);
        }

        private void addUsualRefusals() {
            refusals.add(400);
            if (access != Access.OPEN) {
                refusals.add(401);
                refusals.add(403);
            }
            if (path.contains("{")) {
                refusals.add(404);
            }
            if (method.hasBody()) {
                refusals.add(408);
                refusals.add(413);
                if (dialect.isEmpty()) {
                    refusals.add(415);
                }
            }
            refusals.add(503);
        }

        /** A header that it takes; others aren't shown to the handler. */
        public Builder header(String name, String description) {
            parameters.add(new Parameter(name, Parameter.Place.HEADER, false, Schema.text(description), description));
            return this;
        }

        private Schema withReason(Schema.Members bodyMembers) {
            return write ? bodyMembers.required(REASON, reason()).build() : bodyMembers.build();
        }

        private static Schema reason() {
            return Schema.text(1, Keys.TEXT_CHARS, "Why, for the log");
        }

        private static String described(String name) {
            return switch (name) {
                case "environment" -> "The environment's key";
                case "flag" -> "The flag's key";
                case "segment" -> "The segment's key";
                case "version" -> "A version of the ledger";
                case "token" -> "The token's id";
                case "node" -> "The node's id";
                case "kill" -> "The kill's id";
                case "key" -> "The flag's key, URL-encoded";
                case "moment" -> "A version of the ledger, or a time such as `2026-11-22T14:03:00Z`";
                default -> throw new IllegalStateException("path: {" + name + "} (expected: a known parameter)");
            };
        }
    }

    /** Whether any answer of this route has the status. */
    boolean answers(int status) {
        return answers.stream().anyMatch(answer -> answer.status() == status) || refusals.contains(status);
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
