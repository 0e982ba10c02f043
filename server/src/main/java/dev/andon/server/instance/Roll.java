package dev.andon.server.instance;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import dev.andon.core.model.Configuration;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.Instance;
import dev.andon.server.node.InstanceListener;
import dev.andon.server.node.Presence;
import dev.andon.server.node.StreamListener.InstanceKey;
import dev.andon.server.node.StreamListener.StreamId;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The roll of instances. Connected ones are live or, while they haven't acknowledged what was sent, silent. Those that
 * vanished without goodbye are unreachable and remembered for a while; those that said goodbye leave the roll.
 *
 * <p>Two processes under one name would take each other's stream away again and again. Their entry is then marked as
 * contested, and nothing that it acknowledges counts, because it can't be told whose acknowledgement it is.
 *
 * <p>Only for the bookkeeper's thread; times come in.
 */
final class Roll implements Presence {
    private static final Logger log = LoggerFactory.getLogger(Roll.class);
    private static final int MAX_ENTRIES = 100_000;

    /** Of a caller's default; clients may send megabytes. */
    private static final int MAX_DEFAULT_CHARS = 1_000;

    /** Of all instances; beyond it, few are kept of each, so that clients can't fill the memory. */
    static final int MAX_LOCAL_STOPS = 100_000;

    private static final int FEW = 10;
    private static final int CONTESTED_CHANGES = 3;
    private static final Duration CONTESTED_WITHIN = Duration.ofMinutes(1);
    private static final JsonLimits SAVED = JsonLimits.SNAPSHOT;

    private final Duration remember;
    private final List<InstanceListener> listeners = new CopyOnWriteArrayList<>();
    private final Map<InstanceKey, Entry> entries = new LinkedHashMap<>();
    private final Set<String> warned = new HashSet<>();
    private final LocalStopBook stops;
    private final ForeignRoll clients;
    private final InstantSource clock;
    private int localStops;

    /**
     * @param remember how long one that vanished counts as unreachable
     * @param clients who else is there
     * @param clock for questions that bring no time along
     */
    Roll(Duration remember, LocalStopBook stops, ForeignRoll clients, InstantSource clock) {
        this.remember = remember;
        this.stops = stops;
        this.clients = clients;
        this.clock = clock;
    }

    void add(InstanceListener listener) {
        listeners.add(listener);
    }

    void introduced(StreamId stream, Frame.Hello hello, Instant now) {
        Instance instance = new Instance(stream.instance(), hello.region(), hello.sdk());
        Entry before = entries.remove(instance.key());
        Entry entry = new Entry(instance, now);
        entry.stream = stream;
        if (before != null) {
            entry.superseded.addAll(before.superseded);
            if (before.stream != null) {
                entry.superseded.addLast(now);
                if (contested(entry, now)) {
                    warnOnce(
                            "contested " + instance.key(),
                            "instance " + instance.key().instance() + " of service "
                                    + instance.key().service()
                                    + ": two processes use this name and take turns; nothing that they acknowledge"
                                    + " counts. Give each process a name of its own");
                }
            }
        }
        if (entries.size() >= MAX_ENTRIES) {
            dropOldestUnreachable(now);
        }
        entries.put(instance.key(), entry);
        if (before != null) {
            stopsNothing(before, now);
        }
        listeners.forEach(listener -> listener.connected(instance, hello));
    }

    void owes(StreamId stream, Instant now) {
        Entry entry = current(stream);
        if (entry != null && entry.owesSince == null) {
            entry.owesSince = now;
        }
    }

    /** How long the connected instance that owes for longest has owed; nothing if none does. */
    Duration lag(Instant now) {
        Instant longest = now;
        for (Entry entry : entries.values()) {
            Instant since = entry.owesSince;
            if (entry.stream != null && since != null && since.isBefore(longest)) {
                longest = since;
            }
        }
        return Duration.between(longest, now);
    }

