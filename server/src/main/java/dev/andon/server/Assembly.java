package dev.andon.server;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.andon.core.image.Image;
import dev.andon.server.delivery.Delivery;
import dev.andon.server.delivery.Feeds;
import dev.andon.server.environment.Environments;
import dev.andon.server.evaluation.Evaluations;
import dev.andon.server.flag.Flags;
import dev.andon.server.flagd.Exports;
import dev.andon.server.flagd.Expressible;
import dev.andon.server.flagd.Flagd;
import dev.andon.server.health.Health;
import dev.andon.server.http.Certificates;
import dev.andon.server.http.Dispatcher;
import dev.andon.server.http.HttpListener;
import dev.andon.server.http.Route;
import dev.andon.server.importing.Imports;
import dev.andon.server.instance.Instances;
import dev.andon.server.kill.Kills;
import dev.andon.server.kill.RevokedKills;
import dev.andon.server.ledger.Forks;
import dev.andon.server.ledger.LedgerApi;
import dev.andon.server.log.Log;
import dev.andon.server.metrics.Metrics;
import dev.andon.server.node.AndonNode;
import dev.andon.server.node.Bookkeeper;
import dev.andon.server.node.Drain;
import dev.andon.server.node.Recorder;
import dev.andon.server.node.ServedState;
import dev.andon.server.node.ServedStates;
import dev.andon.server.node.StartProblem;
import dev.andon.server.node.Upstream;
import dev.andon.server.ofrep.Ofrep;
import dev.andon.server.past.Moments;
import dev.andon.server.peer.Nodes;
import dev.andon.server.peer.PeerConfig;
import dev.andon.server.peer.Peers;
import dev.andon.server.presence.Everyone;
import dev.andon.server.receipt.Receipts;
import dev.andon.server.relay.RelayApi;
import dev.andon.server.relay.RelayConfig;
import dev.andon.server.relay.RevokedRelays;
import dev.andon.server.relay.UpstreamStore;
import dev.andon.server.rollback.Rollbacks;
import dev.andon.server.segment.Segments;
import dev.andon.server.token.Authenticator;
import dev.andon.server.token.RecoveryWatch;
import dev.andon.server.token.TokenApi;
import dev.andon.store.DataDirectory;
import dev.andon.store.LedgerStore;
import dev.andon.store.LedgerStores;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts a server's parts together. Used once. */
final class Assembly {
    private static final Logger log = LoggerFactory.getLogger(AndonServer.class);
    private static final int TICK_MS = 1_000;
    private static final int DESCRIPTORS_BESIDE_STREAMS = 200;
    private static final long CLOSE_MS = 2_000;

    private final ServerConfig config;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final SecureRandom random = new SecureRandom();
    private final Drain drain = new Drain(System::nanoTime);
    private final InstantSource clock = InstantSource.system();
    private final AtomicReference<AndonNode> started = new AtomicReference<>();
    private Optional<UpstreamStore> upstream = Optional.empty();

    /** Parts that exist before the node does, and are told what it does. */
    private record Books(
            Bookkeeper bookkeeper,
            Feeds feeds,
            ServedStates states,
            Receipts receipts,
            Instances instances,
            Recorder recorder,
            Everyone everyone,
            Peers peers) {}

    /** The main port, OFREP's own, and flagd's; and how many streams are open at all of them. */
    private record Listeners(HttpListener main, Optional<HttpListener> ofrep, Flagd flagd, IntSupplier streams) {}

    Assembly(ServerConfig config) {
        this.config = config;
    }

