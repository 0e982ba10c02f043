package dev.andon.server.instance;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.ForeignListener.Client;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.InstanceListener;
import dev.andon.server.node.Presence.Present;
import dev.andon.server.node.Protocol;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The roll of clients that don't speak Andon's own stream. It is bounded, in the {@link Rooms} of those without a stream: where there are
 * more, those that were heard of longest ago leave it. Nobody leaves it who has a stream; where there are too many streams, those
 * that come aren't listed. It says how many aren't, whether they have a stream or were there lately.
 *
 * <p>Those that open no stream are there as long as they go on asking. One that stays away longer than it usually takes is
 * unreachable, and forgotten after a while; but one that keeps nothing is gone at once, as it serves nothing
 * while it doesn't ask.
 *
 * <p>Only for the bookkeeper's thread; times come in.
 */
final class ForeignRoll {
    /**
     * How long one by OFREP that vanished counts as unreachable. One that lives comes back within seconds; pages that were
     * closed say no goodbye, and would be taken for unreachable by every kill of that time.
     */
    static final Duration REMEMBER_OFREP = Duration.ofMinutes(2);

    /**
     * How long one by OFREP that fetched all flags and vanished keeps kills from being proven, after it is forgotten. It may show
     * what it fetched, and ask again late or never.
     */
    static final Duration UNSEEN = Duration.ofHours(4);

    private static final Logger log = LoggerFactory.getLogger(ForeignRoll.class);
    private static final JsonLimits SAVED = JsonLimits.SNAPSHOT;

    private final Duration remember;
    private final ForeignLimits limits;
    private final Function<String, Optional<Served>> newest;
    private final Consumer<InstanceKey> forgotten;
    private final List<InstanceListener> listeners = new CopyOnWriteArrayList<>();
    private final Map<InstanceKey, ForeignEntry> entries = new LinkedHashMap<>();

    /** Those without a stream. */
    private final Rooms rooms;

    /** How many have one. */
    private int streaming;

    private final Unlisted unlisted;

    /** When it was said last that there are too many, by environment. */
    private final Map<String, Instant> warned = new HashMap<>();

    /**
     * @param remember how long one that vanished counts as unreachable
     * @param newest what is served in an environment now
     * @param forgotten told of those that leave the roll
     */
    ForeignRoll(
            Duration remember,
            ForeignLimits limits,
            Function<String, Optional<Served>> newest,
            Consumer<InstanceKey> forgotten) {
        this.remember = remember;
        this.limits = limits;
        this.newest = newest;
        this.forgotten = forgotten;
        this.rooms = new Rooms(limits);
        this.unlisted = new Unlisted(remember.plus(ForeignEntry.LONGEST_PATIENCE), UNSEEN);
    }

    void add(InstanceListener listener) {
        listeners.add(listener);
    }

    void opened(Client client, long stream, Instant now) {
        ForeignEntry known = entries.get(client.key());
        boolean streams = known != null && known.streaming();
        if (!streams && streaming >= limits.withStreams()) {
            String environment = client.key().environment();
            warn(client, now);
            unlisted.opened(environment, stream);
            listeners.forEach(listener -> listener.unlisted(environment));
            return;
        }
        ForeignEntry entry = heardOf(client, now);
        streaming += streams ? 0 : 1;
        entry.opened(stream, now);
        listeners.forEach(listener -> listener.found(entry.instance(), entry.asked(), entry.missing()));
    }

    void sent(Client client, long stream, Served served, long nanos) {
        ForeignEntry entry = entries.get(client.key());
        if (entry != null) {
            entry.sent(stream, served, nanos).ifPresent(all -> tellSent(client.key(), all));
        }
    }

    private void tellSent(InstanceKey client, ForeignEntry.Sent sent) {
        listeners.forEach(listener -> listener.sent(client, sent.served(), sent.nanos()));
    }

    /** Whether it wasn't there before. */
    boolean asked(Client client, Served served, long nanos, Instant now) {
        boolean known = entries.containsKey(client.key());
        ForeignEntry entry = heardOf(client, now);
        boolean anew = entry.asked(served, now) || !known;
        place(entry, now);
        if (anew) {
            listeners.forEach(listener -> listener.found(entry.instance(), Optional.of(served), entry.missing()));
        }
        if (entry.whole()) {
            listeners.forEach(listener -> listener.confirmed(client.key(), served, nanos));
        }
        return anew;
    }

