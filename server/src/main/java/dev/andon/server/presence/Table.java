package dev.andon.server.presence;

import dev.andon.core.model.KillId;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What another node has told of its clients. Only for the bookkeeper's thread. */
final class Table {
    /** How many clients of one node are kept. */
    static final int MAX_CLIENTS = 100_000;

    /** How many kills may be named as on their way to the clients of one node, in all. */
    static final int MAX_KILLS = 1_000_000;

    /** Those that it hasn't told of again since it began anew. */
    Set<InstanceKey> untold = new HashSet<>();

    Map<String, Long> unlisted = Map.of();
    String run = "";
    long telling;
    boolean linked;

    /** The node that tells of it: itself, or one on the way to it. */
    String via = "";

    /** Tells others of it. */
    Optional<Teller> onward = Optional.empty();

    /** Whether it has told of all of them since it was linked. */
    boolean complete;

    /** When it was no longer linked, by the monotonic clock. */
    long lostNanos;

    /** Why what it tells isn't all of them: something was left out since it began anew. */
    Optional<String> lacking = Optional.empty();

    private final Map<InstanceKey, Told> clients = new LinkedHashMap<>();
    private long kills;

    /** Whether it is known who all of them are. */
    boolean tells() {
        return linked && complete && lacking.isEmpty();
    }

    /** @param room whether there is any for clients that aren't known yet */
    boolean takes(Told told, boolean room) {
        @Nullable Told before = clients.get(told.key());
        long more = kills(told) - (before == null ? 0 : kills(before));
        return (before != null || (room && clients.size() < MAX_CLIENTS)) && kills + more <= MAX_KILLS;
    }

    /** Likewise, whether one more client may be taken. */
    boolean mayTake(boolean room) {
        return room && clients.size() < MAX_CLIENTS && kills < MAX_KILLS;
    }

    void put(Told told) {
        @Nullable Told before = clients.put(told.key(), told);
        kills += kills(told) - (before == null ? 0 : kills(before));
    }

    void remove(InstanceKey key) {
        @Nullable Told before = clients.remove(key);
        kills -= before == null ? 0 : kills(before);
    }

    void clear() {
        clients.clear();
        kills = 0;
    }

    @Nullable
    Told get(InstanceKey key) {
        return clients.get(key);
    }

    boolean isEmpty() {
        return clients.isEmpty();
    }

    int size() {
        return clients.size();
    }

    /** As they are now. */
    List<InstanceKey> keys() {
        return new ArrayList<>(clients.keySet());
    }

    Collection<Told> clients() {
        return clients.values();
    }

    private static long kills(Told told) {
        List<Collection<KillId>> named = new ArrayList<>();
        told.ack().ifPresent(ack -> named.add(ack.pending()));
        told.sent().ifPresent(served -> named.addAll(List.of(served.pending(), served.widened())));
        told.confirmed().ifPresent(served -> named.addAll(List.of(served.pending(), served.widened())));
        return named.stream().mapToLong(Collection::size).sum();
    }
}