    AndonServer assemble(UnaryOperator<LedgerStore> wrap) {
        try {
            warnOfDescriptorLimit();
            parts.push(DataDirectory.open(config.data()));
            upstream = config.relay().map(relay -> new UpstreamStore(relay, config.storeOptions(), clock));
            LedgerStore store = wrap.apply(openStore());
            parts.push(store);
            Books books = openBooks();
            AndonNode node = AndonNode.start(new AndonNode.Parts(
                    config.data(),
                    store,
                    config.node(),
                    clock,
                    System::nanoTime,
                    random,
                    List.of(
                            books.receipts(),
                            books.feeds(),
                            books.states(),
                            books.peers(),
                            // Of which every node that has the ledger raises the alarm.
                            new RevokedKills(upstream.isEmpty() ? books.recorder()::note : seen -> {}),
                            new Forks(books.recorder()::note)),
                    List.of(books.receipts(), books.feeds(), books.peers(), books.states()),
                    books.instances().traffic(),
                    config.confirmShare(),
                    List.of(new Expressible()),
                    upstream.map(Upstream.class::cast)));
            parts.push(node);
            books.recorder().start(node, upstream.map(Upstream.class::cast), node.peering()::joined);
            parts.push(books.recorder());
            started.set(node);
            Listeners listeners = serve(node, books);
            return new AndonServer(
                    config,
                    node,
                    listeners.main(),
                    listeners.ofrep(),
                    listeners.flagd(),
                    drain,
                    listeners.streams(),
                    books.peers()::status,
                    System::nanoTime,
                    parts);
        } catch (RuntimeException e) {
            AndonServer.close(parts);
            throw e;
        }
    }

    private Image image() {
        AndonNode node = started.get();
        return node == null ? Image.EMPTY : node.image();
    }

    private boolean onDuty() {
        AndonNode node = started.get();
        return node != null && node.duties().mine();
    }

    private LedgerStore openStore() {
        if (upstream.isPresent()) {
            return upstream.get();
        }
        return config.store().isPresent()
                ? LedgerStores.open(config.store().get(), config.storeOptions(), random)
                : LedgerStores.openFile(config.data().resolve("ledger.db"), config.storeOptions(), random);
    }

    private Books openBooks() {
        Bookkeeper bookkeeper = new Bookkeeper();
        bookkeeper.start();
        parts.push(bookkeeper);
        Recorder recorder = new Recorder(Recorder.MAX_WAITING, config.node().retryMs(), System::nanoTime);
        ServedStates states = new ServedStates(clock);
        Instances instances = new Instances(
                bookkeeper,
                config.data(),
                config.remember(),
                this::image,
                environment -> states.newest(environment).map(ServedState::served),
                recorder,
                clock,
                System::nanoTime);
        parts.push(instances);
        byte[] run = new byte[8];
        random.nextBytes(run);
        Everyone everyone = new Everyone(
                bookkeeper,
                instances.presence(),
                () -> Objects.requireNonNull(started.get(), "not started").node(),
                this::image,
                config.relay().map(RelayConfig::region),
                HexFormat.of().formatHex(run),
                config.remember(),
                System::nanoTime);
        Receipts receipts = new Receipts(
                bookkeeper,
                config.data().resolve("receipts"),
                everyone,
                recorder::note,
                config.receipts(),
                clock,
                System::nanoTime,
                this::onDuty);
        parts.push(receipts);
        everyone.add(receipts);
        instances.add(everyone.here());
        Peers peers = new Peers(
                peerConfig(),
                config.streams().heartbeatMs(),
                everyone,
                random,
                clock,
                System::nanoTime,
                () -> upstream.ifPresent(UpstreamStore::nudge));
        return new Books(bookkeeper, new Feeds(), states, receipts, instances, recorder, everyone, peers);
    }

    private PeerConfig peerConfig() {
        return config.relay()
                .map(relay ->
                        config.peers().below(new PeerConfig.Above(relay.upstream(), relay.token()), relay.trusted()))
                .orElse(config.peers());
    }

