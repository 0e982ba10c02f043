package dev.andon.cli.demo;

import java.util.random.RandomGenerator;

/**
 * One instance of a service at work. Its new checkout has a bug: it takes a connection from a pool for each order and
 * forgets to give it back; only a time-out reclaims it. A tenth of the traffic does no harm, all of it soon does. Not
 * thread-safe.
 */
final class Shop {
    private static final int POOL = 80;
    private static final long RECLAIM_MICROS = 100_000;
    private static final int WORK_ROUNDS = 2_000;

    /**
     * What the flags say for one request.
     *
     * @param onePage whether the new checkout is on
     * @param failureShare which share of requests is made to fail
     */
    record Flags(boolean onePage, double failureShare) {}

    private final RandomGenerator random;
    private final boolean leaks;
    private long free = POOL;
    private long reclaimedAt;
    private long work;

    /** @param leaks whether this service is where the bug is */
    Shop(RandomGenerator random, boolean leaks, long nowMicros) {
        this.random = random;
        this.leaks = leaks;
        this.reclaimedAt = nowMicros;
    }

    /** Handles one request; says whether it succeeded. */
    boolean handle(Flags flags, long nowMicros) {
        for (int i = 0; i < WORK_ROUNDS; i++) {
            work = work * 6_364_136_223_846_793_005L + i;
        }
        reclaim(nowMicros);
        if (random.nextDouble() < flags.failureShare()) {
            return false;
        }
        if (!flags.onePage() || !leaks) {
            return true;
        }
        if (free == 0) {
            return false;
        }
        free--;
        return true;
    }

    private void reclaim(long nowMicros) {
        long reclaimed = (nowMicros - reclaimedAt) / RECLAIM_MICROS;
        if (reclaimed > 0) {
            free = Math.min(POOL, free + reclaimed);
            reclaimedAt += reclaimed * RECLAIM_MICROS;
        }
    }

    /** Keeps the work from being optimised away. */
    long work() {
        return work;
    }
}
