package dev.andon.server.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of every request: route, authorise, admit, receive, hand over, answer. Runs on event loops; handlers run on
 * virtual threads, but for those of prompt calls, for which the way there and back would be most of the work. A caller is
 * authorised before its body is read. Thread-safe.
 */
public final class Dispatcher implements Handler<HttpServerRequest> {
    private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);
    private static final short INTERNAL_ERROR = 1011;
    private static final Pattern CORRELATION = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
    private static final Pattern JSON_TYPE =
            Pattern.compile("application/json\\s*(;\\s*charset\\s*=\\s*\"?utf-8\"?\\s*)?", Pattern.CASE_INSENSITIVE);

    private final Vertx vertx;
    private final RouteTable table;
    private final Authoriser authoriser;
    private final HttpLimits limits;
    private final Executor handlers;
    private final RequestNames names;
    private final LongSupplier nanoTime;
    private final RequestWatcher watcher;
    private final Admission admission;
    private final Connections connections;

    /**
     * @param routes all routes; the one of their document is added
     * @param handlers runs each request's action, on a virtual thread of its own
     */
    public Dispatcher(
            Vertx vertx,
            List<Route> routes,
            Authoriser authoriser,
            HttpLimits limits,
            Executor handlers,
            RandomGenerator random,
            LongSupplier nanoTime,
            RequestWatcher watcher) {
        this.vertx = vertx;
        this.table = new RouteTable(ApiDocument.including(routes));
        this.authoriser = authoriser;
        this.limits = limits;
        this.handlers = handlers;
        this.names = new RequestNames(random.nextLong());
        this.nanoTime = nanoTime;
        this.watcher = watcher;
        this.admission = new Admission(limits);
        this.connections = new Connections(limits, nanoTime);
    }

    private Dispatcher(Dispatcher whole, List<Route> routes) {
        this.vertx = whole.vertx;
        this.table = new RouteTable(routes);
        this.authoriser = whole.authoriser;
        this.limits = whole.limits;
        this.handlers = whole.handlers;
        this.names = whole.names;
        this.nanoTime = whole.nanoTime;
        this.watcher = whole.watcher;
        this.admission = whole.admission;
        this.connections = whole.connections;
    }

    /** The same for these routes alone, for another port: what goes on there counts here, and the limits are on the sum. */
    public Dispatcher offering(List<Route> few) {
        return new Dispatcher(this, few);
    }

    /** What one request has come to on its way in. */
    private record Found(Route route, RouteTable.Match match, Uri uri) {}

    @Override
    public void handle(HttpServerRequest request) {
        long startNanos = nanoTime.getAsLong();
        Exchange exchange = exchange(request);
        connections.begin(request.connection(), exchange);
        Progress progress = new Progress(request, exchange, startNanos);
        try {
            Optional<Reply> early = progress.find();
            if (early.isPresent()) {
                progress.answer(early.get());
            } else {
                progress.authorise();
            }
        } catch (RuntimeException e) {
            progress.refuse(e);
        }
    }

    /** What HTTP itself refuses: requests that can't be read. */
    void invalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        Problem problem = switch (cause) {
            case TooLongHttpLineException line ->
                Problem.of(
                        414,
                        "target-too-long",
                        "The address is too long",
                        "request line: too long (expected: at most " + limits.targetBytes() + " bytes)");
            case TooLongHttpHeaderException header ->
                Problem.of(
                        431,
                        "headers-too-large",
                        "The headers are too large",
                        "headers: too large (expected: at most " + limits.headerBytes() + " bytes)");
            case null, default ->
                Problem.of(400, "malformed", "This isn't HTTP", "request: malformed (expected: HTTP/1.1 or HTTP/2)");
        };
        Exchange exchange = exchange(request);
        connections.begin(request.connection(), exchange);
        watcher.answered(Optional.empty(), problem.status(), 0);
        exchange.answer(problem.reply(exchange.correlation()).header("Connection", "close"), () -> {
            connections.end(request.connection(), exchange);
            request.connection().close();
        });
    }

    Connections connections() {
        return connections;
    }

    public List<Route> routes() {
        return table.routes();
    }

    /** Open connections, streams included. */
    public int openConnections() {
        return connections.open();
    }

    /** Requests being worked on. */
    public int underWay() {
        return admission.underWay();
    }

    /** A request's progress. On its event loop only. */
    private final class Progress {
        private final HttpServerRequest request;
        private final Exchange exchange;
        private final long startNanos;
        private @Nullable Found found;
        private @Nullable Dialect dialect;

        Progress(HttpServerRequest request, Exchange exchange, long startNanos) {
            this.request = request;
            this.exchange = exchange;
            this.startNanos = startNanos;
        }

        /** Answers what needs no route's code; empty if a route was found. */
        Optional<Reply> find() {
            Uri uri = target();
            RouteTable.Match match = match(uri.parts()).orElseThrow(this::unknownPath);
            dialect = dialect(match).orElse(null);
            if (request.method().equals(HttpMethod.OPTIONS)) {
                return Optional.of(Reply.empty(204).header("Allow", match.allowed()));
            }
            Route route = declared(request.method()).map(match.routes()::get).orElse(null);
            if (route == null) {
                return Optional.of(notAllowed(match));
            }
            found = new Found(route, match, uri);
            if (dialect == null) {
                refuseUnknownParameters(route, uri);
            }
            return Optional.empty();
        }

        /** One that can't be read is refused in the words of the protocol that it is meant for. */
        private Uri target() {
            try {
                return Uri.parse(request.uri());
            } catch (ProblemException e) {
                dialect = match(Uri.asWritten(request.uri()))
                        .flatMap(Progress::dialect)
                        .orElse(null);
                throw e;
            }
        }

        /** Other protocols' clients may end a path with a slash. */
        private Optional<RouteTable.Match> match(List<String> parts) {
            Optional<RouteTable.Match> exact = table.find(parts);
            if (exact.isPresent() || !parts.getLast().isEmpty()) {
                return exact;
            }
            return table.find(parts.subList(0, parts.size() - 1))
                    .filter(shorter -> dialect(shorter).isPresent());
        }

        private static Optional<Dialect> dialect(RouteTable.Match match) {
            return match.routes().values().iterator().next().dialect();
        }

        void authorise() {
            Found way = java.util.Objects.requireNonNull(found);
            Route route = way.route();
            Optional<Caller> caller = route.access() == Access.OPEN
                    ? Optional.empty()
                    : Optional.of(authoriser.authorise(credential(), route.access()));
            if (route.upgrade().isPresent() && asksForWebSocket()) {
                upgrade(way, caller, route.upgrade().get());
                return;
            }
            if (!route.method().hasBody()) {
                run(way, caller, new byte[0]);
                return;
            }
            String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
            if (dialect == null && (type == null || !JSON_TYPE.matcher(type).matches())) {
                throw wrongType(type);
            }
            int mostBytes = dialect == null ? limits.bodyBytes() : dialect.bodyBytes();
            exchange.receive(
                    mostBytes,
                    route.urgent(),
                    body -> run(way, caller, body),
                    this::refuse,
                    () -> connections.end(request.connection(), exchange));
        }

        private ProblemException unknownPath() {
            String path = request.path() == null ? "" : request.path();
            boolean described =
                    table.routes().stream().anyMatch(route -> route.path().equals(ApiDocument.PATH));
            String expected = described
                    ? "one of the API's"
                    : "one of "
                            + table.routes().stream()
                                    .map(Route::path)
                                    .distinct()
                                    .collect(Collectors.joining(", "));
            Problem problem = Problem.of(
                            404,
                            "not-found",
                            "There is no such thing",
                            "path: " + path + " (expected: " + expected + ")")
                    .at("path", path, described ? "one of those in " + ApiDocument.PATH : expected);
            return new ProblemException(
                    described ? problem.next("Look the path up in " + ApiDocument.PATH + ".") : problem);
        }

        private @Nullable String credential() {
            return dialect == null
                    ? request.getHeader(HttpHeaders.AUTHORIZATION)
                    : dialect.credential(request::getHeader).orElse(null);
        }

        private boolean asksForWebSocket() {
            return "websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE));
        }

        private void upgrade(Found way, Optional<Caller> caller, Upgrade upgrade) {
            refuseBody();
            Call call = call(way, caller, new byte[0]);
            Optional<Duration> later = upgrade.admit(call);
            if (later.isPresent()) {
                turnAway(later.get());
                return;
            }
            request.toWebSocket()
                    .onSuccess(socket -> {
                        watcher.answered(Optional.of(way.route()), 101, nanoTime.getAsLong() - startNanos);
                        connections.upgraded(request.connection());
                        // They are kept for as long as the socket is.
                        request.headers().clear();
                        request.response().headers().clear();
                        socket.closeHandler(closing(connections, opened(upgrade, call, socket)));
                    })
                    .onFailure(refused -> connections.end(request.connection(), exchange));
        }

        /** A socket that nobody takes would stay open and be counted for ever. */
        private static Runnable opened(Upgrade upgrade, Call call, ServerWebSocket socket) {
            try {
                return upgrade.open(call, socket);
            } catch (RuntimeException e) {
                log.error("request {}: its WebSocket can't be served, and is closed: a bug", call.correlation(), e);
                var _ = socket.close(INTERNAL_ERROR);
                return () -> {};
            }
        }

        /** The handshake would wait for it, for ever if it doesn't come. */
        private void refuseBody() {
            String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
            String coding = request.getHeader(HttpHeaders.TRANSFER_ENCODING);
            if (coding != null || (length != null && !length.equals("0"))) {
                throw new ProblemException(Problem.of(
                        400,
                        "body-with-upgrade",
                        "A WebSocket is opened without a body",
                        "body: " + (coding == null ? length + " bytes" : coding) + " (expected: none)"));
            }
        }

        private void turnAway(Duration wait) {
            Reply reply = Problem.of(
                            503,
                            "too-many-connect",
                            "Too many connect at once",
                            "come back in " + wait.toSeconds() + " s")
                    .reply(exchange.correlation());
            answer(reply.header("Retry-After", Long.toString(wait.toSeconds())));
        }

        /** Holds on to nothing that is of the request alone. */
        private static Handler<Void> closing(Connections connections, Runnable closed) {
            return end -> {
                connections.socketClosed();
                closed.run();
            };
        }

        private void run(Found way, Optional<Caller> caller, byte[] body) {
            boolean urgent = way.route().urgent();
            boolean counted = !way.route().streams();
            try {
                if (counted) {
                    admission.enter(urgent);
                }
            } catch (ProblemException busy) {
                refuse(busy);
                return;
            }
            Context context = vertx.getOrCreateContext();
            Call call;
            Optional<Action> atOnce;
            try {
                call = call(way, caller, body);
                atOnce = way.route().prompt().apply(call);
            } catch (Throwable e) {
                if (counted) {
                    admission.leave();
                }
                refuse(e);
                return;
            }
            if (atOnce.isPresent()) {
                carryOut(way, atOnce.get(), call, context, counted).run();
            } else {
                handlers.execute(
                        () -> OnLoop.run(context, carryOut(way, way.route().action(), call, context, counted)));
            }
        }

        private Runnable carryOut(Found way, Action action, Call call, Context context, boolean counted) {
            try {
                return carryOut(way, action, call, context);
            } finally {
                // Before the answer: whoever has it may count on the place being free.
                if (counted) {
                    admission.leave();
                }
            }
        }

        /** Has the request carried out, and gives what is left to be done on the event loop. */
        private Runnable carryOut(Found way, Action action, Call call, Context context) {
            Optional<Pieces> pieces = Optional.empty();
            try {
                Reply reply = dressed(conditional(action.handle(call)));
                pieces = reply.pieces();
                if (pieces.isEmpty()) {
                    return () -> send(reply);
                }
                if (way.route().streams() && request.method().equals(HttpMethod.HEAD)) {
                    // Nothing is ever written to such a client, so that nobody would notice that it is gone.
                    return () -> send(reply.headAlone());
                }
                byte[] first = pieces.get().source().next();
                new PieceSender(
                                exchange,
                                context,
                                limits.answerMs(),
                                way.route().streams())
                        .send(reply, first, pieces.get());
                return () -> ended(reply);
            } catch (Throwable e) {
                Reply refusal = reply(e);
                return () -> answer(refusal);
            } finally {
                pieces.map(Pieces::ended).ifPresent(Runnable::run);
            }
        }

        private Call call(Found way, Optional<Caller> caller, byte[] body) {
            Map<String, String> headers = new HashMap<>();
            for (Parameter parameter : way.route().parameters()) {
                String value = request.getHeader(parameter.name());
                if (parameter.place() == Parameter.Place.HEADER && value != null) {
                    headers.put(parameter.name().toLowerCase(Locale.ROOT), value);
                }
            }
            return new Call(
                    way.route(),
                    RouteTable.named(way.route(), way.match().values()),
                    way.uri().query(),
                    headers,
                    body,
                    caller,
                    exchange.correlation(),
                    exchange.peer());
        }

        /** A read whose answer the client has already. */
        private Reply conditional(Reply reply) {
            String tag = reply.headers().get("ETag");
            String known = request.getHeader(HttpHeaders.IF_NONE_MATCH);
            if (tag == null
                    || known == null
                    || reply.status() != 200
                    || !declared(request.method()).equals(Optional.of(Method.GET))) {
                return reply;
            }
            boolean same = List.of(known.split(",\\s*")).contains(tag);
            return same ? Reply.empty(304).header("ETag", tag) : reply;
        }

        private Reply reply(Throwable thrown) {
            Problem problem = Problems.of(thrown, exchange.correlation());
            Reply reply = dialect == null
                    ? problem.reply(exchange.correlation())
                    : dialect.refusal(
                            problem, dialect.credential(request::getHeader).isPresent());
            return switch (reply.status()) {
                case 401 -> reply.header("WWW-Authenticate", "Bearer realm=\"andon\"");
                case 503 -> reply.header("Retry-After", "1");
                default -> reply;
            };
        }

        void refuse(Throwable thrown) {
            answer(reply(thrown));
        }

        void answer(Reply reply) {
            send(dressed(reply));
        }

        private Reply dressed(Reply reply) {
            return dialect == null
                    ? reply
                    : dialect.dressed(reply, request.method().name(), request::getHeader);
        }

        private void send(Reply reply) {
            exchange.answer(reply, () -> ended(reply));
        }

        private void ended(Reply reply) {
            connections.end(request.connection(), exchange);
            watcher.answered(
                    Optional.ofNullable(found).map(Found::route), reply.status(), nanoTime.getAsLong() - startNanos);
        }

        private Reply notAllowed(RouteTable.Match match) {
            String method = request.method().name();
            return Problem.of(
                            405,
                            "method-not-allowed",
                            "This can't be done here",
                            "method: " + method + " (expected: one of " + match.allowed() + ")")
                    .at("method", method, "one of " + match.allowed())
                    .reply(exchange.correlation())
                    .header("Allow", match.allowed());
        }
    }

    private Exchange exchange(HttpServerRequest request) {
        return new Exchange(vertx, nanoTime, request, limits, admission, correlation(request));
    }

    private String correlation(HttpServerRequest request) {
        String given = request.getHeader("X-Request-Id");
        if (given != null && CORRELATION.matcher(given).matches()) {
            return given;
        }
        return names.next();
    }

    private static Optional<Method> declared(HttpMethod method) {
        return switch (method.name()) {
            case "GET", "HEAD" -> Optional.of(Method.GET);
            case "POST" -> Optional.of(Method.POST);
            case "PUT" -> Optional.of(Method.PUT);
            case "DELETE" -> Optional.of(Method.DELETE);
            default -> Optional.empty();
        };
    }

    /** A misspelt parameter would be one that has no effect: {@code dryrun=true} would change things. */
    private static void refuseUnknownParameters(Route route, Uri uri) {
        List<String> known = route.parameters().stream()
                .filter(parameter -> parameter.place() == Parameter.Place.QUERY)
                .map(Parameter::name)
                .toList();
        for (Map.Entry<String, String> given : uri.query().entrySet()) {
            if (!known.contains(given.getKey())) {
                String expected = known.isEmpty() ? "no parameters" : "one of " + String.join(", ", known);
                throw Problems.invalid("query." + given.getKey(), given.getValue(), expected);
            }
        }
    }

    private static ProblemException wrongType(@Nullable String type) {
        String given = type == null ? "nothing" : type;
        return new ProblemException(Problem.of(
                        415,
                        "unsupported-type",
                        "The body isn't JSON",
                        "Content-Type: " + given + " (expected: application/json)")
                .at("Content-Type", given, "application/json")
                .next("Send the body as JSON in UTF-8 with Content-Type: application/json."));
    }
}
