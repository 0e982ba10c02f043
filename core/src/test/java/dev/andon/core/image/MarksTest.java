package dev.andon.core.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.model.KillId;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MarksTest {
    private static final List<String> JOURNALS = List.of("9f86d081", "0a1b2c3d");
    private static final int NUMBERS = 40;

    @Test
    void marks_agree_with_plain_sets_of_numbers() {
        for (long seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            Marks marks = Marks.NONE;
            Map<String, NavigableSet<Long>> model = new TreeMap<>();
            for (int step = 0; step < 25; step++) {
                String journal = JOURNALS.get(random.nextInt(2));
                long first = 1L + random.nextInt(NUMBERS);
                NavigableSet<Long> numbers = model.computeIfAbsent(journal, key -> new TreeSet<>());
                if (random.nextBoolean()) {
                    marks = marks.with(new KillId(journal, first));
                    numbers.add(first);
                } else {
                    long last = Math.min(NUMBERS, first + random.nextInt(6));
                    marks = marks.with(journal, first, last);
                    for (long number = first; number <= last; number++) {
                        numbers.add(number);
                    }
                }
                check(marks, model, "seed " + seed + ", step " + step);
            }
        }
    }

    private static void check(Marks marks, Map<String, NavigableSet<Long>> model, String what) {
        for (String journal : JOURNALS) {
            NavigableSet<Long> numbers = model.getOrDefault(journal, new TreeSet<>());
            for (long number = 1; number <= NUMBERS + 1; number++) {
                assertThat(marks.covers(new KillId(journal, number)))
                        .as("%s, %s-%d in %s", what, journal, number, marks)
                        .isEqualTo(numbers.contains(number));
            }
            assertThat(marks.highest(journal)).as(what).isEqualTo(numbers.isEmpty() ? 0 : numbers.last());
            List<Marks.Range> ranges = marks.ranges().getOrDefault(journal, List.of());
            for (int i = 1; i < ranges.size(); i++) {
                assertThat(ranges.get(i).first())
                        .as("%s: ranges apart by a number at least", what)
                        .isGreaterThan(ranges.get(i - 1).last() + 1);
            }
        }
    }

    @Test
    void the_order_of_settling_leaves_no_trace() {
        Marks one = Marks.NONE.with("9f86d081", 1, 3).with("9f86d081", 5, 5).with("9f86d081", 4, 4);
        Marks other = Marks.NONE.with(new KillId("9f86d081", 5)).with("9f86d081", 1, 4);

        assertThat(one).isEqualTo(other).hasSameHashCodeAs(other).hasToString("{9f86d081=[Range[first=1, last=5]]}");
    }

    @Test
    void the_largest_numbers_are_like_any_others() {
        long most = Long.MAX_VALUE;
        Marks marks = Marks.NONE
                .with("9f86d081", most - 1, most)
                .with("9f86d081", 1, 2)
                .with("9f86d081", most, most);

        assertThat(marks.ranges().get("9f86d081"))
                .containsExactly(new Marks.Range(1, 2), new Marks.Range(most - 1, most));
    }
}
