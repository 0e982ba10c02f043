package dev.andon.server.instance;

import dev.andon.core.image.Image;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.stream.Frame;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.node.Bookkeeper;
import dev.andon.server.node.ForeignListener;
import dev.andon.server.node.InstanceListener;
import dev.andon.server.node.Observation;
import dev.andon.server.node.Presence;
import dev.andon.server.node.Protocol;
import dev.andon.server.node.Recorder;
import dev.andon.server.node.Refused;
import dev.andon.server.node.SavedLater;
import dev.andon.server.node.StreamListener;
import dev.andon.server.node.Traffic;
import dev.andon.store.LocalFile;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Follows the streams, keeps the rolls, on disk too, and shows them. Thread-safe. */
public final class Instances implements StreamListener, AutoCloseable {
    private static final long SAVE_PAUSE_MS = 50;
    private static final long SAVE_CLIENTS_PAUSE_MS = 2_000;
    private static final List<String> PROTOCOLS =
            Arrays.stream(Protocol.values()).map(Protocol::word).toList();

    private final Bookkeeper books;
    private final Roll roll;
    private final ForeignRoll clients;
    private final Foreigners foreigners;
    private final SavedLater savedClients;
    private final LocalStopBook stops;
    private final Supplier<Image> image;
    private final Meter meter;
    private final SteadyClock clock;
    private final LongSupplier nanoTime;
    private final SavedLater saved;

    /**
     * @param folder where the rolls are kept over a restart; read here
     * @param remember how long an instance that vanished counts as unreachable
     * @param newest what is served in an environment now; empty if that isn't known yet
     * @param recorder takes what is to go into the ledger
     * @param timeOfDay to show and to save times; that it is set has no effect on who is remembered
     */
    public Instances(
            Bookkeeper books,
            Path folder,
            Duration remember,
            Supplier<Image> image,
            Function<String, Optional<ForeignListener.Served>> newest,
            Recorder recorder,
            InstantSource timeOfDay,
            LongSupplier nanoTime) {
        this.books = books;
        this.image = image;
        this.nanoTime = nanoTime;
        this.meter = new Meter(nanoTime);
        this.clock = new SteadyClock(timeOfDay, nanoTime);
        this.stops = new LocalStopBook(observation -> record(recorder, observation), image);
        Foreigners.Notes notes = new Foreigners.Notes();
        this.clients = new ForeignRoll(remember, ForeignLimits.DEFAULT, newest, notes::forget);
        this.roll = new Roll(remember, stops, clients, clock);
        LocalFile file = new LocalFile(folder.resolve("instances"));
        LocalFile clientsFile = new LocalFile(folder.resolve("clients"));
        this.saved = new SavedLater(
                "instances",
                file,
                () -> books.ask(() -> roll.encode(clock.instant(), clock.toTimeOfDay())),
                SAVE_PAUSE_MS,
                nanoTime);
        this.savedClients = new SavedLater(
                "clients",
                clientsFile,
                () -> books.ask(() -> clients.encode(clock.instant(), clock.toTimeOfDay())),
                SAVE_CLIENTS_PAUSE_MS,
                nanoTime);
        this.foreigners = new Foreigners(books, clients, clock, savedClients, notes);
        file.load().ifPresent(bytes -> roll.load(bytes, clock.instant()));
        clientsFile.load().ifPresent(bytes -> clients.load(bytes, clock.instant()));
        saved.start();
        savedClients.start();
    }

    /** What is told of an entry that was written is news for the bookkeeper's thread, and to be saved. */
    private void record(Recorder recorder, Observation observation) {
        recorder.note(new Observation(
                observation.once(),
                observation.type(),
                observation.reason(),
                observation.event(),
                version -> books.note(() -> {
                    observation.written().accept(version);
                    saved.changed();
                })));
        saved.changed();
    }

    /** Has someone told of instances, on the bookkeeper's thread, from now on. */
    public void add(InstanceListener listener) {
        roll.add(listener);
        clients.add(listener);
    }

    /** Is told of clients that don't speak Andon's own stream. */
    public ForeignListener foreign() {
        return foreigners;
    }

    /** For the bookkeeper's thread. */
    public Presence presence() {
        return roll;
    }

    /** What the instances evaluate. */
    public Traffic traffic() {
        return meter;
    }

