package dev.andon.bench;

import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a benchmark came to.
 *
 * @param machine what it ran on
 * @param command what repeats it
 * @param rows one for each thing that was measured
 * @param goals what was to be reached
 */
record Result(
        String part, String title, Machine machine, String date, String command, List<Row> rows, List<Goal> goals) {
    Result {
        rows = List.copyOf(rows);
        goals = List.copyOf(goals);
    }

    /** Times in milliseconds. */
    record Row(String name, int count, double p50, double p99, double max) {
        static Row of(String name, Sample sample) {
            return new Row(name, sample.size(), sample.median(), sample.percentile(99), sample.max());
        }
    }

    /**
     * @param value as measured, with its interval where it is a ratio
     * @param atMost the goal
     */
    record Goal(String name, double value, double low, double high, double atMost, String unit) {
        boolean met() {
            return value <= atMost;
        }

        String verdict() {
            return met() ? "met" : "falls short";
        }

        String measured() {
            String shown = String.format(Locale.ROOT, "%.2f%s", value, unit);
            return low == high ? shown : String.format(Locale.ROOT, "%s (%.2f to %.2f)", shown, low, high);
        }

        String goal() {
            return String.format(Locale.ROOT, "≤ %.2f%s", atMost, unit);
        }
    }

    Json toJson() {
        List<Json> rowsJson = new ArrayList<>();
        for (Row row : rows) {
            rowsJson.add(Json.object()
                    .put("name", row.name)
                    .put("count", row.count)
                    .put("p50Ms", rounded(row.p50))
                    .put("p99Ms", rounded(row.p99))
                    .put("maxMs", rounded(row.max))
                    .build());
        }
        List<Json> goalsJson = new ArrayList<>();
        for (Goal goal : goals) {
            goalsJson.add(Json.object()
                    .put("name", goal.name)
                    .put("measured", goal.measured())
                    .put("goal", goal.goal())
                    .put("verdict", goal.verdict())
                    .build());
        }
        return Json.object()
                .put("part", part)
                .put("title", title)
                .put("date", date)
                .put("command", command)
                .put("machine", machine.toJson())
                .put("rows", Json.array(rowsJson))
                .put("goals", Json.array(goalsJson))
                .build();
    }

    private static double rounded(double ms) {
        return Math.round(ms * 1_000) / 1_000.0;
    }

    String text() {
        StringBuilder text = new StringBuilder(title).append('\n');
        text.append(String.format(Locale.ROOT, "  %-42s %6s %9s %9s %9s%n", "", "n", "p50 ms", "p99 ms", "max ms"));
        for (Row row : rows) {
            text.append(String.format(
                    Locale.ROOT, "  %-42s %6d %9.2f %9.2f %9.2f%n", row.name, row.count, row.p50, row.p99, row.max));
        }
        for (Goal goal : goals) {
            text.append(String.format(
                    Locale.ROOT, "  %-42s %s, goal %s: %s%n", goal.name, goal.measured(), goal.goal(), goal.verdict()));
        }
        return text.toString();
    }
}
