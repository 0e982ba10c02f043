package dev.andon.bench;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What an evaluation costs an application, in time and in memory, with counts on: through native handles and through OpenFeature, beside
 * other products' engines with the same flag. Each figure is a JVM of its own (JMH); all of them come once a round, in random order, so
 * that a round's ratios are of one stretch of time.
 */
final class Evaluation implements Part {
    private static final String BENCHMARKS = "dev.andon.bench.evaluation.";
    private static final int MANY = 10_000;
    private static final List<String> OURS = List.of("constant", "rule", "split", "segment", "killed", "prerequisite");
    private static final List<String> TARGETING = List.of("LaunchDarkly", "Unleash", "Flagd");
    private static final long PATIENCE_SECONDS = 300;

    private static final double GOAL_CONSTANT_NS = 8;
    private static final double GOAL_SPLIT_NS = 50;
    /** What the link does beside shows as hundredths of a byte; an object for each evaluation would be 16 bytes or more. */
    private static final double GOAL_BYTES = 0.5;

    private static final double GOAL_FASTER = 4;
    private static final double GOAL_TOGGLZ = 1;
    private static final double GOAL_OPEN_FEATURE = 1.1;

    private final Path root;
    private final Path jar;
    private final Path folder;

    Evaluation(Path root, Path jar, Path folder) {
        this.root = root;
        this.jar = jar;
        this.folder = folder;
    }

    /** One thing that is measured: a method of a benchmark, with so many flags. */
    private record Case(String engine, String flag, int flags) {
        String title() {
            String what = flag.equals("split") ? "rule + split" : flag;
            String whose = switch (engine) {
                case "AndonHandles" -> "Andon, handle";
                case "AndonOpenFeature" -> "Andon, OpenFeature";
                case "NoOpOpenFeature" -> "OpenFeature's no-op provider";
                case "ByHand" -> "written by hand, nothing counted";
                case "Flagd" -> "flagd, in the process";
                default -> engine;
            };
            return whose + ": " + what + (flags == 1 ? "" : " of " + flags);
        }
    }

    /** What one JVM measured. */
    private record Figure(double ns, double bytes) {}

    /** How long a JVM measures. */
    private record Effort(int rounds, int warmUps, int iterations, int eachMs) {}

    @Override
    public String name() {
        return "evaluation";
    }

    @Override
    public String title() {
        return "Evaluation in the process, counts on, beside other engines";
    }

    @Override
    public Result run(Scale scale) {
        Effort effort = switch (scale) {
            case QUICK -> new Effort(3, 2, 2, 200);
            case FULL -> new Effort(10, 3, 3, 500);
        };
        Map<Case, List<Figure>> figures = new LinkedHashMap<>();
        List<Case> cases = cases(scale);
        cases.forEach(one -> figures.put(one, new ArrayList<>()));
        Random random = new Random(3);
        try (Program few = served("few", 0);
                Program many = served("many", MANY)) {
            String fewKey = few.key("sdk");
            String manyKey = many.key("sdk");
            for (int round = 0; round < effort.rounds; round++) {
                System.err.println("evaluation: round " + (round + 1) + " of " + effort.rounds);
                List<Case> order = new ArrayList<>(cases);
                Collections.shuffle(order, random);
                for (Case one : order) {
                    boolean isMany = one.flags == MANY;
                    List<String> properties = List.of(
                            "-Dandon.bench.others=" + (isMany ? MANY : 0),
                            "-Dandon.bench.server=" + (isMany ? many : few).address(),
                            "-Dandon.bench.key=" + (isMany ? manyKey : fewKey));
                    taken(figures, one).add(measure(one, effort, properties));
                }
            }
        }
        return result(scale, figures);
    }

    /** A full run has everything alone and among many flags; a quick one has most of it alone. */
    private static List<Case> cases(Scale scale) {
        Set<Case> cases = new LinkedHashSet<>(List.of(
                new Case("NoOpOpenFeature", "constant", 1),
                new Case("ByHand", "constant", 1),
                new Case("ByHand", "split", 1),
                new Case("AndonHandles", "split", 1),
                new Case("AndonHandles", "split", MANY)));
        for (int flags : scale == Scale.FULL ? List.of(1, MANY) : List.of(1)) {
            OURS.forEach(flag -> cases.add(new Case("AndonHandles", flag, flags)));
            List<String> throughOpenFeature = scale == Scale.FULL ? OURS : List.of("constant", "split");
            throughOpenFeature.forEach(flag -> cases.add(new Case("AndonOpenFeature", flag, flags)));
            for (String engine : List.of("LaunchDarkly", "Unleash", "Flagd", "Togglz")) {
                cases.add(new Case(engine, "constant", flags));
                cases.add(new Case(engine, "split", flags));
            }
        }
        return List.copyOf(cases);
    }

    private Program served(String data, int others) {
        Program server = Program.start(jar, folder.resolve("evaluation-" + data), List.of());
        new EvaluatedFlags(server).create(others);
        return server;
    }

