package dev.andon.bench;

import dev.andon.core.json.Fields;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;

/**
 * A kill on its way to many native streams, beside what the machine can do: a server on raw Netty that writes the same bytes to as many
 * connections. Kills with clients that acknowledge, kills with clients that don't, and the reference's broadcasts come in random order
 * within one run.
 */
final class FanOut implements Part {
    /** The server's compilers are done with what a kill needs by then. */
    private static final int WARM_UP_ROUNDS = 15;

    /** With fewer streams, what any kill costs is most of it. */
    private static final int LEAST_JUDGED = 1_000;

    private static final int QUIET_MS = 200;
    private static final int HEAP_READINGS = 3;
    private static final long PATIENCE_NANOS = 120_000_000_000L;
    private static final List<String> CLIENT = List.of("-XX:+UseSerialGC", "-Xmx400m");

    private static final double GOAL_COMPLETION = 1.4;
    private static final double GOAL_CPU = 1.5;
    private static final double GOAL_ACKS = 0.5;
    private static final double GOAL_HEAP_KIB = 12;

    private final Path jar;
    private final Path folder;

    FanOut(Path jar, Path folder) {
        this.jar = jar;
        this.folder = folder;
    }

    private enum Kind {
        ACKNOWLEDGED("Andon, acknowledged"),
        UNACKNOWLEDGED("Andon, clients that don't acknowledge"),
        REFERENCE("raw Netty");

        private final String title;

        Kind(String title) {
            this.title = title;
        }
    }

    /** What a round of one kind took. */
    private static final class Taken {
        private final List<Double> halfMs = new ArrayList<>();
        private final List<Double> lastMs = new ArrayList<>();
        private final List<Double> cpuMs = new ArrayList<>();
    }

    /** Streams from several processes, each with a source address of its own. */
    private static final class Clients implements AutoCloseable {
        private static final int PROCESSES = 2;

        private final List<Worker> workers = new ArrayList<>();
        private final int count;

        Clients(Path folder, String name, int firstSource, int port, int count, String key) {
            this.count = count;
            int processes = Math.min(PROCESSES, count);
            for (int i = 0; i < processes; i++) {
                int share = count / processes + (i < count % processes ? 1 : 0);
                workers.add(Worker.start(
                        StreamClients.class,
                        folder.resolve(name + "-clients-" + i + ".log"),
                        CLIENT,
                        Integer.toString(port),
                        "127.0.0." + (firstSource + i),
                        Integer.toString(share),
                        key));
            }
            workers.forEach(Worker::hear);
        }

        void all(String order) {
            workers.forEach(worker -> worker.order(order));
            workers.forEach(Worker::hear);
        }

        void awaitQuiet() {
            await("quiet", () -> workers.stream().allMatch(worker -> Long.parseLong(worker.ask("quiet")) > QUIET_MS));
        }

        void awaitHeard() {
            await(
                    "all hear",
                    () -> workers.stream()
                                    .mapToLong(worker -> Long.parseLong(worker.ask("heard")))
                                    .sum()
                            == count);
        }

        /** When each heard it, in milliseconds since a moment. */
        Sample times(long sinceNanos) {
            List<Double> times = new ArrayList<>();
            for (Worker worker : workers) {
                for (String nanos : worker.ask("times").split(" ", -1)) {
                    times.add((Long.parseLong(nanos) - sinceNanos) / 1e6);
                }
            }
            return Sample.of(times);
        }

        /** How long a kill was, and what followed it. */
        List<String> sizes() {
            return List.of(workers.getFirst().ask("sizes").split(" ", -1));
        }

        @Override
        public void close() {
            workers.forEach(Worker::close);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        long startNanos = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - startNanos > PATIENCE_NANOS) {
                throw new IllegalStateException(what + ": not within " + PATIENCE_NANOS / 1_000_000_000 + " s");
            }
            try {
                TimeUnit.MILLISECONDS.sleep(5);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }

    @Override
    public String name() {
        return "fanout";
    }

    @Override
    public String title() {
        return "Fan-out: a kill to many native streams, beside raw Netty writing the same bytes";
    }

