package dev.andon.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RotationTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Test
    void goes_from_each_server_to_the_next() {
        Rotation rotation = new Rotation(3, 2);
        assertThat(rotation.next(0)).isEqualTo(2);
        assertThat(rotation.next(0)).isZero();
        assertThat(rotation.next(0)).isEqualTo(1);
        assertThat(rotation.next(0)).isEqualTo(2);
    }

    @Test
    void leaves_those_alone_that_asked_for_it_and_waits_for_nobody_else() {
        Rotation rotation = new Rotation(3, 0);
        assertThat(rotation.rest(0, 9_000, 0)).isZero();
        assertThat(rotation.next(0)).isEqualTo(1);
        assertThat(rotation.next(0)).isEqualTo(2);
        assertThat(rotation.next(0)).isEqualTo(1);
        assertThat(rotation.rest(1, 5_000, 0)).isZero();
        assertThat(rotation.next(SECOND)).isEqualTo(2);
        assertThat(rotation.rest(2, 7_000, SECOND)).isEqualTo(4_000);
        assertThat(rotation.next(5 * SECOND)).isEqualTo(1);
        assertThat(rotation.next(9 * SECOND)).isEqualTo(2);
        assertThat(rotation.next(9 * SECOND)).isZero();
    }

    @Test
    void when_all_ask_to_be_left_alone_the_first_that_may_be_asked_is_next() {
        Rotation rotation = new Rotation(2, 0);
        rotation.rest(0, 9_000, 0);
        assertThat(rotation.rest(1, 5_000, 0)).isEqualTo(5_000);
        assertThat(rotation.next(SECOND)).isEqualTo(1);
    }

    @Test
    void with_one_server_there_is_no_choice() {
        Rotation rotation = new Rotation(1, 0);
        assertThat(rotation.rest(0, 3_000, 0)).isEqualTo(3_000);
        assertThat(rotation.next(SECOND)).isZero();
        assertThat(rotation.next(SECOND)).isZero();
    }
}
