package dev.andon.server.instance;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * How many clients aren't listed and may hold what they were answered. One with a stream for which there was no room counts as
 * long as that is open; one that left the list counts for a while, and no longer when it comes back. Some are remembered by
 * name, others by number alone. Only for the bookkeeper's thread.
 */
final class Unlisted {
    private static final int MOST_BY_NAME = 50_000;

    /** For a stream that was lost, or one that keeps nothing. */
    private final Duration shortly;

    /** For one that keeps what it was answered. */
    private final Duration lastingly;

    /** The environment by the stream's number; there are no more than ports let in. */
    private final Map<Long, String> streams = new HashMap<>();

    private final Map<String, Integer> open = new HashMap<>();

    /** Whoever left longest ago comes first. */
    private final SequencedMap<InstanceKey, Gone> byName = new LinkedHashMap<>();

    private final Map<String, Integer> named = new HashMap<>();

    /** How many by environment and by the minute in which they cease to count. */
    private final Map<String, NavigableMap<Instant, Integer>> byNumber = new HashMap<>();

    private long ever;

    private record Gone(Instant heard, Instant until) {}

    /**
     * @param shortly how long one counts whose stream was lost, or that keeps nothing
     * @param lastingly how long one counts that keeps what it was answered
     */
    Unlisted(Duration shortly, Duration lastingly) {
        this.shortly = shortly;
        this.lastingly = lastingly;
    }

    void opened(String environment, long stream) {
        streams.put(stream, environment);
        open.merge(environment, 1, Integer::sum);
        ever++;
    }

    /** Whether the stream was one of those that count here. */
    boolean closed(long stream, boolean goodbye, Instant now) {
        String environment = streams.remove(stream);
        if (environment == null) {
            return false;
        }
        less(open, environment);
        if (!goodbye) {
            add(environment, now.plus(shortly), 1);
        }
        return true;
    }

    /** It had to leave the list, as there are too many. */
    void dropped(ForeignEntry entry, Instant now) {
        ever++;
        if (entry.client.keeps()) {
            left(entry, now);
        } else {
            add(entry.client.key().environment(), now.plus(shortly), 1);
        }
    }

    /** It left the list, and may come back. */
    void left(ForeignEntry entry, Instant now) {
        byName.put(entry.client.key(), new Gone(entry.heard(), now.plus(lastingly)));
        named.merge(entry.client.key().environment(), 1, Integer::sum);
        if (byName.size() > MOST_BY_NAME) {
            Map.Entry<InstanceKey, Gone> eldest = byName.firstEntry();
            back(eldest.getKey());
            add(eldest.getKey().environment(), eldest.getValue().until(), 1);
        }
    }

    /** It is there again; when it was heard of last, if it counted here by name. */
    Optional<Instant> back(InstanceKey client) {
        Gone gone = byName.remove(client);
        if (gone == null) {
            return Optional.empty();
        }
        less(named, client.environment());
        return Optional.of(gone.heard());
    }

    private static void less(Map<String, Integer> counts, String environment) {
        counts.computeIfPresent(environment, (name, count) -> count == 1 ? null : count - 1);
    }

    private void add(String environment, Instant until, int count) {
        byNumber.computeIfAbsent(environment, name -> new TreeMap<>())
                .merge(until.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES), count, Integer::sum);
    }

    int count(String environment, Instant now) {
        forget(now);
        return open.getOrDefault(environment, 0)
                + named.getOrDefault(environment, 0)
                + byNumber.getOrDefault(environment, new TreeMap<>()).values().stream()
                        .mapToInt(Integer::intValue)
                        .sum();
    }

    private void forget(Instant now) {
        Iterator<Map.Entry<InstanceKey, Gone>> eldest = byName.entrySet().iterator();
        while (eldest.hasNext()) {
            Map.Entry<InstanceKey, Gone> next = eldest.next();
            if (next.getValue().until().isAfter(now)) {
                break;
            }
            eldest.remove();
            less(named, next.getKey().environment());
        }
        byNumber.values().forEach(counts -> counts.headMap(now, true).clear());
        byNumber.values().removeIf(Map::isEmpty);
    }

    /** How often there was no room for one, in all environments and since the start. */
    long ever() {
        return ever;
    }

    /**
     * By number; streams that are open count as lost.
     *
     * @param toTimeOfDay what to add to the times that came in
     */
    Json saved(Instant now, Duration toTimeOfDay) {
        forget(now);
        Map<String, NavigableMap<Instant, Integer>> all = new TreeMap<>();
        byNumber.forEach((environment, counts) -> all.put(environment, new TreeMap<>(counts)));
        byName.forEach((client, gone) -> all.computeIfAbsent(client.environment(), name -> new TreeMap<>())
                .merge(gone.until().truncatedTo(ChronoUnit.MINUTES), 1, Integer::sum));
        open.forEach((environment, count) -> all.computeIfAbsent(environment, name -> new TreeMap<>())
                .merge(now.plus(shortly).truncatedTo(ChronoUnit.MINUTES), count, Integer::sum));
        List<Json> items = new ArrayList<>();
        all.forEach((environment, counts) -> counts.forEach((until, count) -> items.add(Json.object()
                .put("environment", environment)
                .put("until", until.plus(toTimeOfDay).toString())
                .put("count", count)
                .build())));
        return Json.array(items);
    }

    void load(Fields saved) {
        for (Fields one : saved.objects("unlisted", fields -> fields)) {
            add(one.text("environment"), Instant.parse(one.text("until")), (int)
                    one.whole("count", 1, Integer.MAX_VALUE));
        }
    }
}
