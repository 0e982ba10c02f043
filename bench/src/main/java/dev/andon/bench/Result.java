package dev.andon.bench;

import dev.andon.core.json.Json;
import java.time.LocalDate;
import java.time.ZoneOffset;
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
 * @param plots curves, if the part draws any
 */
record Result(
        String part,
        String title,
        Machine machine,
        String date,
        String command,
        List<Row> rows,
        List<Goal> goals,
        List<Plot> plots) {
    Result {
        rows = List.copyOf(rows);
        goals = List.copyOf(goals);
        plots = List.copyOf(plots);
    }

    /** Of a run that ends now, on this machine. */
    static Result of(Part part, Part.Scale scale, List<Row> rows, List<Goal> goals) {
        return of(part, scale, rows, goals, List.of());
    }

    static Result of(Part part, Part.Scale scale, List<Row> rows, List<Goal> goals, List<Plot> plots) {
        return new Result(
                part.name(),
                part.title(),
                Machine.here(),
                LocalDate.now(ZoneOffset.UTC).toString(),
                "./andon bench " + part.name() + (scale == Part.Scale.QUICK ? " --quick" : ""),
                rows,
                goals,
                plots);
    }

    /** @param unit of the figures, such as {@code ms} */
    record Row(String name, String unit, int count, double p50, double p99, double max) {
        /** Times in milliseconds. */
        static Row of(String name, Sample sample) {
            return of(name, "ms", sample);
        }

        static Row of(String name, String unit, Sample sample) {
            return new Row(name, unit, sample.size(), sample.median(), sample.percentile(99), sample.max());
        }
    }

    /**
     * What was to be reached, beside what was.
     *
     * @param bound the least or the most that the value may be
     */
    record Goal(String name, double value, double low, double high, double bound, Side side, String unit) {
        /** On which side of its bound a value has to be. */
        enum Side {
            AT_MOST,
            AT_LEAST
        }

        static Goal atMost(String name, Sample.Estimate measured, double bound, String unit) {
            return new Goal(name, measured.value(), measured.low(), measured.high(), bound, Side.AT_MOST, unit);
        }

        static Goal atLeast(String name, Sample.Estimate measured, double bound, String unit) {
            return new Goal(name, measured.value(), measured.low(), measured.high(), bound, Side.AT_LEAST, unit);
        }

        boolean met() {
            return switch (side) {
                case AT_MOST -> value <= bound;
                case AT_LEAST -> value >= bound;
            };
        }

        String verdict() {
            return met() ? "met" : "falls short";
        }

        String measured() {
            String shown = String.format(Locale.ROOT, "%.2f%s", value, unit);
            return low == high ? shown : String.format(Locale.ROOT, "%s (%.2f to %.2f)", shown, low, high);
        }

        String goal() {
            String sign = side == Side.AT_MOST ? "≤" : "≥";
            return String.format(Locale.ROOT, "%s %.2f%s", sign, bound, unit);
        }
    }

    Json toJson() {
        List<Json> rowsJson = new ArrayList<>();
        for (Row row : rows) {
            rowsJson.add(Json.object()
                    .put("name", row.name)
                    .put("unit", row.unit)
                    .put("count", row.count)
                    .put("p50", rounded(row.p50))
                    .put("p99", rounded(row.p99))
                    .put("max", rounded(row.max))
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
                .put("plots", Json.texts(plots.stream().map(Plot::name).toList()))
                .build();
    }

    private static double rounded(double value) {
        return Math.round(value * 1_000) / 1_000.0;
    }

    String text() {
        StringBuilder text = new StringBuilder(title).append('\n');
        text.append(String.format("  %-63s %6s %11s %11s %11s%n", "", "n", "p50", "p99", "max"));
        for (Row row : rows) {
            text.append(String.format(
                    Locale.ROOT,
                    "  %-56s %-6s %6d %11.2f %11.2f %11.2f%n",
                    row.name,
                    row.unit,
                    row.count,
                    row.p50,
                    row.p99,
                    row.max));
        }
        return text.append(verdicts()).toString();
    }

    /** The goals alone. */
    String verdicts() {
        StringBuilder text = new StringBuilder();
        for (Goal goal : goals) {
            text.append(String.format(
                    "  %-70s %s, goal %s: %s%n", goal.name, goal.measured(), goal.goal(), goal.verdict()));
        }
        return text.toString();
    }
}
