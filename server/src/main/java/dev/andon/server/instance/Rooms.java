package dev.andon.server.instance;

import dev.andon.server.node.ForeignListener.Room;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The clients that have no stream, by whom they share room with. Each room is bounded, and so are all rooms with a key together, and all
 * without: who can make up clients pushes out such of its own room, or of a larger one, and without a key nobody who has one.
 *
 * <p>Only for the bookkeeper's thread.
 */
final class Rooms {
    private final ForeignLimits limits;

    /** In each, the one that was heard of longest ago comes first. */
    private final Map<Room, SequencedMap<InstanceKey, ForeignEntry>> rooms = new HashMap<>();

    private int keyed;
    private int unkeyed;

    Rooms(ForeignLimits limits) {
        this.limits = limits;
    }

    /** Adds one that was heard of last, in the room of its client. */
    void add(ForeignEntry entry) {
        Room room = entry.client.room();
        if (rooms.computeIfAbsent(room, key -> new LinkedHashMap<>()).put(entry.client.key(), entry) == null) {
            count(room, 1);
        }
    }

    /** Nothing happens if it isn't there. */
    void remove(ForeignEntry entry) {
        Room room = entry.client.room();
        SequencedMap<InstanceKey, ForeignEntry> all = rooms.get(room);
        if (all != null && all.remove(entry.client.key()) != null) {
            count(room, -1);
            if (all.isEmpty()) {
                rooms.remove(room);
            }
        }
    }

    private void count(Room room, int by) {
        keyed += room.keyed() ? by : 0;
        unkeyed += room.keyed() ? 0 : by;
    }

    /** Who has to leave now that one was added to a room: there or in the largest room, whoever was heard of longest ago. */
    Optional<ForeignEntry> excess(Room added) {
        SequencedMap<InstanceKey, ForeignEntry> own = rooms.get(added);
        if (own != null && own.size() > limits.ofOneRoom()) {
            return Optional.of(eldest(own));
        }
        boolean tooMany = added.keyed() ? keyed > limits.withKeys() : unkeyed > limits.withoutKeys();
        return tooMany ? Optional.ofNullable(largest(added.keyed())).map(Rooms::eldest) : Optional.empty();
    }

    private @Nullable SequencedMap<InstanceKey, ForeignEntry> largest(boolean withKeys) {
        Comparator<SequencedMap<InstanceKey, ForeignEntry>> bySize = Comparator.comparingInt(Map::size);
        return rooms.entrySet().stream()
                .filter(room -> room.getKey().keyed() == withKeys)
                .map(Map.Entry::getValue)
                .max(bySize.thenComparing(room -> eldest(room).heard(), Comparator.reverseOrder()))
                .orElse(null);
    }

    private static ForeignEntry eldest(SequencedMap<InstanceKey, ForeignEntry> room) {
        return room.firstEntry().getValue();
    }
}
