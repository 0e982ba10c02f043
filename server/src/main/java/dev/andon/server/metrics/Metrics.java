package dev.andon.server.metrics;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.StandingKill;
import dev.andon.server.http.Access;
import dev.andon.server.http.Reply;
import dev.andon.server.http.RequestWatcher;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.KnownKills;
import dev.andon.server.node.PeerStatus;
import dev.andon.server.node.StoreHealth;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Numbers for Prometheus. Thread-safe. */
public final class Metrics implements RequestWatcher, AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbage = new JvmGcMetrics();
    private final ControlPlane plane;
    private final InstantSource clock;
    private final Map<Outcome, Timer> requests = new ConcurrentHashMap<>();
    private final MultiGauge standing;
    private final MultiGauge flags;
    private final MultiGauge connected;
    private final MultiGauge heard;
    private final MultiGauge unconfirmed;
    private volatile Supplier<List<PeerStatus>> peers = List::of;

    private record Outcome(String operation, int status) {}

    public Metrics(ControlPlane plane, InstantSource clock) {
        this.plane = plane;
        this.clock = clock;
        standing = MultiGauge.builder("andon.kills.standing")
                .description("Kills that stand")
                .register(registry);
        flags = MultiGauge.builder("andon.flags").description("Flags in use").register(registry);
        connected = MultiGauge.builder("andon.peer.connected")
                .description("1 if a link to the other node stands")
                .register(registry);
        heard = MultiGauge.builder("andon.peer.heard.seconds")
                .description("How long ago something was heard of the other node")
                .register(registry);
        unconfirmed = MultiGauge.builder("andon.peer.unconfirmed")
                .description("Kills that stand here and that the other node hasn't said to know")
                .register(registry);
        gauge(
                "andon.image.version",
                "The newest entry that the image holds",
                () -> plane.image().provenance().version());
        gauge(
                "andon.image.epoch",
                "Counts breaks in the ledger's history",
                () -> plane.image().provenance().epoch());
        gauge(
                "andon.kills.pending",
                "Kills on their way to the ledger",
                () -> plane.kills().pending().size());
        gauge("andon.kills.settle.lag.seconds", "Age of the oldest kill on its way to the ledger", this::settleLag);
        gauge(
                "andon.store.connected",
                "1 if the ledger store is connected",
                () -> plane.store().state() == StoreHealth.State.CONNECTED ? 1 : 0);
        gauge(
                "andon.store.damaged",
                "1 if what the ledger store holds can't be trusted",
                () -> plane.store().state() == StoreHealth.State.DAMAGED ? 1 : 0);
        gauge("andon.store.state.seconds", "How long the store has been in its state", this::storeSeconds);
        gauge(
                "andon.duties.mine",
                "1 if this node does what one node of the ledger alone does",
                () -> plane.duties().mine() ? 1 : 0);
        bindRuntime();
    }

    private void bindRuntime() {
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        garbage.bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    /** Adds a number that is read at every scrape. */
    public void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }

    /** Adds a number that only grows, read at every scrape. */
    public void counter(String name, String description, Supplier<Number> value) {
        io.micrometer.core.instrument.FunctionCounter.builder(
                        name, value, supplier -> supplier.get().doubleValue())
                .description(description)
                .register(registry);
    }

    /** Adds how the node gets on with each other one, read at every scrape. */
    public void peers(Supplier<List<PeerStatus>> status) {
        gauge(
                "andon.peers",
                "Other nodes that are dialled or linked",
                () -> status.get().size());
        gauge(
                "andon.peers.connected",
                "Other nodes to which a link stands",
                () -> status.get().stream().filter(PeerStatus::connected).count());
        peers = status;
    }

    private void scrapePeers() {
        List<PeerStatus> now = peers.get();
        connected.register(
                now.stream()
                        .map(peer -> peerRow(peer, peer.connected() ? 1 : 0))
                        .toList(),
                true);
        heard.register(
                now.stream()
                        .filter(peer -> peer.heard().isPresent())
                        .map(peer -> peerRow(peer, secondsSince(peer.heard().orElseThrow())))
                        .toList(),
                true);
        unconfirmed.register(
                now.stream().map(peer -> peerRow(peer, peer.unconfirmed())).toList(), true);
    }

    private static MultiGauge.Row<Number> peerRow(PeerStatus peer, Number value) {
        return MultiGauge.Row.of(Tags.of("peer", peer.node()), value);
    }

    public List<Route> routes() {
        return List.of(Route.get("/metrics")
                .operation("metrics", "readMetrics", "Numbers, for Prometheus to scrape")
                .needs(Access.VIEWER)
                .answers(200, "Prometheus' text format", "text/plain", Schema.text("Metrics"))
                .does(call -> Reply.text(200, "text/plain; version=0.0.4; charset=utf-8", scrape())));
    }

    @Override
    public void answered(Optional<Route> route, int status, long nanos) {
        requests.computeIfAbsent(new Outcome(route.map(Route::operation).orElse("none"), status), this::timer)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(Outcome outcome) {
        return Timer.builder("andon.http.requests")
                .description("Requests by operation and status")
                .tags("operation", outcome.operation(), "status", Integer.toString(outcome.status()))
                .serviceLevelObjectives(
                        Duration.ofMillis(5), Duration.ofMillis(25), Duration.ofMillis(100), Duration.ofSeconds(1))
                .register(registry);
    }

    String scrape() {
        KnownKills kills = plane.kills();
        List<EnvironmentImage> environments =
                List.copyOf(kills.image().environments().values());
        standing.register(
                environments.stream()
                        .map(environment -> row(
                                environment,
                                kills.standing(environment.environment().key()).size()))
                        .toList(),
                true);
        flags.register(
                environments.stream()
                        .map(environment ->
                                row(environment, environment.configurations().size()))
                        .toList(),
                true);
        scrapePeers();
        return registry.scrape();
    }

    @Override
    public void close() {
        garbage.close();
        registry.close();
    }

    private static MultiGauge.Row<Number> row(EnvironmentImage environment, int count) {
        return MultiGauge.Row.of(
                Tags.of("environment", environment.environment().key()), count);
    }

    private double settleLag() {
        return plane.kills().pending().values().stream()
                .map(StandingKill::signed)
                .map(kill -> Duration.between(kill.kill().at(), clock.instant()))
                .mapToDouble(lag -> Math.max(0, lag.toMillis() / 1_000.0))
                .max()
                .orElse(0);
    }

    private double storeSeconds() {
        return secondsSince(plane.store().since());
    }

    private double secondsSince(Instant since) {
        return Math.max(0, Duration.between(since, clock.instant()).toMillis() / 1_000.0);
    }
}