    private Listeners serve(AndonNode node, Books books) {
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        parts.push(() -> await(vertx.close(), "closing the event loops"));
        log.info("transport: {}", vertx.isNativeTransportEnabled() ? "native" : "portable");
        ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
        parts.push(handlers::shutdownNow);
        Metrics metrics = new Metrics(node, clock);
        parts.push(metrics);
        Delivery delivery = new Delivery(
                vertx,
                node.node(),
                books.feeds(),
                config.streams(),
                books.instances(),
                node::carried,
                clock,
                System::nanoTime,
                random,
                drain);
        Ofrep ofrep = new Ofrep(
                books.states(),
                node,
                node.seal(),
                config.ofrep(),
                books.instances().foreign(),
                random,
                clock,
                System::nanoTime,
                drain);
        books.peers().start(vertx, node.peering());
        measure(node, metrics, delivery, books);
        metrics.gauge("andon.ofrep.streams.open", "Open event streams of OFREP", ofrep::open);
        Optional<Certificates> certificates = config.tls()
                .map(tls -> Certificates.read(vertx, tls.certificate(), tls.key(), (int)
                        tls.lookAgain().toMillis()));
        Authenticator authenticator = new Authenticator(node::image, clock);
        Dispatcher dispatcher = new Dispatcher(
                vertx,
                routes(node, delivery, ofrep, metrics, books),
                authenticator,
                config.http(),
                handlers,
                random,
                System::nanoTime,
                metrics);
        metrics.gauge("andon.http.connections", "Open connections, streams included", dispatcher::openConnections);
        metrics.gauge("andon.http.under.way", "Requests being worked on", dispatcher::underWay);
        HttpListener open = listen(vertx, config.port(), certificates, dispatcher);
        parts.push(() -> await(open.close(), "closing the port"));
        Optional<HttpListener> ofrepAlone = Optional.empty();
        if (config.ofrep().ownPort().isPresent()) {
            HttpListener own = listen(
                    vertx, config.ofrep().ownPort().getAsInt(), certificates, dispatcher.offering(ofrep.routes()));
            parts.push(() -> await(own.close(), "closing OFREP's port"));
            ofrepAlone = Optional.of(own);
        }
        parts.push(delivery);
        parts.push(books.peers());
        if (upstream.isEmpty()) {
            advertise(node, open.port());
        }
        Flagd flagd = Flagd.open(
                config.flagd(),
                new Flagd.Surroundings(
                        vertx,
                        config.host(),
                        certificates,
                        books.states(),
                        authenticator,
                        node.seal(),
                        books.instances().foreign(),
                        node,
                        handlers,
                        System::nanoTime,
                        drain));
        parts.push(flagd);
        metrics.gauge("andon.flagd.streams.open", "Open streams of flagd's clients", flagd::streams);
        metrics.gauge(
                "andon.flagd.flags.left",
                "Flags that a document for flagd's clients lacks, as flagd can't express them",
                flagd::flagsLeft);
        metrics.gauge(
                "andon.flagd.document.bytes", "The largest document that flagd's clients get", flagd::documentBytes);
        parts.push(books.states());
        vertx.setPeriodic(TICK_MS, tick -> {
            books.instances().tick();
            books.everyone().tick();
            books.receipts().tick();
        });
        ScheduledExecutorService watching = Executors.newSingleThreadScheduledExecutor(
                Thread.ofVirtual().name("andon-watch").factory());
        parts.push(watching::shutdownNow);
        new RecoveryWatch(node, config.data(), random).start(watching);
        // Of which every node that has the ledger raises the alarm.
        new RevokedRelays(node, upstream.isEmpty() ? books.recorder()::note : seen -> {}, clock).start(watching);
        metrics.gauge("andon.draining", "1 while the server is about to end", () -> drain.begun() ? 1 : 0);
        return new Listeners(open, ofrepAlone, flagd, () -> delivery.open() + ofrep.open() + flagd.streams());
    }

    private void advertise(AndonNode node, int port) {
        Optional<String> address = config.peers().advertise().or(() -> ownAddress(port));
        if (address.isEmpty() && config.store().isPresent()) {
            log.warn("advertise: nothing (expected: where the other servers on this ledger reach this one, by"
                    + " --advertise); kills get to it and from it only over links that it opens itself");
        }
        node.peering().advertise(address);
    }