    public List<Route> routes() {
        Schema instance = Schema.object()
                .required("service", Schema.text("The service"))
                .required("instance", Schema.text("The instance's name, unique among the service's processes"))
                .required("region", Schema.anything("Where it runs; null if it doesn't say"))
                .required("sdk", Schema.text("Name and version; of other clients than Andon's, what they say to be"))
                .required("protocol", Schema.words(PROTOCOLS, "What it hears from this server by"))
                .required(
                        "state",
                        Schema.words(
                                List.of("live", "sent", "silent", "unreachable"),
                                "Live ones have the newest; sent ones speak another protocol than Andon's and were"
                                        + " sent the newest, and no more is known; silent ones are there, and what they"
                                        + " are known to have is older; unreachable ones vanished without goodbye, or"
                                        + " don't ask any more"))
                .required("connectedAt", Schema.format("date-time", "When it connected last"))
                .required(
                        "version",
                        Schema.anything("The version that it is known to have, or was sent last; null if none"))
                .required("pending", Schema.array(Schema.text("A kill's id"), "Kills in force beside that version"))
                .optional("vanishedAt", Schema.format("date-time", "Since when it is unreachable"))
                .optional(
                        "divergentDefaults",
                        Schema.map(
                                Schema.anything("The default value"),
                                "Flags whose default in the code isn't the safe variant's value"))
                .optional(
                        "localStops",
                        Schema.array(
                                Schema.object()
                                        .required("source", Schema.text("Where it was set: code, environment, file"))
                                        .required("target", Schema.anything("What is stopped"))
                                        .required("reason", Schema.text("Why"))
                                        .required(
                                                "flags",
                                                Schema.whole(
                                                        0, Integer.MAX_VALUE, "How many flags it knows and holds so"))
                                        .named("LocalStop"),
                                "What the process stops by itself; no restore lifts it"))
                .optional(
                        "localProblems",
                        Schema.array(
                                Schema.text("A sentence"),
                                "What of its orders to stop by itself it couldn't make sense of"))
                .optional("divergence", Schema.text("In which case this client is known to evaluate differently"))
                .optional(
                        "missing",
                        Schema.whole(
                                1,
                                Integer.MAX_VALUE,
                                "How many of the processes that can't be told apart and have this name vanished without"
                                        + " goodbye; others may be there"))
                .optional("contested", Schema.bool("Two processes use this name; what they acknowledge doesn't count"))
                .named("Instance");
        return List.of(Route.get(Route.API + "/environments/{environment}/instances")
                .operation("instances", "listInstances", "Lists the processes that evaluate, by service and name")
                .needs(Access.VIEWER)
                .pages()
                .answers(200, "Instances", Schema.page(instance))
                .does(this::list));
    }

    private Reply list(Call call) {
        String environment = call.path("environment");
        Image now = image.get();
        if (!now.environments().containsKey(environment)) {
            throw new Refused(
                    Refused.Code.NOT_FOUND,
                    "environment",
                    environment,
                    "one of "
                            + String.join(", ", new TreeSet<>(now.environments().keySet())));
        }
        List<Json> all = new ArrayList<>(books.ask(() -> {
            List<Json> both = new ArrayList<>(roll.list(environment, clock.instant(), clock.toTimeOfDay()));
            both.addAll(clients.list(environment, clock.toTimeOfDay()));
            return both;
        }));
        all.sort(Comparator.comparing(Instances::name));
        return Reply.ok(call.page().of(all, Instances::name, Function.identity()));
    }

    private static String name(Json instance) {
        Fields fields = Fields.lenient(instance);
        return fields.text("service") + "/" + fields.text("instance");
    }

    /** To be called now and then. */
    public void tick() {
        books.note(() -> {
            roll.settleContested(clock.instant());
            stops.tick(clock.instant());
            if (roll.forget(clock.instant())) {
                saved.changed();
            }
            if (clients.tick(clock.instant())) {
                savedClients.changed();
            }
        });
    }

    public long live() {
        return books.ask(() -> roll.count(Entry.State.LIVE));
    }

    public long silent() {
        return books.ask(() -> roll.count(Entry.State.SILENT));
    }

    /** For how many seconds the connected instance that is furthest behind has owed an acknowledgement; 0 if none does. */
    public double lagSeconds() {
        return books.ask(() -> roll.lag(clock.instant())).toMillis() / 1_000.0;
    }

    public long unreachable() {
        return books.ask(() -> roll.count(Entry.State.UNREACHABLE));
    }

    /** Instances whose code has defaults that aren't the safe variant's value. */
    public long divergent() {
        return books.ask(roll::divergent);
    }

    /** Clients that don't speak Andon's own stream, and are known to have the newest. */
    public long clientsLive() {
        return books.ask(() -> clients.count(ForeignEntry.State.LIVE));
    }

    /** Those that were sent the newest, and of which no more is known. */
    public long clientsSent() {
        return books.ask(() -> clients.count(ForeignEntry.State.SENT));
    }

    public long clientsSilent() {
        return books.ask(() -> clients.count(ForeignEntry.State.SILENT));
    }

    public long clientsUnreachable() {
        return books.ask(() -> clients.count(ForeignEntry.State.UNREACHABLE));
    }

    /** How often one left the roll because there were too many. */
    public long clientsUnlisted() {
        return books.ask(clients::dropped);
    }

    @Override
    public void introduced(StreamId stream, Frame.Hello hello, long nanos) {
        Instant now = clock.instant();
        books.note(() -> {
            roll.introduced(stream, hello, now);
            saved.changed();
        });
    }

    @Override
    public void owes(StreamId stream) {
        Instant now = clock.instant();
        books.note(() -> roll.owes(stream, now));
    }

    @Override
    public void acked(StreamId stream, Frame.Ack ack, boolean upToDate, long nanos) {
        Instant now = clock.instant();
        books.note(() -> roll.acked(stream, ack, upToDate, nanos, now));
    }

    @Override
    public void reported(StreamId stream, Frame.Report report) {
        long nanos = nanoTime.getAsLong();
        Instant now = clock.instant();
        books.note(() -> {
            if (roll.reported(stream, report, image.get(), nanos, now)) {
                meter.reported(stream.instance(), report, image.get());
            }
        });
    }

    @Override
    public void left(StreamId stream) {
        Instant now = clock.instant();
        books.note(() -> {
            roll.left(stream, now);
            saved.changed();
        });
    }

    @Override
    public void lost(StreamId stream) {
        Instant now = clock.instant();
        books.note(() -> {
            roll.lost(stream, now);
            saved.changed();
        });
    }

    /** Saves the rolls; to be closed before the bookkeeper. */
    @Override
    public void close() {
        saved.close();
        savedClients.close();
    }
}
