package dev.andon.server.delivery;

import dev.andon.core.model.SignedKill;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Problem;
import dev.andon.server.http.ProblemException;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Upgrade;
import dev.andon.server.node.Drain;
import dev.andon.server.node.StreamListener;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/** Serves the native stream, described in {@code api/stream.md}. Thread-safe. */
public final class Delivery implements AutoCloseable {
    public static final String PATH = "/stream/v1";
    public static final String POLL_PATH = PATH + "/poll";

    private static final int TICKS_PER_HEARTBEAT = 4;
    private static final int DECODERS = 2;

    private final Vertx vertx;
    private final Hub hub;
    private final Polls polls;
    private final Map<Thread, EventLoop> loops = new ConcurrentHashMap<>();
    private final ExecutorService pollExecutor;
    private final ExecutorService decoding;
    private final long timer;

    /**
     * @param node this node's id
     * @param adoption takes the kills that clients carry, if it can take so many at the moment; must not block
     * @param random for the names of poll sessions; must be cryptographically strong
     */
    public Delivery(
            Vertx vertx,
            String node,
            Feeds feeds,
            StreamLimits limits,
            StreamListener listener,
            Predicate<List<SignedKill>> adoption,
            InstantSource clock,
            LongSupplier nanoTime,
            RandomGenerator random,
            Drain drain) {
        this.vertx = vertx;
        this.hub = new Hub(node, feeds, limits, listener, adoption, clock, nanoTime, drain);
        // The node outlives this, and may still have something to offer: there is nobody left to be told.
        this.pollExecutor = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name("andon-polls").daemon().factory(),
                new ThreadPoolExecutor.DiscardPolicy());
        this.decoding = Executors.newFixedThreadPool(
                DECODERS, Thread.ofPlatform().name("andon-frames-", 1).daemon().factory());
        this.polls = new Polls(hub, pollExecutor, random);
        feeds.add(polls);
        this.timer = vertx.setPeriodic(Math.max(5, limits.heartbeatMs() / TICKS_PER_HEARTBEAT), tick -> polls.tick());
    }

    /** Open streams, long polls included. */
    public int open() {
        return hub.open();
    }

    public List<Route> routes() {
        Route stream = Route.get(PATH)
                .operation(
                        "stream", "openStream", "Opens the native stream: a WebSocket, as api/stream.md describes it")
                .needs(Access.SDK)
                .upgrades(new Door());
        Route poll = Route.post(POLL_PATH)
                .operation("stream", "pollStream", "The native stream by long polling: takes and answers frames")
                .needs(Access.SDK)
                .urgent()
                .header(Polls.SESSION, "The session, as the first answer named it")
                .header("If-None-Match", "The newest ETag seen: an acknowledgement of what it names")
                .takes(Schema.anything("Frames from the client, an array"))
                .answers(200, "Frames from the server, an array", Schema.anything("Frames"))
                .answers(304, "Nothing new", Schema.anything("Nothing"))
                .does(call -> polls.poll(call, feed(call)));
        return List.of(stream, poll);
    }

    private Feed feed(Call call) {
        String environment = call.caller().environment().orElse("");
        return hub.feeds()
                .feed(environment)
                .orElseThrow(() -> new ProblemException(Problem.of(
                        503, "environment-missing", "The environment isn't here yet", "environment: " + environment)));
    }

    private final class Door implements Upgrade {
        @Override
        public Optional<Duration> admit(Call call) {
            return hub.askToJoin(call.caller().token());
        }

        @Override
        public Runnable open(Call call, ServerWebSocket socket) {
            return Delivery.this.open(call, socket);
        }
    }

    private Runnable open(Call call, ServerWebSocket socket) {
        Optional<Feed> feed = call.caller().environment().flatMap(hub.feeds()::feed);
        if (feed.isEmpty() || !hub.enter()) {
            Frame.Refused why = feed.isEmpty()
                    ? new Frame.Refused(
                            Frame.Refused.OVERLOADED,
                            "the key's environment isn't known here yet",
                            hub.limits().retryMs())
                    : hub.overloaded();
            Message.of(why).writeTo(WebSocketStream.channel(socket));
            socket.close();
            return () -> {};
        }
        WebSocketStream stream = new WebSocketStream(
                loop(),
                socket,
                feed.get().environment().environment().key(),
                call.caller().token(),
                call.caller().secretHash(),
                feed.get());
        stream.open();
        return stream::closed;
    }

    /** That of the current thread: every request has a context of its own, but an event loop is one thread for ever. */
    private EventLoop loop() {
        return loops.computeIfAbsent(Thread.currentThread(), thread -> {
            EventLoop created = new EventLoop(hub, vertx, vertx.getOrCreateContext(), decoding);
            hub.feeds().add(created);
            return created;
        });
    }

    /** The longest message that a client may send. */
    public static int maxMessageBytes() {
        return 2 * FrameCodec.FROM_CLIENT.bytes();
    }

    /** Tells all clients that the server goes, and lets no more in. */
    @Override
    public void close() {
        hub.close();
        vertx.cancelTimer(timer);
        loops.values().forEach(EventLoop::close);
        polls.close();
        pollExecutor.shutdown();
        decoding.shutdown();
    }
}
