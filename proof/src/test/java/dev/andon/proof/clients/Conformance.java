package dev.andon.proof.clients;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What clients of each make did when a test class ran, and how long it took from a kill's order to the value that an application
 * gets. Kept beside the page of {@link ConformancePage} when a run is asked to, by {@code -Dandon.conformance=keep}. Thread-safe.
 */
final class Conformance {
    private final String name;
    private final String title;
    private final Map<Make, Map<String, Trials>> clients = Collections.synchronizedMap(new LinkedHashMap<>());

    private static final class Trials {
        private final List<Double> tookMs = new ArrayList<>();
        private int tried;
        private int passed;

        synchronized void tried(boolean well) {
            tried++;
            passed += well ? 1 : 0;
        }

        synchronized void took(double ms) {
            tookMs.add(ms);
            Collections.sort(tookMs);
        }

        synchronized String figures() {
            return tookMs.isEmpty()
                    ? ""
                    : String.format(
                            Locale.ROOT,
                            "from a kill to its value %.0f ms (median of %d, at most %.0f ms)",
                            median(),
                            tookMs.size(),
                            tookMs.getLast());
        }

        private double median() {
            return tookMs.get((tookMs.size() - 1) / 2);
        }

        synchronized Json toJson(String what) {
            Json.Builder json =
                    Json.object().put("what", what).put("tried", tried).put("passed", passed);
            if (!tookMs.isEmpty()) {
                json.put("killMs", Math.round(median())).put("mostMs", Math.round(tookMs.getLast()));
            }
            return json.build();
        }
    }

    /**
     * @param name of the file
     * @param title of the page's section
     */
    Conformance(String name, String title) {
        this.name = name;
        this.title = title;
    }

    /** A test's name in words, such as {@code follows a change}. */
    static String words(String method) {
        return method.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
    }

    private Trials trials(Make make, String what) {
        return clients.computeIfAbsent(make, key -> Collections.synchronizedMap(new LinkedHashMap<>()))
                .computeIfAbsent(what, key -> new Trials());
    }

    void tried(Make make, String what, boolean passed) {
        trials(make, what).tried(passed);
    }

    /** @param startNanos when the operator's request was sent */
    void killed(Make make, String what, long startNanos) {
        trials(make, what).took((System.nanoTime() - startNanos) / 1e6);
    }

    void print(Make make) {
        clients.getOrDefault(make, Map.of()).forEach((what, trials) -> {
            if (!trials.figures().isEmpty()) {
                Figures.print(make.title() + ", " + what, trials.figures());
            }
        });
    }

    /** Writes the file, and the page anew, if the run is asked to. */
    void keep() throws IOException {
        if (!"keep".equals(System.getProperty("andon.conformance"))) {
            return;
        }
        List<Json> rows = new ArrayList<>();
        for (Make make : Make.values()) {
            List<Json> tried = new ArrayList<>();
            clients.getOrDefault(make, Map.of()).forEach((what, trials) -> tried.add(trials.toJson(what)));
            if (!tried.isEmpty()) {
                rows.add(Json.object()
                        .put("client", make.title())
                        .put("version", make.version())
                        .put("tried", Json.array(tried))
                        .build());
            }
        }
        Json result = Json.object()
                .put("title", title)
                .put("date", LocalDate.now(ZoneOffset.UTC).toString())
                .put("cores", Runtime.getRuntime().availableProcessors())
                .put("java", System.getProperty("java.version"))
                .put("node", Npm.nodeVersion())
                .put("clients", Json.array(rows))
                .build();
        Path folder = Files.createDirectories(ConformancePage.FOLDER);
        Files.writeString(folder.resolve(name + ".json"), lines(result));
        Files.writeString(ConformancePage.FILE, ConformancePage.text(folder));
    }

    /** One client or trial a line, so that a difference between two runs can be read. */
    private static String lines(Json json) {
        return json.text().replace("{\"client\"", "\n{\"client\"").replace("{\"what\"", "\n {\"what\"") + "\n";
    }
}