    /**
     * Whether it wasn't there before.
     *
     * @param first whether it can't have anything older
     */
    boolean answered(Client client, boolean first, Served served, long nanos, Instant now) {
        boolean known = entries.containsKey(client.key());
        ForeignEntry entry = heardOf(client, now);
        boolean anew = entry.answered(served, now) || !known;
        place(entry, now);
        if (anew) {
            Optional<Served> holds = first && !known ? Optional.of(served) : entry.asked();
            listeners.forEach(listener -> listener.found(entry.instance(), holds, entry.missing()));
        }
        tellSent(client.key(), new ForeignEntry.Sent(served, nanos));
        return anew;
    }

    /** A stream ended with goodbye. */
    void parted(Client client, long stream, Instant now) {
        closed(client, stream, Optional.empty(), now);
    }

    /**
     * A stream ended without.
     *
     * @param unheard for how long nothing had been heard of the client
     */
    void lost(Client client, long stream, Duration unheard, Instant now) {
        closed(client, stream, Optional.of(now.minus(unheard)), now);
    }

    /** @param lostSince empty with goodbye */
    private void closed(Client client, long stream, Optional<Instant> lostSince, Instant now) {
        boolean goodbye = lostSince.isEmpty();
        if (unlisted.closed(stream, goodbye, now)) {
            return;
        }
        ForeignEntry entry = entries.get(client.key());
        if (entry == null || !entry.closed(stream)) {
            return;
        }
        lostSince.ifPresent(since -> entry.lost(since, now));
        if (!entry.streaming()) {
            streaming--;
            if (entry.whole()) {
                left(entry);
                return;
            }
            place(entry, now);
        }
        if (entry.whole()) {
            entry.left().ifPresent(all -> tellSent(client.key(), all));
        } else if (!goodbye) {
            tellVanished(entry);
        }
    }

    private void left(ForeignEntry entry) {
        remove(entry);
        listeners.forEach(listener -> listener.left(entry.client.key()));
    }

    private void tellVanished(ForeignEntry entry) {
        listeners.forEach(listener -> listener.vanished(entry.client.key(), entry.missing()));
    }

    /** Its entry, outside of the rooms. */
    private ForeignEntry heardOf(Client client, Instant now) {
        ForeignEntry entry = entries.get(client.key());
        if (entry == null) {
            entry = new ForeignEntry(client, now);
            entries.put(client.key(), entry);
            unlisted.back(client.key()).ifPresent(entry::heardBefore);
        }
        rooms.remove(entry);
        entry.client = client;
        return entry;
    }

    /** Puts it where it belongs, as the one that was heard of last. */
    private void place(ForeignEntry entry, Instant now) {
        if (!entry.streaming()) {
            rooms.add(entry);
            rooms.excess(entry.client.room()).ifPresent(one -> drop(one, now));
        }
    }

    private void drop(ForeignEntry entry, Instant now) {
        remove(entry);
        warn(entry.client, now);
        unlisted.dropped(entry, now);
    }

    private void warn(Client client, Instant now) {
        String environment = client.key().environment();
        Instant before = warned.get(environment);
        if (before == null || Duration.between(before, now).compareTo(remember) > 0) {
            warned.put(environment, now);
            log.warn(
                    "clients in {}, such as {} by {}: too many (expected: without a stream at most {} of one key or"
                        + " one address, {} with a key and {} without, and {} with a stream); some aren't listed any"
                        + " more, and no kill is proven meanwhile",
                    environment,
                    client.key().service(),
                    client.protocol().word(),
                    limits.ofOneRoom(),
                    limits.withKeys(),
                    limits.withoutKeys(),
                    limits.withStreams());
        }
    }

    private void remove(ForeignEntry entry) {
        entries.remove(entry.client.key());
        rooms.remove(entry);
        forgotten.accept(entry.client.key());
    }

