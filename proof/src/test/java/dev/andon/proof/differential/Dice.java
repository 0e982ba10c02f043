package dev.andon.proof.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Chance, the same for the same seed. */
final class Dice {
    private final Random random;

    Dice(long seed) {
        random = new Random(seed);
    }

    boolean percent(int percent) {
        return random.nextInt(100) < percent;
    }

    /** 0 to {@code bound}, without {@code bound}. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    <T> T one(List<T> items) {
        return items.get(random.nextInt(items.size()));
    }

    <T> List<T> some(int least, int most, Supplier<T> item) {
        List<T> items = new ArrayList<>();
        for (int i = least + random.nextInt(most - least + 1); i > 0; i--) {
            items.add(item.get());
        }
        return items;
    }
}
