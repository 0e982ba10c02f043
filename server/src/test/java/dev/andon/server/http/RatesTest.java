package dev.andon.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RatesTest {
    private final AtomicLong nanos = new AtomicLong();
    private final Rates rates = new Rates(10, 20, nanos::get);

    private int taken(String key, int tries) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            if (rates.take(key).isEmpty()) {
                taken++;
            }
        }
        return taken;
    }

    @Test
    void aKeyMayAskForItsBurstAtOnceAndForItsRateFromThenOn() {
        assertThat(taken("a", 100)).isEqualTo(20);
        assertThat(rates.take("a")).hasValue(1);
        nanos.addAndGet(1_000_000_000);
        assertThat(taken("a", 100)).isEqualTo(10);
        nanos.addAndGet(3_600_000_000_000L);
        assertThat(taken("a", 100)).as("no more than the burst is saved").isEqualTo(20);
    }

    @Test
    void aKeyTakesNothingFromOthers() {
        assertThat(taken("a", 100)).isEqualTo(20);
        assertThat(taken("b", 100)).isEqualTo(20);
    }
}