    @Override
    public Result run(Scale scale) {
        List<Integer> sizes = switch (scale) {
            case QUICK -> List.of(1_000);
            case FULL -> List.of(1, 10, 100, 1_000, 5_000, 10_000);
        };
        int rounds = switch (scale) {
            case QUICK -> 12;
            case FULL -> 40;
        };
        List<Result.Row> rows = new ArrayList<>();
        List<Result.Goal> goals = new ArrayList<>();
        Map<Kind, List<Plot.Point>> completion = new EnumMap<>(Kind.class);
        Map<Kind, List<Plot.Point>> processor = new EnumMap<>(Kind.class);
        for (int streams : sizes) {
            try (Field field = new Field(streams)) {
                Map<Kind, Taken> taken = field.measure(rounds);
                field.report(taken, rows, goals);
                taken.forEach((kind, figures) -> {
                    completion
                            .computeIfAbsent(kind, key -> new ArrayList<>())
                            .add(new Plot.Point(
                                    streams, Sample.of(figures.lastMs).median()));
                    processor
                            .computeIfAbsent(kind, key -> new ArrayList<>())
                            .add(new Plot.Point(
                                    streams, Sample.of(figures.cpuMs).median()));
                });
            }
        }
        List<Plot> plots = sizes.size() == 1
                ? List.of()
                : List.of(
                        plot("fanout-completion", "Kill to the last stream", "ms", completion),
                        plot("fanout-processor", "The server's processor time for a kill", "ms", processor));
        return Result.of(this, scale, rows, goals, plots);
    }

    private static Plot plot(String name, String title, String up, Map<Kind, List<Plot.Point>> points) {
        List<Plot.Curve> curves = new ArrayList<>();
        points.forEach((kind, line) -> curves.add(new Plot.Curve(kind.title, line)));
        return new Plot(name, title, "streams", up, curves);
    }

    /** Both servers with so many streams each. */
    private final class Field implements AutoCloseable {
        private final int streams;
        private final Program server;
        private final Worker reference;
        private final Clients ours;
        private final Clients theirs;
        private final double heapKiB;
        private final double residentKiB;
        private final Map<Kind, Taken> taken = new EnumMap<>(Kind.class);
        private final List<Double> ackHalfMs = new ArrayList<>();
        private final List<Double> ackLastMs = new ArrayList<>();

        Field(int streams) {
            this.streams = streams;
            this.server = Program.start(jar, folder.resolve("fanout-" + streams), List.of());
            server.create("flag");
            long heap = leastHeapBytes();
            long resident = Usage.residentBytes(server.pid());
            this.ours = new Clients(folder, "ours", 2, server.address().getPort(), streams, server.key("sdk"));
            ours.awaitQuiet();
            this.heapKiB = (leastHeapBytes() - heap) / 1_024.0 / streams;
            this.residentKiB = (Usage.residentBytes(server.pid()) - resident) / 1_024.0 / streams;
            this.reference = Worker.start(ReferenceServer.class, folder.resolve("reference.log"), List.of(), "stream");
            this.theirs = new Clients(folder, "theirs", 4, Integer.parseInt(reference.hear()), streams, "none");
        }

        /** A save of the list of instances holds as much again for a moment. */
        private long leastHeapBytes() {
            return LongStream.generate(server::liveHeapBytes)
                    .limit(HEAP_READINGS)
                    .min()
                    .orElseThrow();
        }

        Map<Kind, Taken> measure(int rounds) {
            Random random = new Random(streams);
            for (int i = 0; i < WARM_UP_ROUNDS; i++) {
                for (Kind kind : Kind.values()) {
                    round(kind);
                }
            }
            taken.clear();
            ackHalfMs.clear();
            ackLastMs.clear();
            List<Kind> order = new ArrayList<>();
            Collections.nCopies(rounds, List.of(Kind.values())).forEach(order::addAll);
            Collections.shuffle(order, random);
            order.forEach(this::round);
            return taken;
        }

        private void round(Kind kind) {
            Taken figures = taken.computeIfAbsent(kind, key -> new Taken());
            switch (kind) {
                case ACKNOWLEDGED, UNACKNOWLEDGED -> kill(kind, figures);
                case REFERENCE -> broadcast(figures);
            }
        }