    void acked(StreamId stream, Frame.Ack ack, boolean upToDate, long nanos, Instant now) {
        Entry entry = current(stream);
        if (entry != null) {
            entry.lastAck = ack;
            entry.lastAckNanos = nanos;
            if (upToDate) {
                entry.owesSince = null;
            } else if (entry.owesSince == null) {
                entry.owesSince = now;
            }
            entry.withheld = contested(entry, now);
            if (!entry.withheld) {
                listeners.forEach(listener -> listener.acked(stream.instance(), ack, nanos));
            }
        }
    }

    void lost(StreamId stream, Instant now) {
        Entry entry = current(stream);
        if (entry != null) {
            entry.stream = null;
            entry.vanishedAt = now;
            listeners.forEach(listener -> listener.vanished(stream.instance(), 1));
        }
    }

    void left(StreamId stream, Instant now) {
        Entry entry = current(stream);
        if (entry != null) {
            entries.remove(stream.instance());
            stopsNothing(entry, now);
            listeners.forEach(listener -> listener.left(stream.instance()));
        }
    }

    /**
     * Callers' defaults that aren't what a kill would serve: a process that can't reach us serves something else.
     *
     * @return whether the stream is its instance's
     */
    boolean reported(StreamId stream, Frame.Report report, Image image, long nanos, Instant now) {
        Entry entry = current(stream);
        if (entry == null) {
            return false;
        }
        EnvironmentImage environment =
                image.environments().get(stream.instance().environment());
        if (environment != null) {
            report.defaults().forEach((flag, value) -> compare(entry, environment, flag, value));
        }
        report.local().ifPresent(local -> stops(entry, local, true, now));
        listeners.forEach(listener -> listener.reported(stream.instance(), report, nanos));
        return true;
    }

    private void compare(Entry entry, EnvironmentImage environment, String flag, Json value) {
        Versioned<Configuration> configured = environment.configurations().get(flag);
        if (configured == null) {
            return;
        }
        Configuration configuration = configured.value();
        Json safe = configuration.variants().get(configuration.safeVariant());
        if (value.equals(safe)) {
            return;
        }
        Json shown = shown(value);
        entry.divergentDefaults.put(flag, shown);
        InstanceKey key = entry.instance.key();
        warnOnce(
                "default " + key.environment() + "/" + key.service() + "/" + flag,
                "flag " + flag + " in " + key.environment() + ": service " + key.service() + " falls back to "
                        + shown.text() + " (expected: " + (safe == null ? "nothing" : safe.text())
                        + ", the safe variant's value): where it has no state, a kill doesn't hold");
    }

    private static Json shown(Json value) {
        String text = value.text();
        return text.length() <= MAX_DEFAULT_CHARS ? value : Json.of("a value of " + text.length() + " characters");
    }

    private void warnOnce(String what, String sentence) {
        if (warned.size() < MAX_ENTRIES && warned.add(what)) {
            log.warn("{}", sentence);
        }
    }

    /** Has acknowledgements count whose instance isn't contested any more. */
    void settleContested(Instant now) {
        for (Entry entry : entries.values()) {
            Frame.Ack ack = entry.lastAck;
            if (entry.withheld && ack != null && entry.stream != null && !contested(entry, now)) {
                entry.withheld = false;
                listeners.forEach(listener -> listener.acked(entry.instance.key(), ack, entry.lastAckNanos));
            }
        }
    }

    /** Forgets those that vanished long ago; whether any was. */
    boolean forget(Instant now) {
        return entries.values().removeIf(entry -> {
            boolean old = entry.vanishedAt != null
                    && Duration.between(entry.vanishedAt, now).compareTo(remember) > 0;
            if (old) {
                stopsNothing(entry, now);
            }
            return old;
        });
    }

    private void dropOldestUnreachable(Instant now) {
        Iterator<Entry> oldest = entries.values().iterator();
        while (oldest.hasNext()) {
            Entry entry = oldest.next();
            if (entry.stream == null) {
                oldest.remove();
                stopsNothing(entry, now);
                return;
            }
        }
    }

    /** It is gone, and what it stopped with it. */
    private void stopsNothing(Entry entry, Instant now) {
        stops(entry, Frame.LocalStops.NONE, false, now);
    }

