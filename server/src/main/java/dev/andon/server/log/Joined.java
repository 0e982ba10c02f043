package dev.andon.server.log;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.server.node.History;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Finds what was before a change, in the entry that the entry points back to. Not thread-safe; for one request. */
final class Joined {
    private static final int KEPT_ENTRIES = 64;
    private static final int MAX_READS = 2_000;

    private final History history;
    private final Map<Long, Map<String, Event>> kept = new LinkedHashMap<>(16, 0.75f, true);
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
        return Optional.ofNullable(events(version).get(event.subject()));
    }

    /** The last event of each subject in an entry: both entries may hold thousands. */
    private Map<String, Event> events(long version) {
        Map<String, Event> known = kept.get(version);
        if (known != null) {
            return known;
        }
        reads++;
        Map<String, Event> bySubject = new HashMap<>();
        for (History.Recorded recorded : history.entries(version, version)) {
            recorded.entry().events().forEach(event -> bySubject.put(event.subject(), event));
        }
        kept.put(version, bySubject);
        if (kept.size() > KEPT_ENTRIES) {
            kept.remove(kept.keySet().iterator().next());
        }
        return bySubject;
    }
}
