package dev.andon.core.stream;

import java.util.random.RandomGenerator;

/**
 * When a node dials another one next: at once at first, then after a wait with full jitter, for ever. Not thread-safe.
 */
public final class Redial {
    private final BackOff backOff;
    private long dueMs;
    private boolean dialling;

    /** @param nowMs from a clock that never goes back, as in all of its methods */
    public Redial(RandomGenerator random, long nowMs) {
        this.backOff = new BackOff(random);
        this.dueMs = nowMs;
    }

    /** Whether it is time, and no connection is there or on its way. */
    public boolean due(long nowMs) {
        return !dialling && nowMs >= dueMs;
    }

    public void dialled() {
        dialling = true;
    }

    /** The link stands: the next wait begins anew. */
    public void linked() {
        backOff.reset();
    }

    /** @param answered whether somebody was there and refused, who gets more rest */
    public void ended(boolean answered, long nowMs) {
        dialling = false;
        dueMs = nowMs + backOff.nextMs(answered ? BackOff.Kind.BUSY : BackOff.Kind.ABSENT, 0);
    }
}
