package dev.andon.sdk;

import dev.andon.core.json.Json;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The default values that callers give, each known once per flag. Any thread notes, without a lock; one thread collects.
 */
final class CallerDefaults {
    /** So many different defaults of one flag are told apart; a caller that makes them up doesn't fill the memory. */
    static final int MAX_PER_FLAG = 8;

    private static final int MAX_TEXT_CHARS = 1_000;

    private final Queue<Noted> fresh = new ConcurrentLinkedQueue<>();
    private final Map<String, Set<Json>> all = new LinkedHashMap<>();
    private final Map<String, Set<Json>> unsent = new LinkedHashMap<>();

    private record Noted(String flag, Json value) {}

    void note(String flag, Json value) {
        if (!(value instanceof Json.Text text) || text.value().length() <= MAX_TEXT_CHARS) {
            fresh.add(new Noted(flag, value));
        }
    }

    /** Another server is listening: it wants to know all of them. */
    void forgetSent() {
        unsent.clear();
        all.forEach((flag, values) -> unsent.put(flag, new LinkedHashSet<>(values)));
    }

    /** One default of each flag that wasn't handed out since the last {@link #forgetSent}; empty when all were. */
    Map<String, Json> next() {
        for (Noted noted = fresh.poll(); noted != null; noted = fresh.poll()) {
            Set<Json> known = all.computeIfAbsent(noted.flag, flag -> new LinkedHashSet<>());
            if (known.size() < MAX_PER_FLAG && known.add(noted.value)) {
                unsent.computeIfAbsent(noted.flag, flag -> new LinkedHashSet<>())
                        .add(noted.value);
            }
        }
        Map<String, Json> next = new LinkedHashMap<>();
        unsent.forEach((flag, values) -> {
            Json value = values.iterator().next();
            values.remove(value);
            next.put(flag, value);
        });
        unsent.values().removeIf(Set::isEmpty);
        return next;
    }
}