    /** Where others reach this server, if what it listens on leaves no doubt; a ledger in a file has one server. */
    private Optional<String> ownAddress(int port) {
        String host = config.host();
        boolean everywhere = host.equals("0.0.0.0") || host.equals("::");
        boolean here = host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
        if (config.store().isEmpty() || everywhere || here) {
            return Optional.empty();
        }
        String scheme = config.tls().isPresent() ? "https" : "http";
        return Optional.of(scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
    }

    private HttpListener listen(Vertx vertx, int port, Optional<Certificates> certificates, Dispatcher dispatcher) {
        try {
            return HttpListener.open(
                            vertx,
                            config.host(),
                            port,
                            certificates,
                            dispatcher,
                            config.http(),
                            Delivery.maxMessageBytes())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            String where = config.host() + ":" + port;
            String why = String.valueOf(cause.getMessage()).strip();
            throw new StartProblem(
                    "listening at " + where + ": " + why
                            + " (expected: an address of this machine, and a port that nobody uses)",
                    cause);
        }
    }

    private List<Route> routes(AndonNode plane, Delivery delivery, Ofrep ofrep, Metrics metrics, Books books) {
        List<Route> routes = new ArrayList<>();
        routes.addAll(new Environments(plane).routes());
        routes.addAll(new Flags(plane).routes());
        routes.addAll(new Segments(plane).routes());
        routes.addAll(new Kills(
                        plane,
                        books.receipts(),
                        books.bookkeeper(),
                        books.everyone(),
                        books.instances().traffic(),
                        books.receipts().exercises(),
                        System::nanoTime)
                .routes());
        routes.addAll(books.instances().routes());
        routes.addAll(new Rollbacks(plane, clock).routes());
        routes.addAll(new Imports(plane).routes());
        routes.addAll(new Exports(plane, books.states()::newest).routes());
        routes.addAll(new Evaluations(plane).routes());
        routes.addAll(new Log(plane).routes());
        routes.addAll(new Moments(plane, clock).routes());
        routes.addAll(new LedgerApi(plane, plane.audit()).routes());
        routes.addAll(new TokenApi(plane, random).routes());
        routes.addAll(new Health(plane, books.peers()::status, drain, clock).routes());
        routes.addAll(metrics.routes());
        routes.addAll(delivery.routes());
        routes.addAll(books.peers().routes());
        routes.addAll(new Nodes(plane, books.peers()::status, books.everyone()::ways, clock).routes());
        routes.addAll(new RelayApi(plane, plane.feed(), upstream.map(Upstream.class::cast), clock, System::nanoTime)
                .routes());
        routes.addAll(ofrep.routes());
        return routes;
    }

    private void measure(AndonNode node, Metrics metrics, Delivery delivery, Books books) {
        metrics.gauge("andon.streams.open", "Open streams, long polls included", delivery::open);
        metrics.peers(books.peers()::status);
        metrics.gauge("andon.instances.live", "Instances that acknowledged all", books.instances()::live);
        metrics.gauge(
                "andon.instances.lag.seconds",
                "How long the instance that is furthest behind has owed an ack",
                books.instances()::lagSeconds);
        metrics.gauge("andon.instances.silent", "Connected instances that owe an ack", books.instances()::silent);
        metrics.gauge(
                "andon.instances.unreachable",
                "Instances that vanished without goodbye",
                books.instances()::unreachable);
        metrics.gauge(
                "andon.clients.live",
                "Clients of other protocols than Andon's that are known to have the newest",
                books.instances()::clientsLive);
        metrics.gauge(
                "andon.clients.sent",
                "Clients of other protocols that were sent the newest, and of which no more is known",
                books.instances()::clientsSent);
        metrics.gauge(
                "andon.clients.silent",
                "Clients of other protocols that are known to have something older",
                books.instances()::clientsSilent);
        metrics.gauge(
                "andon.clients.unreachable",
                "Clients of other protocols that vanished without goodbye",
                books.instances()::clientsUnreachable);
        metrics.counter(
                "andon.clients.unlisted",
                "Clients of other protocols that aren't listed any more because there were too many",
                books.instances()::clientsUnlisted);
        metrics.gauge(
                "andon.instances.divergent.defaults",
                "Instances whose code has defaults that aren't the safe variant's value",
                books.instances()::divergent);
        metrics.gauge(
                "andon.kills.unverified", "Kills that clients carry and nobody here can verify", node::unverifiedKills);
        metrics.gauge("andon.observations.waiting", "Observations that wait for the ledger", books.recorder()::waiting);
        metrics.counter(
                "andon.observations.lost",
                "Observations that aren't in the ledger: too many waited, or it refused them",
                books.recorder()::lost);
        metrics.counter(
                "andon.relapses", "Unsafe evaluations counted under a kill that held", books.receipts()::relapses);
    }

    private void warnOfDescriptorLimit() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            long limit = system.getMaxFileDescriptorCount();
            long needed = (long) config.streams().streams() + DESCRIPTORS_BESIDE_STREAMS;
            if (limit < needed) {
                log.warn(
                        "file descriptors: {} (expected: at least {} for {} streams); raise the limit with ulimit -n,"
                                + " or lower the stream limit",
                        limit,
                        needed,
                        config.streams().streams());
            }
        }
    }

    private static void await(Future<?> future, String what) {
        try {
            future.toCompletionStage().toCompletableFuture().get(CLOSE_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            log.warn("{}: {}", what, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
