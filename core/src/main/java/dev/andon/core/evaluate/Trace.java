package dev.andon.core.evaluate;

import dev.andon.core.json.Json;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Records the steps of one evaluation while it decides. Evaluation without an explanation passes null instead, through
 * the same code. Not thread-safe.
 */
final class Trace {
    private static final int SHOWN_CHARS = 200;
    private static final int SHOWN_ELEMENTS = 20;

    private final Deque<List<Explanation.Step>> open = new ArrayDeque<>();

    Trace() {
        open.push(new ArrayList<>());
    }

    /** Begins a step that consists of others; {@link #close} ends it. */
    void open() {
        open.push(new ArrayList<>());
    }

    void close(String kind, String what, String outcome) {
        List<Explanation.Step> steps = open.pop();
        add(new Explanation.Step(kind, cut(what), outcome, Optional.empty(), steps));
    }

    void step(String kind, String what, String outcome) {
        add(new Explanation.Step(kind, cut(what), outcome, Optional.empty(), List.of()));
    }

    void saw(String kind, String what, @Nullable Object value, String outcome) {
        add(new Explanation.Step(kind, cut(what), outcome, Optional.ofNullable(shown(value)), List.of()));
    }

    /** How many steps are open, for {@link #unwind}. */
    int depth() {
        return open.size();
    }

    /** Closes what was left open when a step failed. */
    void unwind(int depth, Throwable failure) {
        step("fault", failure.getClass().getName(), "failed");
        while (open.size() > depth) {
            close("fault", "in", "failed");
        }
    }

    List<Explanation.Step> steps() {
        return open.getLast();
    }

    private void add(Explanation.Step step) {
        open.element().add(step);
    }

    /** Shows only what comes from the runtime itself: a foreign class's own text may fail or take for ever. */
    private static @Nullable Json shown(@Nullable Object value) {
        if (value == null) {
            return null;
        }
        if (value instanceof String text) {
            return Json.of(cut(text));
        }
        if (value instanceof Boolean bool) {
            return Json.of((boolean) bool);
        }
        if (value instanceof Double || value instanceof Float) {
            double real = ((Number) value).doubleValue();
            return Double.isFinite(real) ? Json.of(real) : Json.of(Double.toString(real));
        }
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return Json.of(((Number) value).longValue());
        }
        if (value instanceof Instant instant) {
            return Json.of(instant.toString());
        }
        if (value instanceof List<?> list) {
            List<Json> items = new ArrayList<>();
            for (Object element : list) {
                if (items.size() == SHOWN_ELEMENTS) {
                    items.add(Json.of("…"));
                    break;
                }
                Json item = element instanceof List ? Json.of("a list") : shown(element);
                items.add(item == null ? Json.Null.NULL : item);
            }
            return Json.array(items);
        }
        return Json.of("a " + value.getClass().getName());
    }

    private static String cut(String text) {
        if (text.length() <= SHOWN_CHARS) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(SHOWN_CHARS - 1)) ? SHOWN_CHARS - 1 : SHOWN_CHARS;
        return text.substring(0, end) + "…";
    }
}
