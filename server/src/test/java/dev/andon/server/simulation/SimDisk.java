package dev.andon.server.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * What a process has on its disk, by name: what it sees itself, and what is safe from the loss of the machine's power. That
 * takes any of the newest changes that weren't synced, and damages what was named before its content was.
 */
final class SimDisk<K, V> {
    private final Map<K, Content<V>> seen = new LinkedHashMap<>();
    private final Map<K, Content<V>> synced = new LinkedHashMap<>();
    private final List<Change<K, V>> unsynced = new ArrayList<>();

    /** @param safe whether it was synced before it got its name */
    private record Content<V>(V value, boolean safe) {}

    private record Change<K, V>(K name, Optional<Content<V>> content) {
        void carryOut(Map<K, Content<V>> on) {
            content.ifPresentOrElse(given -> on.put(name, given), () -> on.remove(name));
        }
    }

    /** In the order in which it came. */
    Map<K, V> seen() {
        Map<K, V> values = new LinkedHashMap<>();
        seen.forEach((name, content) -> values.put(name, content.value()));
        return Collections.unmodifiableMap(values);
    }

    Optional<V> read(K name) {
        return Optional.ofNullable(seen.get(name)).map(Content::value);
    }

    /** Whether it is there whatever becomes of the machine. */
    boolean isSafe(K name) {
        return synced.containsKey(name) && synced.get(name).safe();
    }

    boolean isEmpty() {
        return seen.isEmpty();
    }

    void write(K name, V value, boolean contentSynced) {
        change(new Change<>(name, Optional.of(new Content<>(value, contentSynced))));
    }

    void remove(K name) {
        change(new Change<>(name, Optional.empty()));
    }

    private void change(Change<K, V> change) {
        change.carryOut(seen);
        unsynced.add(change);
    }

    void sync() {
        unsynced.forEach(change -> change.carryOut(synced));
        unsynced.clear();
    }

    /** The machine loses its power; whether anything got lost. */
    boolean losePower(RandomGenerator random) {
        int kept = random.nextInt(unsynced.size() + 1);
        boolean loses = kept < unsynced.size();
        unsynced.subList(0, kept).forEach(change -> change.carryOut(synced));
        unsynced.clear();
        loses |= synced.values().removeIf(content -> !content.safe() && random.nextBoolean());
        seen.clear();
        seen.putAll(synced);
        return loses;
    }
}
