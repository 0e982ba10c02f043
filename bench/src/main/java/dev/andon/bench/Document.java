package dev.andon.bench;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** {@code docs/benchmarks.md}: written from the results beside it, and from nothing else. */
final class Document {
    private static final String FOLDER = "docs/benchmarks";
    private static final String FILE = "docs/benchmarks.md";

    private final Path root;

    /** @param root the repository's folder */
    Document(Path root) {
        this.root = root;
    }

    /** Keeps a result, in place of an earlier one of the same part, and writes the document anew. */
    void keep(Result result) {
        try {
            Files.createDirectories(root.resolve(FOLDER));
            Files.writeString(root.resolve(FOLDER).resolve(result.part() + ".json"), pretty(result.toJson()));
            for (Plot plot : result.plots()) {
                Files.writeString(root.resolve(FOLDER).resolve(plot.name() + ".svg"), plot.svg());
            }
            Files.writeString(root.resolve(FILE), text());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The whole document, as the results that are kept make it. */
    String text() {
        StringBuilder text = new StringBuilder("""
            # Benchmarks

            Written by `./andon bench` from the results in [benchmarks](benchmarks). Times depend on the machine; ratios are of one run, their
            parts taken in random order, medians with the interval that holds them in 95 of 100 runs.
            """);
        try (Stream<Path> files = Files.list(root.resolve(FOLDER))) {
            List<Path> results = files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
            for (Path file : results) {
                text.append('\n').append(section(Fields.lenient(Json.parse(Files.readAllBytes(file)))));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private String section(Fields result) {
        StringBuilder text = new StringBuilder("## " + result.text("title") + "\n\n");
        Fields machine = result.object("machine");
        text.append("`%s`, %s, on %s, %d cores, %s, %s.%n%n"
                .formatted(
                        result.text("command"),
                        result.text("date"),
                        machine.text("processor"),
                        machine.whole("cores", 1, Integer.MAX_VALUE),
                        machine.text("system"),
                        machine.text("java")));
        text.append("| | | n | p50 | p99 | max |\n|---|---|---|---|---|---|\n");
        for (String line : result.objects("rows", Document::row)) {
            text.append(line);
        }
        List<String> goals = result.objects("goals", Document::goal);
        if (!goals.isEmpty()) {
            text.append("\n| | measured | goal | |\n|---|---|---|---|\n").append(String.join("", goals));
        }
        for (String plot : result.texts("plots")) {
            text.append("\n![")
                    .append(plot)
                    .append("](benchmarks/")
                    .append(plot)
                    .append(".svg)\n");
        }
        return text.append(remarks(result.text("part"))).toString();
    }

    /** What is to be said about the figures, from a file beside them that people write; it holds no figures. */
    private String remarks(String part) {
        Path file = root.resolve(FOLDER).resolve(part + ".md");
        try {
            return Files.exists(file) ? "\n" + Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String row(Fields row) {
        return String.format(
                Locale.ROOT,
                "| %s | %s | %d | %.2f | %.2f | %.2f |%n",
                row.text("name"),
                row.text("unit"),
                row.whole("count", 1, Integer.MAX_VALUE),
                row.number("p50"),
                row.number("p99"),
                row.number("max"));
    }

    private static String goal(Fields goal) {
        return "| %s | %s | %s | %s |%n"
                .formatted(goal.text("name"), goal.text("measured"), goal.text("goal"), goal.text("verdict"));
    }

    /** One member a line, so that a difference between two runs can be read. */
    private static String pretty(Json json) {
        return json.text().replace(",\"", ",\n\"").replace("{\"part\"", "{\n\"part\"") + "\n";
    }
}
