package dev.andon.cli.demo;

import dev.andon.cli.text.Times;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What was measured, in the order in which it was. Used by one thread. */
final class Measured {
    private final List<Figure> figures = new ArrayList<>();

    /**
     * @param what for people
     * @param member for programs
     */
    private record Figure(String what, String shown, String member, Json value) {}

    void ms(String what, String member, double ms) {
        figures.add(new Figure(what, Times.shownMs(ms), member, Json.of(ms)));
    }

    /** A length of time between two moments. */
    void between(String what, String member, long fromMicros, long toMicros) {
        ms(what, member, (toMicros - fromMicros) / 1_000.0);
    }

    void share(String what, String member, double share) {
        figures.add(new Figure(what, percent(share), member, Json.of(share)));
    }

    void count(String what, String member, long count) {
        figures.add(new Figure(what, Long.toString(count), member, Json.of(count)));
    }

    /** A table for people. */
    List<String> lines() {
        int width = figures.stream()
                .mapToInt(figure -> figure.what().length())
                .max()
                .orElse(0);
        return figures.stream()
                .map(figure -> figure.what() + " ".repeat(width - figure.what().length()) + "   " + figure.shown())
                .toList();
    }

    /** A document for programs. */
    Json.Builder document() {
        Json.Builder document = Json.object();
        figures.forEach(figure -> document.put(figure.member(), figure.value()));
        return document;
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
