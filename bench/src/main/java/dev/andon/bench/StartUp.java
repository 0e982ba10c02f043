package dev.andon.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * From the order to start a server to its being ready, with a short ledger and a long one, with the JDK's cache of loaded classes and
 * without. Starts of all four come in random order within one run. And what a server weighs that has nothing to do.
 */
final class StartUp implements Part {
    private static final double GOAL_READY_MS = 1_000;
    private static final double GOAL_RESIDENT_MIB = 150;
    private static final int IDLE_SECONDS = 10;

    private final Path jar;
    private final Path folder;

    StartUp(Path jar, Path folder) {
        this.jar = jar;
        this.folder = folder;
    }

    /** A way to start: on which data, with which flags for the JVM. */
    private record Start(String title, Path data, List<String> flags) {}

    @Override
    public String name() {
        return "startup";
    }

    @Override
    public String title() {
        return "Start-up: from the order to ready, and what an idle server weighs";
    }

    @Override
    public Result run(Scale scale) {
        int entries = scale == Scale.QUICK ? 20_000 : 1_000_000;
        int starts = scale == Scale.QUICK ? 3 : 20;
        Path small = prepared("startup-short", 0);
        Path large = prepared("startup-long", entries);
        Path cache = folder.resolve("server.aot");
        List<String> cached = List.of("-XX:AOTCache=" + cache, "-Xlog:disable");
        train(cache);
        List<Start> all = List.of(
                new Start("a few entries, without a cache", small, List.of()),
                new Start("a few entries, with the JDK's cache", small, cached),
                new Start(entries + " entries, without a cache", large, List.of()),
                new Start(entries + " entries, with the JDK's cache", large, cached));
        Map<Start, List<Double>> readyMs = new LinkedHashMap<>();
        all.forEach(one -> readyMs.put(one, new ArrayList<>()));
        List<Start> order = new ArrayList<>();
        Collections.nCopies(starts, all).forEach(order::addAll);
        Collections.shuffle(order, new Random(7));
        for (Start one : order) {
            readyMs.computeIfAbsent(one, key -> new ArrayList<>()).add(readyMs(one));
        }
        List<Result.Row> rows = new ArrayList<>();
        readyMs.forEach((one, times) -> rows.add(Result.Row.of(one.title, Sample.of(times))));
        List<Double> residentMiB = new ArrayList<>();
        for (int i = 0; i < (scale == Scale.QUICK ? 1 : 5); i++) {
            residentMiB.add(idleMiB(small));
        }
        rows.add(Result.Row.of(
                "resident memory after " + IDLE_SECONDS + " s with nothing to do", "MiB", Sample.of(residentMiB)));
        Start usual = all.getLast();
        return Result.of(
                this,
                scale,
                rows,
                List.of(
                        Result.Goal.atMost(
                                "ready, " + usual.title,
                                Sample.of(readyMs.getOrDefault(usual, List.of()))
                                        .estimate(),
                                GOAL_READY_MS,
                                " ms"),
                        Result.Goal.atMost(
                                "resident memory of an idle server",
                                Sample.of(residentMiB).estimate(),
                                GOAL_RESIDENT_MIB,
                                " MiB")));
    }

    /** The server has seen its ledger, as one has that wrote it. */
    private Path prepared(String name, long entries) {
        Path data = folder.resolve(name);
        try (Program server = Program.start(jar, data, List.of())) {
            server.create("flag");
        }
        LongLedger.fill(data, entries);
        try (Program server = Program.start(jar, data, List.of())) {
            server.awaitVersion(entries);
        }
        return data;
    }

    /** As ./andon does when it builds. */
    private void train(Path cache) {
        Program.start(jar, folder.resolve("startup-training"), List.of(), List.of("-XX:AOTCacheOutput=" + cache))
                .close();
        if (!Files.exists(cache)) {
            throw new IllegalStateException(cache + ": not made (expected: the JVM makes it when it ends)");
        }
    }

    private double readyMs(Start one) {
        long startNanos = System.nanoTime();
        try (Program server = Program.start(jar, one.data, List.of(), one.flags)) {
            return (server.readyNanos() - startNanos) / 1e6;
        }
    }

    private double idleMiB(Path data) {
        try (Program server = Program.start(jar, data, List.of())) {
            TimeUnit.SECONDS.sleep(IDLE_SECONDS);
            return Usage.residentBytes(server.pid()) / 1_048_576.0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
