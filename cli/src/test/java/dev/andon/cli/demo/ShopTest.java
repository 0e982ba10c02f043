package dev.andon.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.demo.Shop.Flags;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ShopTest {
    private static final long SECOND = 1_000_000;
    private static final long SEED = 17;

    /** The share of failures in the last of so many seconds at 50 requests a second. */
    private static double failures(Shop shop, double onePageShare, int seconds, long from) {
        SplittableRandom random = new SplittableRandom(SEED);
        int failed = 0;
        for (int second = 0; second < seconds; second++) {
            failed = 0;
            for (int i = 0; i < 50; i++) {
                boolean onePage = random.nextDouble() < onePageShare;
                failed += shop.handle(new Flags(onePage, 0), from + second * SECOND + i * SECOND / 50) ? 0 : 1;
            }
        }
        return failed / 50.0;
    }

    private static Shop shop(boolean leaks) {
        return new Shop(new SplittableRandom(SEED), leaks, 0);
    }

    @Test
    void aTenthOfTheTrafficDoesNoHarmAndAllOfItDoes() {
        Shop shop = shop(true);
        assertThat(failures(shop, 0.1, 30, 0)).as("seed " + SEED).isZero();
        assertThat(failures(shop, 0.5, 3, 30 * SECOND)).as("seed " + SEED).isZero();
        assertThat(failures(shop, 1, 4, 33 * SECOND)).as("seed " + SEED).isGreaterThan(0.7);
        assertThat(failures(shop, 0, 1, 37 * SECOND)).as("seed " + SEED).isZero();
    }

    @Test
    void otherServicesHaveNoSuchBug() {
        assertThat(failures(shop(false), 1, 30, 0)).as("seed " + SEED).isZero();
    }
}
