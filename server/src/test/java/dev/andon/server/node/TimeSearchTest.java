package dev.andon.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.image.Image;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which entry a time stands for, when entries' times rise, jump, or are those of kills that settled late. */
final class TimeSearchTest {
    private static final int LIMIT = 1_000_000;

    /** A ledger of nothing but times. */
    private record Times(List<Moment> all) implements History {
        @Override
        public List<Recorded> entries(long first, long last) {
            throw new UnsupportedOperationException("entries");
        }

        @Override
        public List<Moment> moments(long first, long last) {
            assertThat(last - first).isBetween(0L, MAX_ENTRIES - 1L);
            return all.subList((int) first - 1, (int) last);
        }

        @Override
        public Image imageAt(long version) {
            throw new UnsupportedOperationException("imageAt");
        }
    }

    private static Instant at(long second) {
        return Instant.ofEpochSecond(second);
    }

    /** Entries of these seconds; negative ones settle kills that were taken at that second. */
    private static Times times(int... seconds) {
        List<Moment> moments = new ArrayList<>();
        for (int second : seconds) {
            moments.add(new Moment(moments.size() + 1L, at(Math.abs(second)), second < 0));
        }
        return new Times(moments);
    }

    private static Sought seek(Times times, long second) {
        return new TimeSearch(times, at(second), LIMIT).from(times.all().size());
    }

    private static void assertReached(Times times, long second, long version) {
        assertThat(seek(times, second))
                .as("second " + second)
                .isEqualTo(new Sought.Reached(
                        times.all().get((int) version - 1),
                        version == times.all().size()
                                ? Optional.empty()
                                : Optional.of(times.all().get((int) version))));
    }

    @Test
    void aTimeStandsForTheNewestChangeAtOrBeforeIt() {
        Times times = times(10, 20, 20, 30);
        assertReached(times, 10, 1);
        assertReached(times, 19, 1);
        assertReached(times, 20, 3);
        assertReached(times, 29, 3);
        assertReached(times, 1_000, 4);
        assertThat(seek(times, 9)).isEqualTo(new Sought.BeforeAll(times.all().getFirst()));
    }

    @Test
    void aClockThatWentBackDoesNotHideWhatCameBeforeIt() {
        Times times = times(10, 50, 20, 60);
        assertReached(times, 10, 1);
        assertReached(times, 20, 3);
        assertReached(times, 55, 3);
        assertThat(seek(times, 9)).isEqualTo(new Sought.BeforeAll(times.all().getFirst()));
        assertThat(seek(times(30, 10, 40), 5)).isEqualTo(new Sought.BeforeAll(new Moment(2, at(10), false)));
    }

    @Test
    void aKillThatSettledLateDoesNotDateTheChangesBeforeIt() {
        Times times = times(10, 40, -20, 50);
        assertReached(times, 30, 1);
        assertReached(times, 40, 3);
        assertReached(times, 49, 3);
    }

    @Test
    void killsThatSettledRightAfterAndWereTakenByThenCount() {
        Times times = times(10, -12, -14, 20);
        assertReached(times, 11, 1);
        assertReached(times, 13, 2);
        assertReached(times, 15, 3);
        assertReached(times(10, -12), 15, 2);
        assertReached(times(10, -12, -30, -14), 15, 2);
    }

    @Test
    void theSearchHasAnEnd() {
        Times times = times(10, 20, 30, 40);
        assertThat(new TimeSearch(times, at(5), 3).from(4)).isEqualTo(new Sought.TooFar(new Moment(2, at(20), false)));
        assertThat(new TimeSearch(times, at(25), 3).from(4))
                .isEqualTo(new Sought.Reached(new Moment(2, at(20), false), Optional.of(new Moment(3, at(30), false))));
    }

    /** Against the definition, across the borders of what is read at a time. */
    @Test
    void theEntryIsTheOneThatTheDefinitionSays() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            int[] seconds = new int[1 + random.nextInt(seed % 10 == 0 ? 3_000 : 12)];
            for (int i = 0; i < seconds.length; i++) {
                int second = 1 + random.nextInt(20);
                seconds[i] = i > 0 && random.nextInt(3) == 0 ? -second : second;
            }
            Times times = times(seconds);
            for (int second = 0; second <= 21; second++) {
                long version = expected(seconds, second);
                if (version == 0) {
                    assertThat(seek(times, second)).as("seed " + seed).isInstanceOf(Sought.BeforeAll.class);
                } else {
                    assertReached(times, second, version);
                }
            }
        }
    }

    private static long expected(int[] seconds, int second) {
        int change = 0;
        for (int i = 0; i < seconds.length; i++) {
            if (seconds[i] > 0 && seconds[i] <= second) {
                change = i + 1;
            }
        }
        int last = change;
        while (change > 0 && last < seconds.length && seconds[last] < 0 && -seconds[last] <= second) {
            last++;
        }
        return last;
    }
}
