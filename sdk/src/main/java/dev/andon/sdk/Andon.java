package dev.andon.sdk;

import dev.andon.core.evaluate.Place;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.Target;
import dev.andon.core.stream.Changes;
import dev.andon.core.stream.ClientLink;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.HeldState;
import dev.andon.core.stream.LinkEffect;
import dev.andon.core.stream.LinkSettings;
import dev.andon.core.stream.LinkStatus;
import dev.openfeature.sdk.EventProvider;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's link to Andon: flags to evaluate, kept up to date in the background. Thread-safe. Make one per process and
 * environment, keep it for the life of the process, and close it at the end.
 *
 * <p>Evaluation answers from memory: it never throws, never blocks and takes no lock. When things fail:
 *
 * <ol>
 *   <li>The server can't be reached at the start: the last known state from {@link AndonOptions#stateDirectory()} is in
 *       force, with those flags safe that are to be when blind, for nobody knows how old the state is; without one, callers
 *       get their defaults. The link goes on trying.
 *   <li>Contact is lost: the last known state stays in force, for ever, apart from flags that are to be safe when blind.
 *       {@link #status()} says so, and since when. Nothing but {@link #close()} ends the link.
 *   <li>A listener throws, or is slow: it is logged, or waits alone.
 *   <li>Nothing works at all: what this process was told to stop by itself ({@code ANDON_KILL}, the kill file,
 *       {@link #killLocally}) is stopped all the same, before anything else is read.
 *   <li>After {@link #close()}, evaluations go on answering from the last state.
 * </ol>
 */
public final class Andon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Andon.class);
    private static final long LOAD_MS = 2_000;
    private static final long CLOSE_MS = 1_000;
    private static final long SAVE_MS = 200;
    private static final int INSTANCE_BYTES = 4;

    private final AndonOptions options;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Background notifying = new Background("andon-listeners");
    private final Background saving = new Background("andon-state");
    private final Optional<StateSaver> saver;
    private final CallerDefaults defaults = new CallerDefaults();
    private final Engine engine;
    private final Handles handles;
    private final Listeners<Status> statusListeners = new Listeners<>(notifying);
    private final Listeners<Set<String>> changeListeners = new Listeners<>(notifying);
    private final LinkLoop loop;
    private final LocalStops stops;
    private final UnmatchedStops unmatched = new UnmatchedStops();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final @Nullable Thread exitHook;
    private volatile Status status;

    /**
     * Connects in the background: returns at once with the last known state in force, if there is one, and never fails for
     * a server that can't be reached.
     */
    public static Andon connect(AndonOptions options) {
        SecureRandom random = new SecureRandom();
        Andon andon = new Andon(
                options,
                LinkSettings.DEFAULT.withBlindAfterMs((int) options.blindAfter().toMillis()),
                new NetOpener(options, random, System::nanoTime),
                InstantSource.system(),
                System::nanoTime,
                random);
        andon.start();
        return andon;
    }

    Andon(
            AndonOptions options,
            LinkSettings settings,
            Connection.Opener opener,
            InstantSource clock,
            LongSupplier nanoTime,
            RandomGenerator random) {
        this.options = options;
        this.clock = clock;
        this.nanoTime = nanoTime;
        Optional<StateFile> file = options.stateDirectory()
                .map(directory ->
                        new StateFile(directory.resolve(StateFile.nameFor(options.servers(), options.key()))));
        this.saver = file.map(target -> new StateSaver(target, saving));
        this.engine = new Engine(new Place(Optional.of(options.service()), options.region()));
        this.handles = new Handles(engine, defaults);
        this.stops = new LocalStops(options.stops(), this::stop);
        stops.start(LOAD_MS);
        HeldState loaded = file.map(this::load).orElse(HeldState.EMPTY);
        this.status = new Status(loaded.hasImage() ? Status.State.STALE : Status.State.BLIND, clock.instant());
        ClientLink.Identity identity = new ClientLink.Identity(
                "andon-java/" + sdkVersion(),
                options.service(),
                options.instance().orElseGet(() -> instanceName(random)),
                options.region());
        ClientLink link = new ClientLink(identity, settings, loaded, random);
        engine.put(loaded, link.blind(), Changes.NONE, nowMs());
        unmatched.look(stops.all().stops(), engine.generation().ruleset());
        this.loop = new LinkLoop(
                link, opener, new InForce(link.blind()), new Reports(engine, defaults, this::localStops), nanoTime);
        this.exitHook = options.closeOnExit() ? new Thread(this::sayGoodbye, "andon-exit") : null;
    }

    void start() {
        if (exitHook != null) {
            Runtime.getRuntime().addShutdownHook(exitHook);
        }
        loop.start();
    }

    /** In the background with a time limit: a network file system may hang, and the application mustn't. */
    private HeldState load(StateFile file) {
        CompletableFuture<HeldState> loading = new CompletableFuture<>();
        saving.run(() -> loading.complete(file.load()));
        try {
            return loading.get(LOAD_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.warn("The last known state couldn't be read in {} ms; going on without it", LOAD_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return HeldState.EMPTY;
    }

    private static String sdkVersion() {
        return Optional.ofNullable(Andon.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    private static String instanceName(RandomGenerator random) {
        byte[] bytes = new byte[INSTANCE_BYTES];
        random.nextBytes(bytes);
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            host = "host";
        }
        return host.substring(0, Math.min(host.length(), 100)) + "-"
                + HexFormat.of().formatHex(bytes);
    }

    /** A flag that is true or false. The same handle for the same key. */
    public BoolFlag bool(String key) {
        return handles.bool(Objects.requireNonNull(key, "key"));
    }

    /** A flag whose values are strings. */
    public StringFlag string(String key) {
        return handles.string(Objects.requireNonNull(key, "key"));
    }

    /** A flag whose values are whole numbers. */
    public IntegerFlag integer(String key) {
        return handles.integer(Objects.requireNonNull(key, "key"));
    }

    /** A flag whose values are numbers. */
    public NumberFlag number(String key) {
        return handles.number(Objects.requireNonNull(key, "key"));
    }

    /** A flag whose values are JSON objects or arrays. */
    public ObjectFlag object(String key) {
        return handles.object(Objects.requireNonNull(key, "key"));
    }

    /**
     * Waits until the process is connected and up to date for the first time; whether it is. When it isn't in time, the
     * application may go on all the same: the link goes on trying. Listeners run behind: they may be told of the first
     * state after this returns.
     */
    public boolean awaitReady(Duration atMost) throws InterruptedException {
        try {
            ready.get(Math.max(0, atMost.toMillis()), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        }
    }

    public Status status() {
        return status;
    }

    /**
     * Stops a flag in this process alone, at once, whatever any server says: every evaluation that begins after this
     * returns gives the safe variant, or the caller's default where the flag isn't known. Only {@link #liftLocally} ends
     * it, or the end of the process. A repeat changes nothing.
     *
     * @param reason why, for the log and for whoever looks at the instances
     * @throws dev.andon.core.json.InvalidInput if that can't be a flag's key, or there is no reason
     */
    public void killLocally(String flag, String reason) {
        if (reason.isBlank()) {
            throw new InvalidInput("reason", "nothing", "why it is stopped, for the log and for whoever is woken next");
        }
        stops.stop(new Target.OneFlag(flag), reason);
    }

    /**
     * Ends what {@link #killLocally} began; whether there was anything to end. What stops the flag beside, such as
     * {@code ANDON_KILL} or a kill of the server's, goes on.
     */
    public boolean liftLocally(String flag) {
        return stops.lift(new Target.OneFlag(flag));
    }

    /** What this process stops by itself, wherever that was set. */
    public List<LocalStop> stoppedLocally() {
        return stops.all().stops();
    }

    private void stop(List<LocalStop> exactly) {
        Set<String> affected = engine.stop(exactly, nowMs());
        if (!affected.isEmpty()) {
            changeListeners.tell(affected);
        }
        unmatched.look(exactly, engine.generation().ruleset());
    }

    private Frame.LocalStops localStops() {
        StopList all = stops.all();
        Ruleset ruleset = engine.generation().ruleset();
        List<Frame.LocalStops.Standing> standing = all.stops().stream()
                .limit(Frame.LocalStops.MAX_STOPS)
                .map(one -> new Frame.LocalStops.Standing(one, ruleset.held(one)))
                .toList();
        List<String> problems =
                all.problems().stream().limit(Frame.LocalStops.MAX_PROBLEMS).toList();
        return new Frame.LocalStops(standing, problems);
    }

    /** Where the state in force comes from: ledger, epoch and version. */
    public Provenance version() {
        return engine.generation().ruleset().image().provenance();
    }

    /** The environment that the SDK key stands for; empty before the first state. */
    public String environment() {
        return engine.generation().ruleset().environment();
    }

    /** Tells of every change of {@link #status()} from now on, on a thread of Andon's. */
    public Subscription onStatus(Consumer<? super Status> listener) {
        return statusListeners.add(listener);
    }

    /** Tells of the keys of flags that may answer differently, after they do, on a thread of Andon's. */
    public Subscription onChange(Consumer<? super Set<String>> listener) {
        return changeListeners.add(listener);
    }

    /**
     * A provider for OpenFeature that evaluates here. Shutting it down ends its events, not this link: whoever connected
     * closes. {@link AndonProvider#connect} makes one that owns its link.
     */
    public EventProvider openFeatureProvider() {
        return new AndonProvider(this, () -> {});
    }

    /** Runs something once listeners were told of all that is in force now. */
    void afterNews(Runnable work) {
        notifying.run(work);
    }

    Handles handles() {
        return handles;
    }

    AndonOptions options() {
        return options;
    }

    /**
     * Says goodbye to the server, so that receipts count this instance as gone and not as lost, and ends all work in the
     * background. Returns within about a second, whatever the network does. Any thread may call, any number of times.
     */
    @Override
    public void close() {
        if (exitHook != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(exitHook);
            } catch (IllegalStateException exiting) {
                LOG.debug("Closed while the JVM exits");
            }
        }
        sayGoodbye();
    }

    private void sayGoodbye() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            loop.close().get(CLOSE_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.debug("Goodbye couldn't be said in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stops.close();
        if (status.live()) {
            status = new Status(Status.State.STALE, clock.instant());
        }
        notifying.end();
        saving.end(SAVE_MS);
    }

    private long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong());
    }

    @Override
    public String toString() {
        return "Andon for " + options + ": " + status + " at " + version();
    }

    /** What the link does to this process. */
    private final class InForce implements LinkLoop.Target {
        private Set<String> blind;

        InForce(Set<String> blind) {
            this.blind = blind;
        }

        @Override
        public void putInForce(LinkEffect.PutInForce put, long nowMs) {
            engine.put(put.state(), put.blind(), put.changes(), nowMs);
            unmatched.look(stops.all().stops(), engine.generation().ruleset());
            Set<String> affected = new TreeSet<>(put.changes().affected());
            blind.stream().filter(flag -> !put.blind().contains(flag)).forEach(affected::add);
            put.blind().stream().filter(flag -> !blind.contains(flag)).forEach(affected::add);
            blind = put.blind();
            if (!affected.isEmpty()) {
                changeListeners.tell(affected);
            }
        }

        @Override
        public void save(HeldState state) {
            saver.ifPresent(target -> target.save(state));
        }

        @Override
        public void statusChanged(LinkEffect.StatusChanged changed) {
            LinkStatus news = changed.status();
            Instant since = clock.instant().minusMillis(Math.max(0, nowMs() - news.sinceMs()));
            Status next = switch (news.contact()) {
                case LIVE -> new Status(Status.State.LIVE, since);
                case STALE -> new Status(Status.State.STALE, since);
                case BLIND -> new Status(Status.State.BLIND, since);
            };
            status = next;
            log(next);
            statusListeners.tell(next);
            if (next.live()) {
                ready.complete(null);
                saving.run(Rehearsal::once);
            }
        }

        private void log(Status next) {
            switch (next.state()) {
                case LIVE -> LOG.info("Andon is live: {} at {}, environment {}", options, version(), environment());
                case STALE -> LOG.debug("Andon is {}", next);
                case BLIND -> {
                    if (version().equals(Provenance.NONE)) {
                        LOG.debug("Andon has no state yet");
                    } else {
                        LOG.warn("Andon is {}: the state at {} stays in force", next, version());
                    }
                }
            }
        }
    }
}
