package dev.andon.server.peer;

import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Node;
import dev.andon.core.model.SignedKill;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.PeerInput;
import dev.andon.core.stream.PeerLink;
import dev.andon.core.stream.PeerProof;
import dev.andon.server.http.Access;
import dev.andon.server.http.Caller;
import dev.andon.server.http.Route;
import dev.andon.server.node.KillListener;
import dev.andon.server.node.PeerStatus;
import dev.andon.server.node.Peering;
import dev.andon.server.node.Publication;
import dev.andon.server.node.Publisher;
import dev.andon.server.node.SharedPresence;
import dev.andon.server.node.SharedPresence.Side;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketBase;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The links of this node to the others of its ledger. It dials every node that has an address, and takes the calls of all:
 * so two nodes have two links where each reaches the other, and one where only one does. A relay dials its upstream alone, and
 * takes the calls of relays below it, which show a token. When things go wrong:
 *
 * <ol>
 *   <li>A node that isn't there, or whose link breaks, is dialled again for ever, within 1.5 seconds; one that refuses,
 *       within five.
 *   <li>What fails while a link is served costs that link alone, and both ends begin anew.
 *   <li>More strangers than {@link #MAX_STRANGERS} at a time aren't let in. That keeps nobody out who can be dialled.
 * </ol>
 *
 * <p>One thread does everything but reading and writing: signatures and large frames hold up no event loop. Of what relays
 * send, it does one message at a time, and then whatever else there is: no kill between nodes with the ledger waits for them.
 */
public final class Peers implements Publisher, KillListener, AutoCloseable {
    public static final String PATH = "/stream/v1/peers";

    /** Where relays are let in. */
    public static final String RELAYS = "/stream/v1/relays";

    private static final Logger log = LoggerFactory.getLogger(Peers.class);
    private static final int TICK_MS = 50;
    private static final int MAX_STRANGERS = 32;
    static final int RETRY_MS = 1_000;
    private static final long CLOSE_MS = 2_000;

    private final PeerConfig config;
    private final int heartbeatMs;
    private final RandomGenerator random;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Runnable onMoved;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("andon-peers").daemon().factory());
    private final Lane fromBelow = new Lane(this::run);
    private final Dialling dialling;
    private final Standing standing;
    private final Set<PeerConnection> connections = new LinkedHashSet<>();
    private final SharedPresence presence;
    /** On which link each other node is told of this one's clients. */
    private final Map<String, PeerConnection> tellings = new HashMap<>();

    private Set<String> toldKnown = Set.of();
    private Set<String> toldLinked = Set.of();
    private final AtomicInteger strangers = new AtomicInteger();
    private final AtomicBoolean offerDue = new AtomicBoolean();
    private volatile Map<String, Versioned<Node>> nodes = Map.of();
    private volatile List<PeerStatus> status = List.of();
    private volatile boolean closing;
    private @Nullable Peering peering;
    private @Nullable Dialer dialer;
    private @Nullable Vertx vertx;

    /**
     * @param heartbeatMs between pings; three without one end a link
     * @param presence tells of this node's clients, and is told of others'
     * @param random must be cryptographically strong
     * @param onMoved told that a relay's upstream has news, or is there again; must not block
     */
    public Peers(
            PeerConfig config,
            int heartbeatMs,
            SharedPresence presence,
            RandomGenerator random,
            InstantSource clock,
            LongSupplier nanoTime,
            Runnable onMoved) {
        this.presence = presence;
        this.config = config;
        this.heartbeatMs = heartbeatMs;
        this.random = random;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.onMoved = onMoved;
        this.dialling = new Dialling(
                random, config.upstream().map(PeerConfig.Above::address), nanoTime.getAsLong() / 1_000_000);
        this.standing = new Standing(clock);
    }

    /**
     * Begins to dial.
     *
     * @throws dev.andon.server.node.StartProblem if the trusted certificates can't be read
     */
    public void start(Vertx theVertx, Peering thePeering) {
        vertx = theVertx;
        peering = thePeering;
        dialer = new Dialer(theVertx, config.trusted());
        // before anybody can ask for a receipt, it is known which nodes are missing
        try {
            thread.submit(() -> safely(() -> {
                        learnNodes();
                        tellNodes();
                    }))
                    .get(CLOSE_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("peers: {}", e.toString());
        }
        var _ = thread.scheduleWithFixedDelay(() -> safely(this::tick), 0, TICK_MS, TimeUnit.MILLISECONDS);
    }

    public List<Route> routes() {
        return List.of(
                Route.get(PATH)
                        .operation(
                                "stream",
                                "openPeerLink",
                                "Opens a link between two nodes: a WebSocket, as api/stream.md describes it")
                        .needs(Access.OPEN)
                        .upgrades((call, socket) -> accept(socket, Optional.empty())),
                Route.get(RELAYS)
                        .operation(
                                "stream",
                                "openRelayLink",
                                "Opens the link of a relay to its upstream: a WebSocket, as api/stream.md describes it")
                        .needs(Access.RELAY)
                        .upgrades((call, socket) -> accept(socket, Optional.of(call.caller()))));
    }

    /** All nodes that are dialled or linked. */
    public List<PeerStatus> status() {
        return status;
    }

    @Override
    public String name() {
        return "peers";
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // an image keeps the maps that didn't change
    public void publish(Publication publication) {
        Image image = publication.after();
        if (image.nodes() != nodes) {
            nodes = image.nodes();
            run(() -> {
                learnNodes();
                tellNodes();
                presence.nodesChanged();
            });
        }
        Frame.Moved moved =
                new Frame.Moved(image.provenance().epoch(), image.provenance().version());
        run(() -> tellMoved(moved));
    }

    private void tellMoved(Frame.Moved moved) {
        for (PeerConnection connection : List.copyOf(connections)) {
            if (connection.side() == Side.BELOW) {
                guarded(connection, () -> connection.moved(moved));
            }
        }
    }

    /** A kill waits for no tick. */
    @Override
    public void onKills(String environment, List<StandingKill> kills) {
        if (offerDue.compareAndSet(false, true)) {
            run(() -> {
                offerDue.set(false);
                offer();
            });
        }
    }

    Peering peering() {
        return Objects.requireNonNull(peering, "not started");
    }

    long nowMs() {
        return nanoTime.getAsLong() / 1_000_000;
    }

    /** On the peers' thread, after all that was given before. */
    void run(Runnable task) {
        try {
            thread.execute(() -> safely(task));
        } catch (RejectedExecutionException e) {
            log.debug("peers: closed");
        }
    }

    private static void safely(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            log.error("peers: failed", e);
        }
    }

    private Runnable accept(ServerWebSocket socket, Optional<Caller> caller) {
        boolean stranger = caller.isEmpty();
        PeerSocket taken = new PeerSocket(
                Objects.requireNonNull(vertx), socket, stranger ? PeerSocket.Room.AMPLE : PeerSocket.Room.SMALL);
        if (closing || (stranger && strangers.incrementAndGet() > MAX_STRANGERS)) {
            if (!closing) {
                strangers.decrementAndGet();
            }
            taken.send(
                    new Frame.Refused(
                            closing ? Frame.Refused.SHUTTING_DOWN : Frame.Refused.OVERLOADED,
                            closing ? "the server is shutting down" : "too many greet at once (expected: later)",
                            RETRY_MS),
                    () -> {});
            taken.close();
            return taken::gone;
        }
        PeerLink link = PeerLink.accepting(self(node -> isMeant(node, caller)), nonce(), nowMs());
        return open(taken, PeerConnection.accepted(this, taken, link, caller));
    }

    /** Nodes with the ledger show no token; a relay shows the one that it has joined with. */
    private boolean isMeant(Node node, Optional<Caller> caller) {
        boolean joined = node.joining().isEmpty()
                || node.joining().map(Node.Joining::token).equals(caller.map(Caller::token));
        return node.relay().isPresent() == caller.isPresent()
                && joined
                && peering().doubt(node).isEmpty();
    }

    private Runnable open(PeerSocket socket, PeerConnection connection) {
        Consumer<Runnable> lane = connection.side() == Side.BELOW ? fromBelow::run : this::run;
        socket.open(message -> lane.accept(() -> guarded(connection, () -> connection.received(message))));
        run(() -> {
            connections.add(connection);
            guarded(connection, connection::start);
        });
        // After what came before: a kill of a relay may be the last that is heard of it.
        return () -> lane.accept(connection::closed);
    }

    /** @param meant which nodes may be at the other end */
    private PeerLink.Self self(Predicate<Node> meant) {
        Peering own = peering();
        return new PeerLink.Self(
                own.self(), own.ledger(), id -> own.named(id).filter(meant), own::sign, Node::signed, heartbeatMs);
    }

    private String nonce() {
        byte[] bytes = new byte[PeerProof.NONCE_DIGITS / 2];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** A link that fails costs itself, and no one behind it in the list. */
    private static void guarded(PeerConnection connection, Runnable action) {
        try {
            action.run();
        } catch (Throwable e) {
            log.error("peer: a link failed and is closed; both ends begin anew", e);
            connection.cut();
        }
    }

    private void learnNodes() {
        if (peering == null) {
            return;
        }
        Set<Dialling.Target> dropped = dialling.learn(peering().self(), nodes, nowMs());
        for (PeerConnection connection : List.copyOf(connections)) {
            if (connection.dialled().filter(dropped::contains).isPresent()) {
                connection.step(new PeerInput.End(new Frame.Refused(
                        Frame.Refused.SUPERSEDED, "the ledger names another address, or none", RETRY_MS)));
            }
        }
    }

    private void tick() {
        offer();
        for (PeerConnection connection : List.copyOf(connections)) {
            guarded(connection, () -> {
                connection.step(new PeerInput.Tick());
                endForbidden(connection);
                connection.tellMore();
            });
        }
        if (!closing && mayDial()) {
            for (Dialling.Target target : dialling.targets()) {
                if (target.redial.due(nowMs())) {
                    dial(target);
                }
            }
        }
        tellNodes();
        status = standing.now(dialling.targets(), List.copyOf(connections), nowMs());
    }

    /** A relay is let in as soon as its ledger knows it. */
    private boolean mayDial() {
        return peering().mayLink();
    }

    /** Ends a link that mustn't stand any more. */
    private void endForbidden(PeerConnection connection) {
        forbidden(connection)
                .ifPresent(why -> connection.step(
                        new PeerInput.End(new Frame.Refused(Frame.Refused.UNAUTHORIZED, why, RETRY_MS))));
    }

    private Optional<String> forbidden(PeerConnection connection) {
        if (connection.side() == Side.ABOVE && peering().loops()) {
            return Optional.of("the upstream is fed by this relay itself");
        }
        boolean revoked = connection
                .caller()
                .filter(caller -> !peering().accepts(caller.token(), caller.secretHash(), clock.instant()))
                .isPresent();
        if (revoked) {
            return Optional.of("the relay's token was revoked or rotated out");
        }
        return connection.side() == Side.BELOW
                ? connection.link().peer().flatMap(peering()::named).flatMap(peering()::doubt)
                : Optional.empty();
    }

    /** Which nodes there should be, and which there are. */
    private void tellNodes() {
        if (peering == null) {
            return;
        }
        Set<String> known =
                dialling.targets().stream().map(target -> target.node).collect(Collectors.toSet());
        known.addAll(peering().relays().keySet());
        if (config.upstream().isPresent()) {
            known.addAll(Dialling.wanted(peering().self(), nodes).keySet());
        }
        Set<String> linked = Set.copyOf(tellings.keySet());
        if (!known.equals(toldKnown) || !linked.equals(toldLinked)) {
            toldKnown = known;
            toldLinked = linked;
            presence.nodes(known, linked);
        }
    }

    /**
     * Only a relay's upstream tells of nodes that have the ledger; a relay tells of itself and of relays below it, and
     * nobody tells a node of itself.
     */
    void heard(PeerConnection from, String peer, Frame.Presence told, Runnable taken) {
        Optional<Node> of = told.of().flatMap(peering()::named);
        boolean may = switch (from.side()) {
            case ABOVE -> true;
            case BESIDE -> of.filter(node -> node.relay().isEmpty()).isEmpty();
            case BELOW ->
                told.of().isEmpty()
                        || of.filter(Node::relays)
                                .filter(relay -> peering()
                                        .named(peer)
                                        .filter(speaker -> peering().speaksFor(speaker, relay))
                                        .isPresent())
                                .isPresent();
        };
        if (may && !told.of().equals(Optional.of(peering().self()))) {
            presence.heard(peer, told, taken);
        } else {
            taken.run();
        }
    }

    void lost(String peer, Frame.Lost lost, Runnable taken) {
        presence.lost(peer, lost.nodes(), taken);
    }

    void moved(PeerConnection from) {
        if (from.side() == Side.ABOVE) {
            onMoved.run();
        }
    }

    /** The newest link to a node is the one on which it is told. */
    private void tell(String peer, PeerConnection connection) {
        PeerConnection before = tellings.put(peer, connection);
        if (before != null) {
            before.stopTelling();
        }
        connection.tell(presence.tell(peer, connection.side()));
        tellNodes();
    }

    private void tellOnAnother(PeerConnection ended) {
        for (Map.Entry<String, PeerConnection> one : List.copyOf(tellings.entrySet())) {
            if (one.getValue().equals(ended)) {
                String peer = one.getKey();
                tellings.remove(peer);
                ended.stopTelling();
                connections.stream()
                        .filter(other -> other.link().peer().equals(Optional.of(peer)))
                        .findFirst()
                        .ifPresent(other -> tell(peer, other));
            }
        }
        tellNodes();
    }

    private void offer() {
        for (PeerConnection connection : List.copyOf(connections)) {
            guarded(connection, connection::offer);
        }
    }

    private void dial(Dialling.Target target) {
        target.redial.dialled();
        Objects.requireNonNull(dialer)
                .dial(
                        target.address,
                        config.upstream().isPresent() ? RELAYS : PATH,
                        config.upstream().map(PeerConfig.Above::token),
                        socket -> dialled(target, socket),
                        failure -> run(() -> {
                            standing.failed(target.node, failure.why());
                            target.redial.ended(failure.answered(), nowMs());
                        }));
    }

    /** On the socket's event loop. */
    private void dialled(Dialling.Target target, WebSocketBase socket) {
        PeerSocket opened = new PeerSocket(Objects.requireNonNull(vertx), socket, PeerSocket.Room.AMPLE);
        boolean above = config.upstream().isPresent();
        Optional<String> meant = above ? Optional.empty() : Optional.of(target.node);
        PeerLink link = PeerLink.dialling(self(node -> true), meant, nonce(), nowMs());
        Runnable closed =
                open(opened, PeerConnection.dialled(this, opened, link, above ? Side.ABOVE : Side.BESIDE, target));
        socket.closeHandler(end -> closed.run());
        if (closing) {
            opened.close();
        }
    }

    /** @param taken run when they have been looked at */
    void adopt(PeerConnection from, List<SignedKill> kills, Runnable taken) {
        boolean looking = peering().adopt(from.side(), kills, forged -> {
            taken.run();
            if (forged > 0) {
                run(() -> guarded(from, () -> from.carriedForged(forged)));
            }
        });
        if (!looking) {
            taken.run();
            log.warn(
                    "peers: {} kills wait until others are verified; they are carried again in a moment", kills.size());
        }
    }

    /** Of two links that one node has dialled, the older is dead and doesn't know it yet. */
    void linked(PeerConnection connection, String peer) {
        connection.dialled().ifPresent(target -> {
            target.node = peer;
            target.redial.linked();
        });
        if (connection.dialled().isEmpty()) {
            if (connection.caller().isEmpty()) {
                strangers.decrementAndGet();
            }
            for (PeerConnection other : List.copyOf(connections)) {
                boolean older = other != connection
                        && other.dialled().isEmpty()
                        && other.link().peer().equals(Optional.of(peer));
                if (older) {
                    other.step(new PeerInput.End(
                            new Frame.Refused(Frame.Refused.SUPERSEDED, "node " + peer + " has connected anew", 0)));
                }
            }
        }
        standing.linked(peer);
        tell(peer, connection);
        if (connection.side() == Side.ABOVE) {
            onMoved.run();
        }
        log.info("peer {}: linked, {}", peer, connection.dialled().isPresent() ? "dialled from here" : "dialled there");
    }

    void ended(PeerConnection connection, String why) {
        connections.remove(connection);
        tellOnAnother(connection);
        if (connection.dialled().isEmpty() && !connection.everLinked()) {
            if (connection.caller().isEmpty()) {
                strangers.decrementAndGet();
            }
            log.debug("peer: not let in: {}", why);
        }
        connection.dialled().ifPresent(target -> {
            standing.failed(target.node, why);
            target.redial.ended(!connection.everLinked(), nowMs());
        });
    }

    /** Says goodbye on every link, and lets no more in. */
    @Override
    public void close() {
        closing = true;
        run(() -> List.copyOf(connections)
                .forEach(connection -> connection.step(new PeerInput.End(
                        new Frame.Refused(Frame.Refused.SHUTTING_DOWN, "the server is shutting down", 0)))));
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_MS, TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
