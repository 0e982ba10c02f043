package dev.andon.cli.demo;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Lets time pass and shows the shop's traffic meanwhile. Used by one thread. */
final class Pulse {
    private static final long STEP_MS = 100;
    private static final int HISTORY = 20;
    private static final String BARS = "▁▂▃▄▅▆▇█";

    private final Screen screen;
    private final Traffic traffic;
    private final Fleet fleet;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Deque<Double> failureShares = new ArrayDeque<>();
    private int steps;

    Pulse(Screen screen, Traffic traffic, Fleet fleet, InstantSource clock, LongSupplier nanoTime) {
        this.screen = screen;
        this.traffic = traffic;
        this.fleet = fleet;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** The last second. */
    Traffic.Second now() {
        return traffic.before(Moments.now(clock));
    }

    void watch(Duration time) {
        var _ = await(time, () -> false, this::shop);
    }

    /** Waits until something holds; fails if it doesn't in time. */
    void require(Duration longest, BooleanSupplier holds, Supplier<DemoFailure> otherwise) {
        require(longest, holds, this::shop, otherwise);
    }

    /** @param line what to show meanwhile */
    void require(Duration longest, BooleanSupplier holds, Supplier<String> line, Supplier<DemoFailure> otherwise) {
        if (!await(longest, holds, line)) {
            throw otherwise.get();
        }
    }

    /** Whether something came to hold in time. */
    private boolean await(Duration longest, BooleanSupplier holds, Supplier<String> line) {
        long start = nanoTime.getAsLong();
        while (!holds.getAsBoolean()) {
            if (nanoTime.getAsLong() - start > longest.toNanos()) {
                return false;
            }
            fleet.dead().ifPresent(service -> {
                throw new DemoFailure(DemoFailure.DEFECT, service);
            });
            screen.live(line.get(), nanoTime.getAsLong());
            pause();
        }
        return true;
    }

    /** How the shop does. */
    private String shop() {
        Traffic.Second second = now();
        if (steps++ % 2 == 0) {
            failureShares.addLast(second.failureShare());
            if (failureShares.size() > HISTORY) {
                failureShares.removeFirst();
            }
        }
        return String.format(
                        Locale.ROOT,
                        "%4d requests/s   new checkout %3.0f %%   errors %4.1f %%  %s",
                        second.requests(),
                        100 * second.unsafeShare(),
                        100 * second.failureShare(),
                        screen.redraws() ? bars() : "")
                .stripTrailing();
    }

    private String bars() {
        StringBuilder bars = new StringBuilder();
        for (double share : failureShares) {
            int height = (int) Math.ceil(Math.min(1, 2 * share) * (BARS.length() - 1));
            bars.append(BARS.charAt(height));
        }
        return bars.toString();
    }

    private static void pause() {
        try {
            Thread.sleep(STEP_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoFailure(DemoFailure.DEFECT, "interrupted");
        }
    }
}
