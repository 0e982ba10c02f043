package dev.andon.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A crowd at the door. */
class DoorwayTest {
    private static final int MOST = 256;

    @Test
    void asManyAsMayBeOnTheirWayAreLetIn() {
        Doorway doorway = new Doorway(2);
        assertThat(doorway.enter(0)).isEmpty();
        assertThat(doorway.enter(0)).isEmpty();
        assertThat(doorway.enter(0)).contains(Duration.ofSeconds(1));
        doorway.entered(1);
        assertThat(doorway.enter(1)).isEmpty();
        doorway.left();
        assertThat(doorway.enter(2)).isEmpty();
        assertThat(doorway.enter(2)).isPresent();
    }

    @Test
    void nobodyIsSentAwayForLongerThanTheMost() {
        Doorway doorway = new Doorway(1);
        doorway.enter(0);
        Duration last = Duration.ZERO;
        for (int i = 0; i < 100_000; i++) {
            last = doorway.enter(0).orElseThrow();
        }
        assertThat(last).isEqualTo(Doorway.MAX_WAIT);
    }

    /** Ten thousand, of which the server can take so many a second: nearly all of that time it is busy, and few come often. */
    @Test
    void aCrowdComesInAsFastAsItCan() {
        for (double perMs : List.of(0.5, 1.0, 2.0, 8.0)) {
            Crowd crowd = new Crowd(10_000, perMs);
            crowd.run();
            double leastMs = 10_000 / perMs;
            assertThat(Collections.max(crowd.insideMs))
                    .as("%s a millisecond", perMs)
                    .isLessThan(1.7 * leastMs + 3_000);
            assertThat(crowd.asked).as("%s a millisecond", perMs).isLessThan(4 * 10_000);
        }
    }

    /** Clients as they are: spread over their first wait, back when they were asked to be, and up to half as long again. */
    private static final class Crowd {
        private static final double FIRST_WAIT_MS = 1_500;

        private final Random random = new Random(1);
        private final Doorway doorway = new Doorway(MOST);
        private final PriorityQueue<Double> coming = new PriorityQueue<>();
        private final PriorityQueue<Double> served = new PriorityQueue<>();
        private final double perMs;
        private final List<Double> insideMs = new ArrayList<>();
        private double busyUntilMs;
        private int asked;

        Crowd(int size, double perMs) {
            this.perMs = perMs;
            for (int i = 0; i < size; i++) {
                coming.add(random.nextDouble() * FIRST_WAIT_MS);
            }
        }

        void run() {
            while (!coming.isEmpty() || !served.isEmpty()) {
                if (coming.isEmpty() || (!served.isEmpty() && served.peek() <= coming.peek())) {
                    double nowMs = served.remove();
                    doorway.entered(nowMs);
                    insideMs.add(nowMs);
                } else {
                    comes(coming.remove());
                }
            }
        }

        private void comes(double nowMs) {
            asked++;
            Optional<Duration> later = doorway.enter(nowMs);
            if (later.isPresent()) {
                double least = later.get().toMillis();
                coming.add(nowMs + least + random.nextDouble() * least / 2);
            } else {
                busyUntilMs = Math.max(busyUntilMs, nowMs) + 1 / perMs;
                served.add(busyUntilMs);
            }
        }
    }
}
