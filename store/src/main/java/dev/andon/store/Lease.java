package dev.andon.store;

import java.time.Duration;

/**
 * Who may do what one node alone is to do, as the store answered.
 *
 * @param holder who has it; empty while nobody may, as after a fail-over
 * @param token differs between any two holders of a name, and is larger for the later one
 * @param left for how long from the answer on, by the store's clock
 */
public record Lease(String name, String holder, long token, Duration left) {
    public boolean isHeldBy(String somebody) {
        return holder.equals(somebody);
    }
}