    private void stops(Entry entry, Frame.LocalStops local, boolean said, Instant now) {
        localStops -= entry.local.stops().size();
        Frame.LocalStops kept = kept(local);
        localStops += kept.stops().size();
        stops.change(entry.instance.key(), entry.local, kept, said, now);
        entry.local = kept;
    }

    private Frame.LocalStops kept(Frame.LocalStops local) {
        int count = local.stops().size();
        if (count <= FEW || localStops + count <= MAX_LOCAL_STOPS) {
            return local;
        }
        List<String> problems = new ArrayList<>(local.problems());
        problems.add("only " + FEW + " of its " + count + " stops are shown: all instances together have too many");
        return new Frame.LocalStops(local.stops().subList(0, FEW), problems);
    }

    /** The entry that this stream is the newest of; null for streams that were superseded. */
    private @org.jspecify.annotations.Nullable Entry current(StreamId stream) {
        Entry entry = entries.get(stream.instance());
        return entry != null && stream.equals(entry.stream) ? entry : null;
    }

    private static boolean contested(Entry entry, Instant now) {
        while (!entry.superseded.isEmpty()
                && Duration.between(entry.superseded.peekFirst(), now).compareTo(CONTESTED_WITHIN) > 0) {
            entry.superseded.removeFirst();
        }
        return entry.superseded.size() >= CONTESTED_CHANGES;
    }

    @Override
    public List<Present> present(String environment) {
        List<Present> present = new ArrayList<>();
        for (Entry entry : entries.values()) {
            if (entry.instance.key().environment().equals(environment)) {
                present.add(new Present(entry.instance, entry.stream != null, entry.local));
            }
        }
        present.addAll(clients.present(environment));
        return present;
    }

    @Override
    public int unlisted(String environment) {
        return clients.unlistedCount(environment, clock.instant());
    }

    /** How many are in a state, in all environments. */
    long count(Entry.State state) {
        return entries.values().stream().filter(entry -> entry.state() == state).count();
    }

    long divergent() {
        return entries.values().stream()
                .filter(entry -> !entry.divergentDefaults.isEmpty())
                .count();
    }

    /**
     * An environment's instances by service and name.
     *
     * @param toTimeOfDay what to add to the times that came in
     */
    List<Json> list(String environment, Instant now, Duration toTimeOfDay) {
        return entries.values().stream()
                .filter(entry -> entry.instance.key().environment().equals(environment))
                .sorted(Comparator.comparing(
                                (Entry entry) -> entry.instance.key().service())
                        .thenComparing(entry -> entry.instance.key().instance()))
                .map(entry -> entry.toJson(contested(entry, now), toTimeOfDay))
                .toList();
    }

    /** @param toTimeOfDay what to add to the times that came in */
    byte[] encode(Instant now, Duration toTimeOfDay) {
        List<Json> connected = new ArrayList<>();
        List<Json> vanished = new ArrayList<>();
        entries.values()
                .forEach(entry -> (entry.stream == null ? vanished : connected).add(entry.saved(now, toTimeOfDay)));
        return Json.object()
                .put("connected", Json.array(connected))
                .put("vanished", Json.array(vanished))
                .put("localStops", Json.array(stops.saved()))
                .build()
                .utf8();
    }

    /** Those that were connected when the server ended have vanished, as far as anyone can say. */
    void load(byte[] saved, Instant now) {
        try {
            Fields fields = Fields.lenient(Json.parse(saved, SAVED));
            for (Entry entry : fields.objects("vanished", one -> Entry.read(one, false, now))) {
                entries.put(entry.instance.key(), entry);
            }
            for (Entry entry : fields.objects("connected", one -> Entry.read(one, true, now))) {
                entries.put(entry.instance.key(), entry);
            }
            if (fields.has("localStops")) {
                stops.load(fields.objects("localStops", Function.identity()), now);
            }
            forget(now);
        } catch (InvalidInput | DateTimeException e) {
            log.warn("the instances of before the restart can't be read and aren't remembered: {}", e.getMessage());
        }
    }
}
