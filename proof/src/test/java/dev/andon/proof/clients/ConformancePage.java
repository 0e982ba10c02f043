package dev.andon.proof.clients;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** {@code docs/conformance.md}: written from the results beside it, and from nothing else. */
final class ConformancePage {
    private static final Path DOCS = Path.of("").toAbsolutePath().resolveSibling("docs");
    static final Path FOLDER = DOCS.resolve("conformance");
    static final Path FILE = DOCS.resolve("conformance.md");

    private ConformancePage() {}

    static String text(Path folder) throws IOException {
        StringBuilder text = new StringBuilder("""
            # Unmodified clients

            What OpenFeature's clients did as their makers publish them, against a server that a test started. Written from the results in
            [conformance](conformance) by the tests that made them, `ClientsTest` and `BurstTest` of the module `proof`:
            `mvn test -Pnightly -pl proof -am -Dtest='ClientsTest,BurstTest' -Dsurefire.failIfNoSpecifiedTests=false -Dandon.conformance=keep`.

            Times are from the operator's request to the value that an application gets, which asks all the time: the median and the
            longest. They depend on the machine, and on what else it does.
            """);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(each -> each.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                text.append('\n').append(section(Fields.lenient(Json.parse(Files.readAllBytes(file)))));
            }
        }
        return text.toString();
    }

    private static String section(Fields result) {
        Map<String, Map<String, String>> rows = new LinkedHashMap<>();
        Set<String> columns = new LinkedHashSet<>();
        result.objects("clients", client -> {
            Map<String, String> cells = new LinkedHashMap<>();
            columns.addAll(client.objects("tried", trial -> {
                cells.put(trial.text("what"), cell(trial));
                return trial.text("what");
            }));
            String name = client.text("client") + " | " + client.text("version");
            rows.put(name, cells);
            return name;
        });
        StringBuilder text = new StringBuilder("## " + result.text("title") + "\n\n");
        text.append("%s, %d cores, Java %s, Node %s.%n%n"
                .formatted(
                        result.text("date"),
                        result.whole("cores", 1, Integer.MAX_VALUE),
                        result.text("java"),
                        result.text("node")));
        text.append("| client | version | ").append(String.join(" | ", columns)).append(" |\n");
        text.append("|---|---").append("|---".repeat(columns.size())).append("|\n");
        rows.forEach((client, cells) -> {
            List<String> shown = new ArrayList<>();
            columns.forEach(column -> shown.add(cells.getOrDefault(column, "not tried")));
            text.append("| ")
                    .append(client)
                    .append(" | ")
                    .append(String.join(" | ", shown))
                    .append(" |\n");
        });
        return text.toString();
    }

    private static String cell(Fields trial) {
        long tried = trial.whole("tried", 0, Integer.MAX_VALUE);
        long passed = trial.whole("passed", 0, tried);
        String verdict = tried == 1 ? (passed == 1 ? "yes" : "NO") : passed + " of " + tried;
        return trial.has("killMs")
                ? "%s: %d ms (%d)"
                        .formatted(
                                verdict,
                                trial.whole("killMs", 0, Integer.MAX_VALUE),
                                trial.whole("mostMs", 0, Integer.MAX_VALUE))
                : verdict;
    }
}
