package dev.andon.server.instance;

/** A sum over the last few minutes, in slots of time that are numbered by whoever adds. Not thread-safe. */
final class Window {
    static final int SLOT_SECONDS = 10;

    /** So many slots count, the one that isn't over yet included. */
    static final int SLOTS = 30;

    private final long[] sums = new long[SLOTS];
    private long newest;

    void add(long slot, long number) {
        moveTo(slot);
        sums[(int) (slot % SLOTS)] += number;
    }

    long sum(long slot) {
        moveTo(slot);
        long sum = 0;
        for (long one : sums) {
            sum += one;
        }
        return sum;
    }

    private void moveTo(long slot) {
        for (long passed = Math.max(newest + 1, slot - SLOTS + 1); passed <= slot; passed++) {
            sums[(int) (passed % SLOTS)] = 0;
        }
        newest = Math.max(newest, slot);
    }
}