        private void kill(Kind kind, Taken figures) {
            boolean acks = kind == Kind.ACKNOWLEDGED;
            ours.awaitQuiet();
            ours.all(acks ? "acks" : "silence");
            ours.all("arm");
            long cpuNanos = Usage.cpuNanos(server.pid());
            long startNanos = System.nanoTime();
            CompletableFuture<HttpResponse<byte[]>> answer = server.begin(server.kill("flag"));
            ours.awaitHeard();
            ours.awaitQuiet();
            figures.cpuMs.add((Usage.cpuNanos(server.pid()) - cpuNanos) / 1e6);
            Sample times = ours.times(startNanos);
            figures.halfMs.add(times.median());
            figures.lastMs.add(times.max());
            String kill = Program.answer(answer.join()).text("id");
            if (acks) {
                Fields receipt = server.get("/api/v1/kills/" + kill).object("receipt");
                ackHalfMs.add(receipt.number("p50Ms"));
                ackLastMs.add(receipt.number("maxMs"));
            }
            ours.all("acks");
            server.restore("flag");
        }

        /** The kill's bytes to everyone, and at once those of the state that follows it. */
        private void broadcast(Taken figures) {
            theirs.awaitQuiet();
            theirs.all("arm");
            List<String> sizes = ours.sizes();
            long cpuNanos = Usage.cpuNanos(reference.pid());
            long startNanos = System.nanoTime();
            sizes.forEach(reference::order);
            theirs.awaitHeard();
            theirs.awaitQuiet();
            figures.cpuMs.add((Usage.cpuNanos(reference.pid()) - cpuNanos) / 1e6);
            Sample times = theirs.times(startNanos);
            figures.halfMs.add(times.median());
            figures.lastMs.add(times.max());
        }

        void report(Map<Kind, Taken> all, List<Result.Row> rows, List<Result.Goal> goals) {
            String of = " of " + streams;
            for (Map.Entry<Kind, Taken> entry : all.entrySet()) {
                String title = entry.getKey().title;
                Taken figures = entry.getValue();
                rows.add(Result.Row.of(title + ": half" + of + " have it", Sample.of(figures.halfMs)));
                rows.add(Result.Row.of(title + ": the last" + of + " has it", Sample.of(figures.lastMs)));
                rows.add(Result.Row.of(title + ": server's CPU for " + streams, Sample.of(figures.cpuMs)));
            }
            rows.add(Result.Row.of("taken to half" + of + " acknowledged", Sample.of(ackHalfMs)));
            rows.add(Result.Row.of("taken to the last" + of + " acknowledged", Sample.of(ackLastMs)));
            if (streams < LEAST_JUDGED) {
                return;
            }
            rows.add(Result.Row.of("heap for one stream of " + streams, "KiB", new Sample(heapKiB)));
            rows.add(Result.Row.of("resident memory for one stream of " + streams, "KiB", new Sample(residentKiB)));
            Taken acknowledged = taken(Kind.ACKNOWLEDGED);
            Taken silent = taken(Kind.UNACKNOWLEDGED);
            Taken reference = taken(Kind.REFERENCE);
            List<Double> added = new ArrayList<>();
            for (int i = 0; i < silent.cpuMs.size(); i++) {
                added.add(acknowledged.cpuMs.get(i) - silent.cpuMs.get(i));
            }
            for (Kind kind : List.of(Kind.UNACKNOWLEDGED, Kind.ACKNOWLEDGED)) {
                goals.add(Result.Goal.atMost(
                        "kill to the last" + of + ", " + (kind == Kind.ACKNOWLEDGED ? "" : "not ")
                                + "acknowledged / raw Netty",
                        Sample.ratios(taken(kind).lastMs, reference.lastMs).estimate(),
                        GOAL_COMPLETION,
                        "×"));
            }
            goals.add(Result.Goal.atMost(
                    "server's CPU for " + streams + ", not acknowledged / raw Netty",
                    Sample.ratios(silent.cpuMs, reference.cpuMs).estimate(),
                    GOAL_CPU,
                    "×"));
            goals.add(Result.Goal.atMost(
                    "CPU that acks of " + streams + " add / broadcast",
                    Sample.ratios(added, silent.cpuMs).estimate(),
                    GOAL_ACKS,
                    "×"));
            goals.add(Result.Goal.atMost(
                    "heap for one stream of " + streams, Sample.Estimate.of(heapKiB), GOAL_HEAP_KIB, " KiB"));
        }

        private Taken taken(Kind kind) {
            Taken figures = taken.get(kind);
            if (figures == null) {
                throw new IllegalStateException(kind + ": not measured");
            }
            return figures;
        }

        @Override
        public void close() {
            ours.close();
            theirs.close();
            reference.close();
            server.close();
        }
    }
}