    /** How many aren't listed and may be there: there were too many, or they vanished and are forgotten. */
    int unlistedCount(String environment, Instant now) {
        return unlisted.count(environment, now);
    }

    /** How often one wasn't listed any more, in all environments and since the start. */
    long dropped() {
        return unlisted.ever();
    }

    /** Looks who doesn't ask any more, and forgets those that vanished long ago; whether anything changed. */
    boolean tick(Instant now) {
        List<ForeignEntry> missing =
                entries.values().stream().filter(entry -> entry.missing(now)).toList();
        missing.forEach(entry -> {
            if (entry.client.keeps()) {
                entry.lost(now, now);
                tellVanished(entry);
            } else {
                left(entry);
            }
        });
        return forget(now) || !missing.isEmpty();
    }

    private boolean forget(Instant now) {
        List<ForeignEntry> old = entries.values().stream()
                .filter(entry -> entry.vanishedAt()
                        .filter(since -> Duration.between(since, now).compareTo(longest(entry.client.protocol())) > 0)
                        .isPresent())
                .toList();
        old.forEach(entry -> {
            if (entry.streaming()) {
                forgetMissing(entry);
                return;
            }
            remove(entry);
            if (entry.client.protocol() == Protocol.OFREP) {
                unlisted.left(entry, now);
            }
        });
        return !old.isEmpty();
    }

    /** Receipts that are open go on counting those that were missing, without the client's name. */
    private void forgetMissing(ForeignEntry entry) {
        String environment = entry.client.key().environment();
        for (int i = 0; i < entry.missing(); i++) {
            listeners.forEach(listener -> listener.unlisted(environment));
        }
        entry.forgetMissing();
        listeners.forEach(listener -> listener.found(entry.instance(), entry.asked(), 0));
        entry.left().ifPresent(all -> tellSent(entry.client.key(), all));
    }

    private Duration longest(Protocol protocol) {
        boolean sooner = protocol == Protocol.OFREP && REMEMBER_OFREP.compareTo(remember) < 0;
        return sooner ? REMEMBER_OFREP : remember;
    }

    List<Present> present(String environment) {
        return entries.values().stream()
                .filter(entry -> entry.client.key().environment().equals(environment))
                .map(entry -> new Present(entry.instance(), entry.whole(), Frame.LocalStops.NONE, entry.missing()))
                .toList();
    }

    /** How many are in a state, in all environments. */
    long count(ForeignEntry.State state) {
        Map<String, Optional<Served>> served = new HashMap<>();
        return entries.values().stream()
                .filter(entry ->
                        entry.state(served.computeIfAbsent(entry.client.key().environment(), newest)) == state)
                .count();
    }

    /**
     * An environment's clients, in no order.
     *
     * @param toTimeOfDay what to add to the times that came in
     */
    List<Json> list(String environment, Duration toTimeOfDay) {
        Optional<Served> served = newest.apply(environment);
        return entries.values().stream()
                .filter(entry -> entry.client.key().environment().equals(environment))
                .map(entry -> entry.toJson(served, toTimeOfDay))
                .toList();
    }

    /** Those that keep what they were answered; of others, nothing is left to be known when the server ends. */
    byte[] encode(Instant now, Duration toTimeOfDay) {
        List<Json> saved = entries.values().stream()
                .filter(entry -> entry.client.keeps())
                .map(entry -> entry.saved(now, toTimeOfDay))
                .toList();
        return Json.object()
                .put("clients", Json.array(saved))
                .put("unlisted", unlisted.saved(now, toTimeOfDay))
                .build()
                .utf8();
    }

    /** Those that were there when the server ended have vanished, as far as anyone can say. */
    void load(byte[] saved, Instant now) {
        try {
            Fields fields = Fields.lenient(Json.parse(saved, SAVED));
            if (fields.has("unlisted")) {
                unlisted.load(fields);
            }
            for (ForeignEntry entry : fields.objects("clients", one -> ForeignEntry.read(one, now))) {
                entries.put(entry.client.key(), entry);
                place(entry, now);
            }
            forget(now);
        } catch (InvalidInput | DateTimeException e) {
            log.warn("the clients of before the restart can't be read and aren't remembered: {}", e.getMessage());
        }
    }
}
