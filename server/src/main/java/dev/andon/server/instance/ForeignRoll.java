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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The roll of clients that don't speak Andon's own stream. It is bounded, and so is each group that shares a key: where there
 * are more, those that were heard of longest ago leave it, and it says how many did.
 *
 * <p>Those that open no stream are there as long as they go on asking. One that stays away longer than it usually takes is
 * unreachable, and forgotten after a while; but one that keeps nothing is gone at once, as it serves nothing
 * while it doesn't ask.
 *
 * <p>Only for the bookkeeper's thread; times come in.
 */
final class ForeignRoll {
    static final int MOST = 10_000;
    static final int MOST_OF_ONE_GROUP = 5_000;

    /**
     * How long one by OFREP that vanished counts as unreachable. One that lives comes back within seconds; pages that were
     * closed say no goodbye, and would be taken for unreachable by every kill of that time.
     */
    static final Duration REMEMBER_OFREP = Duration.ofMinutes(2);

    private static final Logger log = LoggerFactory.getLogger(ForeignRoll.class);
    private static final JsonLimits SAVED = JsonLimits.SNAPSHOT;

    private final Duration remember;
    private final Function<String, Optional<Served>> newest;
    private final Consumer<InstanceKey> forgotten;
    private final List<InstanceListener> listeners = new CopyOnWriteArrayList<>();

    /** In each, the one that was heard of longest ago comes first. */
    private final Map<Group, SequencedMap<InstanceKey, ForeignEntry>> groups = new HashMap<>();

    private final Map<String, Unlisted> unlisted = new HashMap<>();
    private int size;
    private long dropped;

    /** Who may crowd each other out. */
    private record Group(String environment, String service, Protocol protocol) {
        static Group of(Client client) {
            return new Group(client.key().environment(), client.key().service(), client.protocol());
        }
    }

    private record Unlisted(int count, Instant last) {}

    /**
     * @param remember how long one that vanished counts as unreachable
     * @param newest what is served in an environment now
     * @param forgotten told of those that leave the roll
     */
    ForeignRoll(Duration remember, Function<String, Optional<Served>> newest, Consumer<InstanceKey> forgotten) {
        this.remember = remember;
        this.newest = newest;
        this.forgotten = forgotten;
    }

    void add(InstanceListener listener) {
        listeners.add(listener);
    }

    /** Whether it wasn't there before; so for {@link #asked}. */
    boolean opened(Client client, long stream, Instant now) {
        ForeignEntry known = entry(client);
        ForeignEntry entry = heardOf(client, now);
        entry.opened(stream, now);
        boolean anew = entry.back(now) || known == null;
        listeners.forEach(listener -> listener.found(entry.instance(), entry.asked()));
        return anew;
    }

    void sent(Client client, long stream, Served served, long nanos) {
        ForeignEntry entry = entry(client);
        if (entry != null) {
            entry.sent(stream, served)
                    .ifPresent(all -> listeners.forEach(listener -> listener.sent(client.key(), all, nanos)));
        }
    }

    boolean asked(Client client, Served served, long nanos, Instant now) {
        ForeignEntry known = entry(client);
        ForeignEntry entry = heardOf(client, now);
        entry.asked(served, now);
        boolean anew = entry.back(now) || known == null;
        if (anew) {
            listeners.forEach(listener -> listener.found(entry.instance(), Optional.of(served)));
        }
        listeners.forEach(listener -> listener.confirmed(client.key(), served, nanos));
        return anew;
    }

    /** A stream ended. */
    void closed(Client client, long stream, boolean goodbye, Instant now) {
        ForeignEntry entry = entry(client);
        if (entry == null || !entry.closed(stream)) {
            return;
        }
        if (goodbye) {
            left(client);
        } else {
            vanish(entry, now);
        }
    }

    private void left(Client client) {
        SequencedMap<InstanceKey, ForeignEntry> group = groups.get(Group.of(client));
        if (group != null && group.remove(client.key()) != null) {
            removed(Group.of(client), group, client.key());
            listeners.forEach(listener -> listener.left(client.key()));
        }
    }

    private void vanish(ForeignEntry entry, Instant now) {
        entry.vanishedAt = now;
        listeners.forEach(listener -> listener.vanished(entry.client.key()));
    }

    private @org.jspecify.annotations.Nullable ForeignEntry entry(Client client) {
        SequencedMap<InstanceKey, ForeignEntry> group = groups.get(Group.of(client));
        return group == null ? null : group.get(client.key());
    }

    /** Its entry, as the one that was heard of last. */
    private ForeignEntry heardOf(Client client, Instant now) {
        Group name = Group.of(client);
        SequencedMap<InstanceKey, ForeignEntry> group = groups.computeIfAbsent(name, key -> new LinkedHashMap<>());
        ForeignEntry entry = group.remove(client.key());
        if (entry == null) {
            entry = new ForeignEntry(client, now);
            size++;
        }
        entry.client = client;
        group.put(client.key(), entry);
        if (group.size() > MOST_OF_ONE_GROUP) {
            drop(name, group, now);
        } else if (size > MOST) {
            groups.entrySet().stream()
                    .max(Comparator.comparingInt(one -> one.getValue().size()))
                    .ifPresent(largest -> drop(largest.getKey(), largest.getValue(), now));
        }
        return entry;
    }