    private Figure measure(Case one, Effort effort, List<String> properties) {
        Path home = root.resolve("bench/evaluation/target");
        Path report = folder.resolve("jmh.json");
        String each = effort.eachMs + "ms";
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                home.resolve("classes") + ":" + home.resolve("lib") + "/*",
                "org.openjdk.jmh.Main",
                BENCHMARKS + one.engine + "." + one.flag + "$",
                "-f",
                "1",
                "-foe",
                "true",
                "-wi",
                Integer.toString(effort.warmUps),
                "-w",
                each,
                "-i",
                Integer.toString(effort.iterations),
                "-r",
                each,
                "-prof",
                "gc",
                "-rf",
                "json",
                "-rff",
                report.toString(),
                "-jvmArgsAppend",
                String.join(" ", properties)));
        try {
            Files.deleteIfExists(report);
            Path log = folder.resolve("jmh.log");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!ended || process.exitValue() != 0 || !Files.exists(report)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new IllegalStateException(one + ": not measured (JMH said: " + Files.readString(log) + ")");
            }
            return figure(report);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static Figure figure(Path report) throws IOException {
        if (!(Json.parse(Files.readAllBytes(report)) instanceof Json.Array array)) {
            throw new IllegalStateException(report + ": no results (expected: one)");
        }
        Fields result = Fields.lenient(array.items().getFirst());
        return new Figure(
                result.object("primaryMetric").number("score"),
                result.object("secondaryMetrics").object("gc.alloc.rate.norm").number("score"));
    }

    private Result result(Scale scale, Map<Case, List<Figure>> figures) {
        List<Result.Row> rows = new ArrayList<>();
        figures.forEach((one, taken) -> rows.add(Result.Row.of(one.title(), "ns", Sample.of(ns(taken)))));
        figures.forEach((one, taken) -> rows.add(Result.Row.of(
                one.title(), "B", Sample.of(taken.stream().map(Figure::bytes).toList()))));
        List<Result.Goal> goals = new ArrayList<>();
        int flags = scale == Scale.FULL ? MANY : 1;
        goals.add(absolute(figures, new Case("AndonHandles", "constant", flags), GOAL_CONSTANT_NS));
        goals.add(absolute(figures, new Case("AndonHandles", "split", flags), GOAL_SPLIT_NS));
        double most = figures.entrySet().stream()
                .filter(entry -> entry.getKey().engine.equals("AndonHandles"))
                .mapToDouble(entry -> Sample.of(
                                entry.getValue().stream().map(Figure::bytes).toList())
                        .median())
                .max()
                .orElse(Double.NaN);
        goals.add(Result.Goal.atMost(
                "Andon, handle: allocated by one evaluation, at most", Sample.Estimate.of(most), GOAL_BYTES, " B"));
        for (String flag : List.of("constant", "split")) {
            Case ours = new Case("AndonHandles", flag, flags);
            Case fastest = TARGETING.stream()
                    .map(engine -> new Case(engine, flag, flags))
                    .min(Comparator.comparingDouble(
                            one -> Sample.of(ns(taken(figures, one))).median()))
                    .orElseThrow();
            goals.add(Result.Goal.atLeast(
                    fastest.title() + " (the fastest that targets) / Andon, handle",
                    Sample.ratios(ns(taken(figures, fastest)), ns(taken(figures, ours)))
                            .estimate(),
                    GOAL_FASTER,
                    "×"));
            Case togglz = new Case("Togglz", flag, flags);
            goals.add(Result.Goal.atMost(
                    "Andon, handle / " + togglz.title(),
                    Sample.ratios(ns(taken(figures, ours)), ns(taken(figures, togglz)))
                            .estimate(),
                    GOAL_TOGGLZ,
                    "×"));
        }
        for (Case one : figures.keySet()) {
            if (one.engine.equals("AndonOpenFeature")) {
                goals.add(throughOpenFeature(figures, one));
            }
        }
        return Result.of(this, scale, rows, goals);
    }

    private static Result.Goal absolute(Map<Case, List<Figure>> figures, Case one, double goalNs) {
        return Result.Goal.atMost(
                one.title(), Sample.of(ns(taken(figures, one))).estimate(), goalNs, " ns");
    }

    /** Beside the sum of what the OpenFeature SDK takes by itself and what Andon takes by itself. */
    private static Result.Goal throughOpenFeature(Map<Case, List<Figure>> figures, Case one) {
        List<Double> base = ns(taken(figures, new Case("NoOpOpenFeature", "constant", 1)));
        List<Double> handle = ns(taken(figures, new Case("AndonHandles", one.flag, one.flags)));
        List<Double> sums = new ArrayList<>();
        for (int i = 0; i < Math.min(base.size(), handle.size()); i++) {
            sums.add(base.get(i) + handle.get(i));
        }
        return Result.Goal.atMost(
                one.title() + " / (no-op + handle)",
                Sample.ratios(ns(taken(figures, one)), sums).estimate(),
                GOAL_OPEN_FEATURE,
                "×");
    }

    private static List<Double> ns(List<Figure> figures) {
        return figures.stream().map(Figure::ns).toList();
    }

    private static List<Figure> taken(Map<Case, List<Figure>> figures, Case one) {
        List<Figure> taken = figures.get(one);
        if (taken == null) {
            throw new IllegalStateException(one + ": not measured");
        }
        return taken;
    }
}
