package dev.andon.server.receipt;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import dev.andon.core.model.KillId;
import dev.andon.server.node.Exercises;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When kills last reached each flag of each environment in each SDK version, and what came of it: the newest of each, and
 * nothing older. A kill of many flags is one object that they share. Thread-safe.
 */
final class ExerciseBook implements Exercises {
    private static final Logger log = LoggerFactory.getLogger(ExerciseBook.class);
    private static final JsonLimits SAVED = JsonLimits.SNAPSHOT;

    /** SDK versions in environments; the one that was exercised longest ago goes first. */
    private static final int MAX_SDKS = 200;

    /** What names a row: which instances are meant. */
    private record Who(String environment, String sdk) {}

    private final Map<Who, Map<String, Exercise>> newest = new HashMap<>();

    /**
     * Notes what is known of a kill by now, in place of what was known of it before.
     *
     * @param flags the keys that it holds
     * @return whether anything is new
     */
    synchronized boolean note(String environment, String sdk, Collection<String> flags, Exercise exercise) {
        Who who = new Who(environment, sdk);
        if (newest.size() == MAX_SDKS && !newest.containsKey(who)) {
            newest.keySet().stream()
                    .min(Comparator.comparing(one -> last(newest.getOrDefault(one, Map.of()))))
                    .ifPresent(newest::remove);
        }
        Map<String, Exercise> byFlag = newest.computeIfAbsent(who, key -> new HashMap<>());
        boolean changed = false;
        for (String flag : flags) {
            Exercise before = byFlag.get(flag);
            boolean older = before != null
                    && !before.kill().equals(exercise.kill())
                    && before.at().isAfter(exercise.at());
            if (!older && !exercise.equals(before)) {
                byFlag.put(flag, exercise);
                changed = true;
            }
        }
        return changed;
    }

    private static Instant last(Map<String, Exercise> byFlag) {
        return byFlag.values().stream()
                .map(Exercise::at)
                .max(Comparator.naturalOrder())
                .orElse(Instant.MIN);
    }

    @Override
    public synchronized Map<String, Map<String, Exercise>> exercised(String environment, Set<String> flags) {
        Map<String, Map<String, Exercise>> found = new TreeMap<>();
        newest.forEach((who, byFlag) -> {
            if (who.environment().equals(environment)) {
                for (String flag : flags) {
                    Exercise exercise = byFlag.get(flag);
                    if (exercise != null) {
                        found.computeIfAbsent(flag, key -> new TreeMap<>()).put(who.sdk(), exercise);
                    }
                }
            }
        });
        return found;
    }

    /** Flags that share an exercise are written with it once. */
    synchronized byte[] encode() {
        List<Json> rows = new ArrayList<>();
        newest.forEach((who, byFlag) -> {
            Map<Exercise, List<String>> shared = new HashMap<>();
            byFlag.forEach((flag, exercise) ->
                    shared.computeIfAbsent(exercise, key -> new ArrayList<>()).add(flag));
            shared.forEach((exercise, flags) -> rows.add(Json.object()
                    .put("environment", who.environment())
                    .put("sdk", who.sdk())
                    .put("kill", exercise.kill().toString())
                    .put("at", exercise.at().toString())
                    .put("applied", exercise.applied())
                    .put("missing", exercise.missing())
                    .put("slowestMs", exercise.slowestMs())
                    .put("verdict", exercise.verdict())
                    .put("flags", Json.texts(flags))
                    .build()));
        });
        return Json.object().put("exercises", Json.array(rows)).build().utf8();
    }

    /** What can't be read isn't remembered: kills don't need it. */
    synchronized void load(byte[] saved) {
        try {
            Fields.lenient(Json.parse(saved, SAVED)).objects("exercises", row -> {
                Exercise exercise = new Exercise(
                        KillId.parse("kill", row.text("kill")),
                        Instant.parse(row.text("at")),
                        (int) row.whole("applied", 0, Integer.MAX_VALUE),
                        (int) row.whole("missing", 0, Integer.MAX_VALUE),
                        row.number("slowestMs"),
                        row.text("verdict"));
                return note(row.text("environment"), row.text("sdk"), row.texts("flags"), exercise);
            });
        } catch (InvalidInput | DateTimeException e) {
            log.warn("the exercises of before the restart can't be read and aren't remembered: {}", e.getMessage());
        }
    }
}
