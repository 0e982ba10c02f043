package dev.andon.bench;

import dev.andon.core.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * How things grow with what is there: flags, environments, entries of the ledger. For each size a server of its own; kills and writes come to
 * all servers of a kind in random order within one run. What grows with instances is the fan-out's.
 */
final class Growth implements Part {
    /** What a new server has. */
    private static final int FIRST_ENVIRONMENTS = 3;

    private static final int KILLED_FLAGS = 3;
    private static final int WRITES = 20;
    private static final double GOAL_KILL = 1.2;
    private static final double GOAL_PATCH_KIB = 2;

    private final Path jar;
    private final Path folder;

    Growth(Path jar, Path folder) {
        this.jar = jar;
        this.folder = folder;
    }

    /** What is measured, with its unit. */
    private enum Figure {
        READY("start-up", "ms"),
        HEAP("heap in use", "MiB"),
        RESIDENT("resident memory", "MiB"),
        PATCH("a patch for one flag", "KiB"),
        KILL("kill to applied, p50", "ms"),
        WRITES_PER_SECOND("writes by the API in a second", "1/s");

        private final String title;
        private final String unit;

        Figure(String title, String unit) {
            this.title = title;
            this.unit = unit;
        }
    }

    /** A way to grow. */
    private enum Kind {
        FLAGS("flags"),
        ENVIRONMENTS("environments"),
        ENTRIES("entries of the ledger");

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        List<Integer> sizes(Scale scale) {
            boolean quick = scale == Scale.QUICK;
            return switch (this) {
                case FLAGS -> quick ? List.of(10, 10_000) : List.of(10, 100, 1_000, 10_000);
                case ENVIRONMENTS -> quick ? List.of(FIRST_ENVIRONMENTS, 30) : List.of(FIRST_ENVIRONMENTS, 10, 100);
                case ENTRIES -> quick ? List.of(1_000, 20_000) : List.of(1_000, 10_000, 100_000, 1_000_000);
            };
        }
    }

    /** A server of one size, with an application. */
    private static final class Sized implements AutoCloseable {
        private final Program server;
        private final Subject subject;
        private final List<Double> killMs = new ArrayList<>();
        private final List<Double> writesPerSecond = new ArrayList<>();
        private int writes;

        Sized(Program server, Subject subject) {
            this.server = server;
            this.subject = subject;
        }

        void round() {
            for (int flag = 0; flag < KILLED_FLAGS; flag++) {
                killMs.add(subject.kill(flag));
            }
            subject.restoreAll();
            long startNanos = System.nanoTime();
            for (int i = 0; i < WRITES; i++) {
                server.touch("written", writes++);
            }
            writesPerSecond.add(WRITES * 1e9 / (System.nanoTime() - startNanos));
        }

        @Override
        public void close() {
            subject.close();
        }
    }

    @Override
    public String name() {
        return "scale";
    }

    @Override
    public String title() {
        return "Growth: with flags, environments and entries of the ledger";
    }

