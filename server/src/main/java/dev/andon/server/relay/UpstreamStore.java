package dev.andon.server.relay;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.ledger.Checkpoint;
import dev.andon.core.model.Node;
import dev.andon.server.node.LedgerFeed;
import dev.andon.server.node.Observation;
import dev.andon.server.node.Upstream;
import dev.andon.store.AppendResult;
import dev.andon.store.Lease;
import dev.andon.store.LedgerHead;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LedgerStore;
import dev.andon.store.StoreDescription;
import dev.andon.store.StoreException;
import dev.andon.store.StoreException.Code;
import dev.andon.store.StoreOptions;
import dev.andon.store.StoredCheckpoint;
import dev.andon.store.StoredEntry;
import dev.andon.store.StoredSnapshot;
import dev.andon.store.Tail;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger as a relay's upstream lets it be read: entries in their stored bytes, so that the relay checks their chain like
 * any node, and images. It can't be written; what only a writer needs fails with LIMIT.
 *
 * <p>News comes by {@link #nudge}, and is looked for besides: also the news that the upstream is gone or back. Thread-safe.
 */
public final class UpstreamStore implements LedgerStore, Upstream {
    private static final Logger log = LoggerFactory.getLogger(UpstreamStore.class);
    private static final String HEAD = RelayApi.PATH + "/head";
    private static final String ENTRIES = RelayApi.PATH + "/entries";
    private static final String SNAPSHOT = RelayApi.PATH + "/snapshot";

    private final UpstreamClient client;
    private final String region;
    private final String secret;
    private final InstantSource clock;
    private final Duration pollInterval;
    private final List<Runnable> tails = new CopyOnWriteArrayList<>();
    private final Semaphore nudges = new Semaphore(0);
    private final Thread watching;
    private volatile StoreDescription description;
    private final Following following = new Following();
    private volatile String fed = "";
    private volatile Said said = new Said(List.of(), Optional.empty());
    private volatile boolean closed;

    /** What the upstream said last of its own way to the ledger. */
    private record Said(List<String> way, Optional<Instant> cutOffSince) {}

    /** Needs no upstream yet. */
    public UpstreamStore(RelayConfig config, StoreOptions options, InstantSource clock) {
        this.client = new UpstreamClient(config, options.callTimeout());
        this.region = config.region();
        this.secret = config.token();
        this.clock = clock;
        this.pollInterval = options.pollInterval();
        this.description = new StoreDescription(
                StoreDescription.Kind.UPSTREAM, config.upstream(), StoreDescription.Replication.UNKNOWN, List.of());
        this.watching = Thread.ofVirtual().name("andon-upstream").start(this::watch);
    }

    /** The upstream's ledger may have moved. Doesn't block. */
    public void nudge() {
        nudges.release();
    }

    @Override
    public LedgerHead head() {
        LedgerHead head = ask();
        following.answered();
        return head;
    }

    private LedgerHead ask() {
        Wire.Head head = read(HEAD, Wire.MAX_SMALL_BYTES, Wire.Head::read);
        description = new StoreDescription(
                StoreDescription.Kind.UPSTREAM, client.upstream(), head.replication(), head.warnings());
        said = new Said(head.way(), head.cutOffMs().map(forMs -> clock.instant().minusMillis(forMs)));
        refuseLoop();
        return head.head();
    }

    /** What comes from this relay itself is no news, and what it lacks comes from nowhere. */
    private void refuseLoop() {
        List<String> way = said.way();
        if (way.contains(fed)) {
            throw new StoreException(
                    Code.FAILED,
                    "the upstream " + client.upstream() + " has the ledger by way of relays " + String.join(", ", way)
                            + " (expected: a way on which this relay, " + fed
                            + ", isn't); start one of them with an upstream that has the ledger");
        }
    }

    @Override
    public List<StoredEntry> read(long afterVersion, int maxEntries) {
        refuseLoop();
        int most = Math.min(maxEntries, LedgerFeed.PAGE_ENTRIES);
        List<StoredEntry> entries = read(
                ENTRIES + "?after=" + afterVersion + "&limit=" + most,
                Wire.MAX_ENTRIES_BYTES,
                body -> Wire.entries(body, afterVersion));
        following.given(afterVersion, entries.size());
        return entries;
    }

    @Override
    public Optional<StoredSnapshot> snapshotAtOrBefore(long version) {
        refuseLoop();
        return read(
                SNAPSHOT + "?version=" + version,
                Wire.MAX_SNAPSHOT_BYTES,
                body -> body.length == 0 ? Optional.empty() : Optional.of(Wire.snapshot(body)));
    }

    private <T> T read(String path, int mostBytes, Function<byte[], T> reader) {
        if (closed) {
            throw new StoreException(Code.CLOSED, "store: closed");
        }
        try {
            return reader.apply(client.get(path, mostBytes));
        } catch (InvalidInput e) {
            throw new StoreException(
                    Code.FAILED,
                    "the upstream " + client.upstream() + " answers what can't be read: " + e.getMessage(),
                    e);
        }
    }

    @Override
    public Tail tail(Runnable onNews) {
        tails.add(onNews);
        nudge();
        return () -> tails.remove(onNews);
    }

    private void watch() {
        try {
            while (!closed) {
                boolean nudged = nudges.tryAcquire(pollInterval.toMillis(), TimeUnit.MILLISECONDS);
                nudges.drainPermits();
                round(nudged);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What fails costs this round alone. */
    private void round(boolean nudged) {
        try {
            if (nudged || following.looked(look())) {
                tails.forEach(Runnable::run);
            }
        } catch (RuntimeException e) {
            log.error("upstream: a look at it failed; the next one follows", e);
            following.lost();
        }
    }

    private Optional<LedgerHead> look() {
        try {
            return Optional.of(ask());
        } catch (StoreException e) {
            return Optional.empty();
        }
    }

    @Override
    public StoreDescription describe() {
        return description;
    }

    @Override
    public String address() {
        return client.upstream();
    }

    @Override
    public String region() {
        return region;
    }

    @Override
    public String secret() {
        return secret;
    }

    @Override
    public void feeds(String relay) {
        fed = relay;
    }

    @Override
    public List<String> way() {
        return said.way();
    }

    @Override
    public boolean loops() {
        return said.way().contains(fed);
    }

    @Override
    public Optional<Instant> cutOffSince() {
        return said.cutOffSince();
    }

    @Override
    public boolean receives() {
        return client.receives();
    }

    @Override
    public void join(Node relay, String signature) {
        client.send("PUT", RelayApi.PATH + "/nodes/" + relay.id(), Wire.joiningJson(relay, signature));
    }

    @Override
    public long note(String relay, Observation observation) {
        return Wire.version(client.send(
                "POST", RelayApi.PATH + "/nodes/" + relay + "/observations", Wire.observationJson(observation)));
    }

    @Override
    public AppendResult append(LedgerPosition expected, List<byte[]> entries) {
        throw readOnly();
    }

    @Override
    public LedgerHead startEpoch(long expectedEpoch, long epoch) {
        throw readOnly();
    }

    @Override
    public void saveSnapshot(LedgerPosition position, byte[] bytes) {
        throw readOnly();
    }

    @Override
    public void saveCheckpoint(Checkpoint checkpoint) {
        throw readOnly();
    }

    /** What nodes have signed is checked by those that have the ledger. */
    @Override
    public List<StoredCheckpoint> checkpoints(long first, long last) {
        return List.of();
    }

    @Override
    public Optional<StoredCheckpoint> newestCheckpoint() {
        return Optional.empty();
    }

    @Override
    public Lease takeLease(String name, String holder, Duration time) {
        throw readOnly();
    }

    @Override
    public boolean giveUpLease(String name, String holder) {
        throw readOnly();
    }

    private StoreException readOnly() {
        return new StoreException(
                Code.LIMIT, "this is a relay (expected: whatever writes, at " + client.upstream() + ")");
    }

    @Override
    public void close() {
        closed = true;
        watching.interrupt();
        client.close();
    }
}
