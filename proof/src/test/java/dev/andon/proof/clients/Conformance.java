package dev.andon.proof.clients;

import dev.andon.proof.harness.Figures;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What each make of client did, and how long it took from a kill's order to the value that an application gets. For one thread. */
final class Conformance {
    private final Map<Make, Map<String, Boolean>> tried = new EnumMap<>(Make.class);
    private final Map<Make, List<Double>> tookMs = new EnumMap<>(Make.class);

    void tried(Make make, String what, boolean passed) {
        tried.computeIfAbsent(make, key -> new LinkedHashMap<>()).merge(what, passed, Boolean::logicalAnd);
    }

    void killed(Make make, long startNanos) {
        tookMs.computeIfAbsent(make, key -> new ArrayList<>()).add((System.nanoTime() - startNanos) / 1e6);
    }

    void print(Make make) {
        List<Double> times =
                tookMs.getOrDefault(make, List.of()).stream().sorted().toList();
        if (!times.isEmpty()) {
            Figures.print(
                    make.title(),
                    String.format(
                            Locale.ROOT,
                            "from a kill to its value %.0f ms (median of %d, at most %.0f ms)",
                            times.get(times.size() / 2),
                            times.size(),
                            times.getLast()));
        }
    }
}