    @Override
    public Result run(Scale scale) {
        List<Result.Row> rows = new ArrayList<>();
        List<Result.Goal> goals = new ArrayList<>();
        List<Plot> plots = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            System.err.println("scale: " + kind.title);
            Map<Integer, Map<Figure, Sample>> figures = measure(kind, scale);
            figures.forEach((size, taken) -> taken.forEach((figure, sample) ->
                    rows.add(Result.Row.of(size + " " + kind.title + ": " + figure.title, figure.unit, sample))));
            plots.add(plot(kind, figures));
            if (kind == Kind.FLAGS) {
                goals.addAll(goals(figures));
            }
        }
        return Result.of(this, scale, rows, goals, scale == Scale.QUICK ? List.of() : plots);
    }

    private static List<Result.Goal> goals(Map<Integer, Map<Figure, Sample>> figures) {
        int least = Collections.min(figures.keySet());
        int most = Collections.max(figures.keySet());
        Sample patch = sample(figures, most, Figure.PATCH);
        return List.of(
                Result.Goal.atMost(
                        "kill to applied with " + most + " flags / with " + least,
                        sample(figures, most, Figure.KILL).medianOver(sample(figures, least, Figure.KILL)),
                        GOAL_KILL,
                        "×"),
                Result.Goal.atMost("a patch for one flag of " + most, patch.estimate(), GOAL_PATCH_KIB, " KiB"));
    }

    private static Sample sample(Map<Integer, Map<Figure, Sample>> figures, int size, Figure figure) {
        Sample sample = figures.getOrDefault(size, Map.of()).get(figure);
        if (sample == null) {
            throw new IllegalStateException(figure + " of " + size + ": not measured");
        }
        return sample;
    }

    private Map<Integer, Map<Figure, Sample>> measure(Kind kind, Scale scale) {
        int rounds = scale == Scale.QUICK ? 5 : 30;
        int warmUps = scale == Scale.QUICK ? 2 : 5;
        Map<Integer, Sized> servers = new LinkedHashMap<>();
        Map<Integer, Map<Figure, Sample>> figures = new LinkedHashMap<>();
        try {
            for (int size : kind.sizes(scale)) {
                Map<Figure, Sample> taken = new LinkedHashMap<>();
                servers.put(size, start(kind, size, scale, taken));
                figures.put(size, taken);
            }
            Random random = new Random(11);
            List<Sized> order = new ArrayList<>(servers.values());
            for (int round = -warmUps; round < rounds; round++) {
                Collections.shuffle(order, random);
                order.forEach(Sized::round);
                if (round == -1) {
                    order.forEach(one -> one.killMs.clear());
                    order.forEach(one -> one.writesPerSecond.clear());
                }
            }
            servers.forEach((size, one) -> {
                Map<Figure, Sample> taken = figures.getOrDefault(size, new LinkedHashMap<>());
                taken.put(Figure.KILL, Sample.of(one.killMs));
                taken.put(Figure.WRITES_PER_SECOND, Sample.of(one.writesPerSecond));
            });
        } finally {
            servers.values().forEach(Sized::close);
        }
        return figures;
    }

    private Sized start(Kind kind, int size, Scale scale, Map<Figure, Sample> taken) {
        Path data = folder.resolve("scale-" + kind + "-" + size);
        try (Program server = Program.start(jar, data, List.of())) {
            server.create("written");
            switch (kind) {
                case FLAGS -> importSplits(server, size);
                case ENVIRONMENTS -> environments(server, size);
                case ENTRIES -> {}
            }
        }
        if (kind == Kind.ENTRIES) {
            LongLedger.fill(data, size);
            try (Program server = Program.start(jar, data, List.of())) {
                server.awaitVersion(size);
            }
        }
        List<Double> readyMs = new ArrayList<>();
        for (int i = 0; i < (scale == Scale.QUICK ? 1 : 4); i++) {
            long startNanos = System.nanoTime();
            try (Program server = Program.start(jar, data, List.of())) {
                readyMs.add((server.readyNanos() - startNanos) / 1e6);
            }
        }
        Program server = Program.start(jar, data, List.of());
        taken.put(Figure.READY, Sample.of(readyMs));
        taken.put(Figure.PATCH, new Sample(patchKiB(server)));
        taken.put(Figure.HEAP, new Sample(server.liveHeapBytes() / 1_048_576.0));
        taken.put(Figure.RESIDENT, new Sample(Usage.residentBytes(server.pid()) / 1_048_576.0));
        Lock lock = Lock.ofSqlite("jdbc:sqlite:" + data.resolve("ledger.db"));
        return new Sized(server, new Subject(kind + " " + size, server, lock, KILLED_FLAGS));
    }

    private static void importSplits(Program server, int flags) {
        EvaluatedFlags evaluated = new EvaluatedFlags(server);
        for (int first = 0; first < flags; first += EvaluatedFlags.IN_ONE_DOCUMENT) {
            evaluated.importSplits("other-", first, Math.min(flags, first + EvaluatedFlags.IN_ONE_DOCUMENT));
        }
    }

    private static void environments(Program server, int count) {
        for (int i = FIRST_ENVIRONMENTS; i < count; i++) {
            server.send(server.post(
                    "/api/v1/environments",
                    Json.object()
                            .put("key", "environment-" + i)
                            .put("reason", "benchmark")
                            .build()));
        }
    }

    /** As a client gets it that is up to date. */
    private double patchKiB(Program server) {
        try (Worker client = Worker.start(
                StreamClients.class,
                folder.resolve("patch.log"),
                List.of("-XX:+UseSerialGC"),
                Integer.toString(server.address().getPort()),
                "127.0.0.2",
                "1",
                server.key("sdk"))) {
            client.hear();
            client.ask("arm");
            server.touch("written", 0);
            while (client.ask("heard").equals("0")) {
                Thread.onSpinWait();
            }
            return Integer.parseInt(client.ask("sizes").split(" ", -1)[1]) / 1_024.0;
        }
    }

    private static Plot plot(Kind kind, Map<Integer, Map<Figure, Sample>> figures) {
        List<Plot.Curve> curves = new ArrayList<>();
        for (Figure figure : Figure.values()) {
            List<Plot.Point> points = new ArrayList<>();
            figures.forEach((size, taken) -> {
                Sample sample = taken.get(figure);
                if (sample != null) {
                    points.add(new Plot.Point(size, sample.median()));
                }
            });
            curves.add(new Plot.Curve(figure.title + ", " + figure.unit, points));
        }
        return new Plot("scale-" + kind.title.split(" ", 2)[0], "With " + kind.title, kind.title, "", curves);
    }
}
