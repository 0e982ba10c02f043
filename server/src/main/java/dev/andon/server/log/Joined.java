package dev.andon.server.log;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.server.node.History;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds what was before a change, in the entry that the entry points back to. Not thread-safe; for one request. */
final class Joined {
    private static final int KEPT_ENTRIES = 64;
    private static final int MAX_READS = 2_000;

    private final History history;
    private final Map<Long, Optional<Entry>> kept = new LinkedHashMap<>(16, 0.75f, true);
    private int reads;

    Joined(History history) {
        this.history = history;
    }

    /** Whether so much was read that the request should come to its end. */
    boolean spent() {
        return reads >= MAX_READS;
    }

    /** The event that last changed the subject before this entry did; none if it was new, or had been removed. */
    Optional<Event> before(Entry entry, Event event) {
        Long version = entry.previous().get(event.subject());
        if (version == null || version == 0) {
            return Optional.empty();
        }
        return entry(version)
                .flatMap(earlier -> earlier.events().reversed().stream()
                        .filter(candidate -> candidate.subject().equals(event.subject()))
                        .findFirst());
    }

    private Optional<Entry> entry(long version) {
        Optional<Entry> known = kept.get(version);
        if (known != null) {
            return known;
        }
        reads++;
        List<History.Recorded> read = history.entries(version, version);
        Optional<Entry> entry =
                read.isEmpty() ? Optional.empty() : Optional.of(read.getFirst().entry());
        kept.put(version, entry);
        if (kept.size() > KEPT_ENTRIES) {
            kept.remove(kept.keySet().iterator().next());
        }
        return entry;
    }
}