    private void drop(Group name, SequencedMap<InstanceKey, ForeignEntry> group, Instant now) {
        InstanceKey eldest = group.pollFirstEntry().getKey();
        removed(name, group, eldest);
        dropped++;
        Unlisted before = unlisted(name.environment(), now);
        if (before.count() == 0) {
            log.warn(
                    "clients of {} in {} by {}: too many (expected: at most {}, and {} in all); those heard of longest"
                            + " ago aren't listed any more, and no kill is proven meanwhile",
                    name.service(),
                    name.environment(),
                    name.protocol().word(),
                    MOST_OF_ONE_GROUP,
                    MOST);
        }
        unlisted.put(name.environment(), new Unlisted(before.count() + 1, now));
    }

    private void removed(Group name, Map<InstanceKey, ForeignEntry> group, InstanceKey key) {
        size--;
        if (group.isEmpty()) {
            groups.remove(name);
        }
        forgotten.accept(key);
    }

    private Unlisted unlisted(String environment, Instant now) {
        Unlisted known = unlisted.get(environment);
        if (known != null && Duration.between(known.last(), now).compareTo(remember) <= 0) {
            return known;
        }
        return new Unlisted(0, now);
    }

    /** How many left the roll because there were too many, since it last had room for a while. */
    int unlistedCount(String environment, Instant now) {
        return unlisted(environment, now).count();
    }

    /** As {@link #unlistedCount}, in all environments and since the start. */
    long dropped() {
        return dropped;
    }

    /** Looks who doesn't ask any more, and forgets those that vanished long ago; whether anything changed. */
    boolean tick(Instant now) {
        List<ForeignEntry> missing =
                all().stream().filter(entry -> entry.missing(now)).toList();
        missing.forEach(entry -> {
            if (entry.client.keeps()) {
                vanish(entry, now);
            } else {
                left(entry.client);
            }
        });
        return forget(now) || !missing.isEmpty();
    }

    private boolean forget(Instant now) {
        boolean any = false;
        Iterator<Map.Entry<Group, SequencedMap<InstanceKey, ForeignEntry>>> all =
                groups.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<Group, SequencedMap<InstanceKey, ForeignEntry>> group = all.next();
            Duration longest = longest(group.getKey().protocol());
            any |= group.getValue().values().removeIf(entry -> {
                boolean old = entry.vanishedAt != null
                        && Duration.between(entry.vanishedAt, now).compareTo(longest) > 0;
                if (old) {
                    size--;
                    forgotten.accept(entry.client.key());
                }
                return old;
            });
            if (group.getValue().isEmpty()) {
                all.remove();
            }
        }
        return any;
    }

    private Duration longest(Protocol protocol) {
        boolean sooner = protocol == Protocol.OFREP && REMEMBER_OFREP.compareTo(remember) < 0;
        return sooner ? REMEMBER_OFREP : remember;
    }

    private List<ForeignEntry> all() {
        List<ForeignEntry> all = new ArrayList<>(size);
        groups.values().forEach(group -> all.addAll(group.values()));
        return all;
    }

    List<Present> present(String environment) {
        return all().stream()
                .filter(entry -> entry.client.key().environment().equals(environment))
                .map(entry -> new Present(entry.instance(), entry.vanishedAt == null, Frame.LocalStops.NONE))
                .toList();
    }

    /** How many are in a state, in all environments. */
    long count(ForeignEntry.State state) {
        Map<String, Optional<Served>> served = new HashMap<>();
        return all().stream()
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
        return all().stream()
                .filter(entry -> entry.client.key().environment().equals(environment))
                .map(entry -> entry.toJson(served, toTimeOfDay))
                .toList();
    }

    /** Those that keep what they were answered; of others, nothing is left to be known when the server ends. */
    byte[] encode(Instant now, Duration toTimeOfDay) {
        List<Json> saved = all().stream()
                .filter(entry -> entry.client.keeps())
                .map(entry -> entry.saved(now, toTimeOfDay))
                .toList();
        return Json.object().put("clients", Json.array(saved)).build().utf8();
    }

    /** Those that were there when the server ended have vanished, as far as anyone can say. */
    void load(byte[] saved, Instant now) {
        try {
            for (ForeignEntry entry :
                    Fields.lenient(Json.parse(saved, SAVED)).objects("clients", one -> ForeignEntry.read(one, now))) {
                groups.computeIfAbsent(Group.of(entry.client), key -> new LinkedHashMap<>())
                        .put(entry.client.key(), entry);
            }
            size = groups.values().stream().mapToInt(Map::size).sum();
            forget(now);
        } catch (InvalidInput | DateTimeException e) {
            log.warn("the clients of before the restart can't be read and aren't remembered: {}", e.getMessage());
        }
    }
}
