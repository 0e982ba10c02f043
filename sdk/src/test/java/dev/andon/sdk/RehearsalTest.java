package dev.andon.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.Reason;
import org.junit.jupiter.api.Test;

class RehearsalTest {
    @Test
    void goesTheWholeWayOfAKill() {
        assertThat(Rehearsal.run().reason()).isEqualTo(Reason.KILLED);
        assertThat(Rehearsal.run().variant()).isEqualTo("off");
    }
}
