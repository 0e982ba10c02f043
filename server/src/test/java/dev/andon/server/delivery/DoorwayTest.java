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
    private static final String KEY = "key";

    @Test
    void asManyAsMayBeOnTheirWayAreLetIn() {
        Doorway doorway = new Doorway(4);
        for (String key : List.of("a", "a", "b", "b")) {
            assertThat(doorway.ask(key, 0)).isEmpty();
            doorway.enter(key);
        }
        assertThat(doorway.ask("c", 0)).contains(Duration.ofSeconds(1));
        doorway.free("a", 1);
        assertThat(doorway.ask("c", 1)).isEmpty();
        doorway.enter("c");
        assertThat(doorway.ask("a", 1)).isPresent();
    }

    @Test
    void oneKeysCrowdKeepsNobodyElseOut() {
        Doorway doorway = new Doorway(4);
        doorway.enter("crowd");
        doorway.enter("crowd");
        assertThat(doorway.ask("crowd", 0)).isPresent();
        assertThat(doorway.ask("other", 0)).isEmpty();
        doorway.free("crowd", 1);
        assertThat(doorway.ask("crowd", 1)).isEmpty();
    }

    @Test
    void nobodyIsSentAwayForLongerThanTheMostAndTheNextCrowdPaysNothingForTheLast() {
        Doorway doorway = new Doorway(2);
        doorway.enter(KEY);
        Duration last = Duration.ZERO;
        for (int i = 0; i < 100_000; i++) {
            last = doorway.ask(KEY, 0).orElseThrow();
        }
        assertThat(last).isEqualTo(Doorway.MAX_WAIT);
        doorway.free(KEY, 60_000);
        doorway.enter(KEY);
        assertThat(doorway.ask(KEY, 60_000)).contains(Duration.ofSeconds(1));
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
            assertThat(crowd.asked).as("%s a millisecond", perMs).isLessThan(5 * 10_000);
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
                    doorway.free(KEY, nowMs);
                    insideMs.add(nowMs);
                } else {
                    comes(coming.remove());
                }
            }
        }

        private void comes(double nowMs) {
            asked++;
            Optional<Duration> later = doorway.ask(KEY, nowMs);
            if (later.isPresent()) {
                double least = later.get().toMillis();
                coming.add(nowMs + least + random.nextDouble() * least / 2);
            } else {
                doorway.enter(KEY);
                busyUntilMs = Math.max(busyUntilMs, nowMs) + 1 / perMs;
                served.add(busyUntilMs);
            }
        }
    }
}
