package dev.andon.server;

import dev.andon.server.flagd.Flagd;
import dev.andon.server.http.CertificateProblem;
import dev.andon.server.http.HttpListener;
import dev.andon.server.http.Route;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Drain;
import dev.andon.server.node.PeerStatus;
import dev.andon.server.node.StartProblem;
import dev.andon.store.LedgerStore;
import dev.andon.store.StoreDescription;
import dev.andon.store.StoreException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A whole server that runs. Thread-safe. */
public final class AndonServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AndonServer.class);

    private static final Duration DRAIN_GRACE = Duration.ofSeconds(2);
    private static final int DRAIN_LOOK_MS = 50;

    private final ServerConfig config;
    private final ControlPlane plane;
    private final HttpListener listener;
    private final Optional<HttpListener> ofrep;
    private final Flagd flagd;
    private final Drain drain;
    private final IntSupplier streams;
    private final Supplier<List<PeerStatus>> peers;
    private final LongSupplier nanoTime;
    private final Deque<AutoCloseable> parts;

    AndonServer(
            ServerConfig config,
            ControlPlane plane,
            HttpListener listener,
            Optional<HttpListener> ofrep,
            Flagd flagd,
            Drain drain,
            IntSupplier streams,
            Supplier<List<PeerStatus>> peers,
            LongSupplier nanoTime,
            Deque<AutoCloseable> parts) {
        this.config = config;
        this.plane = plane;
        this.listener = listener;
        this.ofrep = ofrep;
        this.flagd = flagd;
        this.drain = drain;
        this.streams = streams;
        this.peers = peers;
        this.nanoTime = nanoTime;
        this.parts = parts;
    }

    /**
     * Starts a server; returns when it serves.
     *
     * @throws StartProblem with what is wrong and what to do
     */
    public static AndonServer start(ServerConfig config) {
        return start(config, store -> store);
    }

    /** @param wrap puts something around the ledger's store, such as faults */
    public static AndonServer start(ServerConfig config, UnaryOperator<LedgerStore> wrap) {
        try {
            return new Assembly(config).assemble(wrap);
        } catch (StoreException | CertificateProblem e) {
            throw new StartProblem(String.valueOf(e.getMessage()), e);
        }
    }

    public int port() {
        return listener.port();
    }

    /** The port where flags are evaluated for flagd's clients, if it is open. */
    public OptionalInt flagdEvaluationPort() {
        return flagd.evaluationPort();
    }

    /** The port where flagd's clients get documents, if it is open. */
    public OptionalInt flagdSyncPort() {
        return flagd.syncPort();
    }

    /** Where clients of this machine reach the server. */
    public URI uri() {
        return uri(listener);
    }

    /** The same for OFREP alone, if it has a port of its own. */
    public Optional<URI> ofrepUri() {
        return ofrep.map(this::uri);
    }

    private URI uri(HttpListener at) {
        String scheme = config.tls().isPresent() ? "https" : "http";
        boolean everywhere = config.host().equals("0.0.0.0") || config.host().equals("::");
        String host = everywhere ? "127.0.0.1" : config.host();
        return URI.create(scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + at.port());
    }

    /** The file with the first admin token; written at the first start. */
    public Path adminTokenFile() {
        return config.data().resolve("admin.token");
    }

    /** What the ledger is kept in, in a few words and without credentials. */
    public String store() {
        StoreDescription description = plane.store().description();
        return switch (description.kind()) {
                    case SQLITE -> "SQLite ";
                    case POSTGRESQL -> "PostgreSQL ";
                    case UPSTREAM -> "";
                }
                + description.address();
    }

    /** Whether it is a relay, whose ledger is its upstream's. */
    public boolean relayed() {
        return config.relay().isPresent();
    }

    public ControlPlane controlPlane() {
        return plane;
    }

    /** How it gets on with the other servers on its ledger: all that it dials or is linked to. */
    public List<PeerStatus> peers() {
        return peers.get();
    }

    /** All that the API offers. */
    List<Route> routes() {
        return listener.routes();
    }

    /**
     * Goes out of service: isn't ready any more, takes no new streams, and lets those that are open go one after the other, so
     * that other nodes take them over. Serves and stops all the while. To be closed next. Blocks until no stream is left, but
     * not much longer than it is given.
     */
    public void drain(Duration over) throws InterruptedException {
        log.info("draining: {} streams go within {} s", streams.getAsInt(), over.toSeconds());
        drain.begin(over);
        long endNanos = nanoTime.getAsLong() + over.plus(DRAIN_GRACE).toNanos();
        while (streams.getAsInt() > 0 && nanoTime.getAsLong() - endNanos < 0) {
            Thread.sleep(DRAIN_LOOK_MS);
        }
        log.info("drained: {} streams are left", streams.getAsInt());
    }

    /** Idempotent and prompt: what was acknowledged is safe already. */
    @Override
    public synchronized void close() {
        close(parts);
    }

    static void close(Deque<AutoCloseable> parts) {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception e) {
                log.warn("closing: {}", e.toString());
            }
        }
    }
}
