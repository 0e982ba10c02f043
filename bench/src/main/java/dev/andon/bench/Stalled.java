package dev.andon.bench;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * What a hundred clients that don't read cost the nine hundred that do, and the server: two servers with a thousand streams each, of
 * which one has the hundred. Kills come to both in random order within one run.
 */
final class Stalled implements Part {
    private static final int STREAMS = 1_000;
    private static final int STALLED = 100;
    private static final int READING = STREAMS - STALLED;
    private static final int FLAGS = 20;
    private static final int WARM_UP_ROUNDS = 5;

    /** Of rounds after which those that don't read get their fill again: the server cuts them off after a while. */
    private static final int BLOCK = 15;

    /** A server has this much, whatever its clients do. */
    private static final String HEAP = "-Xmx128m";

    private static final int FILL_CHANGES = 50;
    private static final int MOST_FILLS = 60;
    private static final double GOAL_RATIO = 1.5;
    private static final double GOAL_MIB = 10;

    private final String name;
    private final String title;
    private final Path jar;
    private final Path folder;
    private final List<String> options;
    private final Function<Program, Crowd.Kind> kind;

    /**
     * @param options of the server
     * @param kind of streams
     */
    Stalled(
            String name,
            String title,
            Path jar,
            Path folder,
            List<String> options,
            Function<Program, Crowd.Kind> kind) {
        this.name = name;
        this.title = title;
        this.jar = jar;
        this.folder = folder;
        this.options = options;
        this.kind = kind;
    }

    /** One of the two, with what was measured there. */
    private static final class Side implements AutoCloseable {
        private final Program server;
        private final Crowd crowd;
        private final List<Double> half = new ArrayList<>();
        private final List<Double> last = new ArrayList<>();
        private int next;

        Side(Program server, Crowd crowd) {
            this.server = server;
            this.crowd = crowd;
        }

        /** A kill, from the operator's request to those who read. */
        void kill(boolean counts) {
            String flag = "flag-" + next++ % FLAGS;
            crowd.quiet();
            long startNanos = System.nanoTime();
            CompletableFuture<HttpResponse<byte[]>> answer = server.begin(server.kill(flag));
            double[] heard = crowd.heard(READING, startNanos);
            if (counts) {
                Sample sample = new Sample(heard);
                half.add(sample.median());
                last.add(sample.max());
            }
            Program.answer(answer.join());
            server.restore(flag);
        }

        void change(int times) {
            for (int i = 0; i < times; i++) {
                server.touch("flag-0", i);
            }
        }

        @Override
        public void close() {
            crowd.close();
            server.close();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public Result run(Scale scale) {
        int blocks = switch (scale) {
            case QUICK -> 1;
            case FULL -> 4;
        };
        Random random = new Random(1);
        try (Side all = side("all-read", 0);
                Side some = side("some-stall", STALLED)) {
            for (int i = 0; i < WARM_UP_ROUNDS; i++) {
                all.kill(false);
                some.kill(false);
            }
            int fewest = STALLED;
            for (int block = 0; block < blocks; block++) {
                fill(all, some);
                List<Side> order = new ArrayList<>();
                Collections.nCopies(BLOCK, List.of(all, some)).forEach(order::addAll);
                Collections.shuffle(order, random);
                order.forEach(side -> side.kill(true));
                fewest = Math.min(fewest, some.crowd.heldUp());
            }
            return result(scale, all, some, fewest);
        }
    }

    private Side side(String data, int stalling) {
        Program server = Program.start(jar, folder.resolve(name + "-" + data), options, List.of(HEAP));
        for (int i = 0; i < FLAGS; i++) {
            server.create("flag-" + i);
        }
        return new Side(server, new Crowd(kind.apply(server), STREAMS - stalling, stalling));
    }

    /** Both have the same changes, until whoever doesn't read can't be sent anything more. */
    private static void fill(Side all, Side some) {
        for (int i = 0; some.crowd.heldUp() < STALLED; i++) {
            if (i == MOST_FILLS) {
                throw new IllegalStateException("stalled streams: " + some.crowd.heldUp() + " (expected: " + STALLED
                        + " after " + i * FILL_CHANGES + " changes)");
            }
            all.change(FILL_CHANGES);
            some.change(FILL_CHANGES);
        }
    }

    private Result result(Scale scale, Side all, Side some, int fewest) {
        Sample allHalf = Sample.of(all.half);
        Sample someHalf = Sample.of(some.half);
        Sample allLast = Sample.of(all.last);
        Sample someLast = Sample.of(some.last);
        double moreMiB = (some.server.liveHeapBytes() - all.server.liveHeapBytes()) / 1_048_576.0;
        Sample.Estimate half = someHalf.medianOver(allHalf);
        Sample.Estimate last = someLast.medianOver(allLast);
        return Result.of(
                this,
                scale,
                List.of(
                        Result.Row.of("all read; half of 900 have heard", allHalf),
                        Result.Row.of("100 stall; half of the others have heard", someHalf),
                        Result.Row.of("all read; 900 have heard", allLast),
                        Result.Row.of("100 stall; all others have heard", someLast)),
                List.of(
                        Result.Goal.atMost("100 stall / all read, half, p50", half, GOAL_RATIO, "×"),
                        Result.Goal.atMost("100 stall / all read, all others, p50", last, GOAL_RATIO, "×"),
                        Result.Goal.atMost(
                                "heap that 100 stalled streams keep (" + fewest + " were held up to the end)",
                                Sample.Estimate.of(moreMiB),
                                GOAL_MIB,
                                " MiB")));
    }
}
