package dev.andon.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SampleTest {

    @Test
    void percentiles_are_of_the_nearest_rank() {
        Sample sample = new Sample(5, 1, 4, 2, 3, 10, 9, 8, 7, 6);
        assertThat(sample.median()).isEqualTo(5);
        assertThat(sample.percentile(99)).isEqualTo(10);
        assertThat(sample.percentile(1)).isEqualTo(1);
        assertThat(sample.max()).isEqualTo(10);
        assertThatThrownBy(Sample::new).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void the_interval_of_a_ratio_holds_it_and_says_when_there_is_no_difference() {
        Random random = new Random(1);
        Sample one = new Sample(random.doubles(300, 9, 11).toArray());
        Sample same = new Sample(random.doubles(300, 9, 11).toArray());
        Sample twice = new Sample(random.doubles(300, 18, 22).toArray());

        Sample.Estimate none = same.medianOver(one);
        assertThat(none.low()).isLessThan(1);
        assertThat(none.high()).isGreaterThan(1);
        Sample.Estimate doubled = twice.medianOver(one);
        assertThat(doubled.low()).isLessThan(2).isGreaterThan(1.9);
        assertThat(doubled.high()).isGreaterThan(2).isLessThan(2.1);
        assertThat(twice.medianOver(one)).isEqualTo(doubled);
    }
}
