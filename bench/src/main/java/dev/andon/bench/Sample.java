package dev.andon.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Figures of one kind, taken in one run. Immutable. */
final class Sample {
    private static final int RESAMPLES = 2_000;
    private static final double TAIL = 0.025;

    private final double[] sorted;

    Sample(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("values: none (expected: at least one)");
        }
        this.sorted = values.clone();
        Arrays.sort(sorted);
    }

    int size() {
        return sorted.length;
    }

    /** Nearest rank. */
    double percentile(double percent) {
        int rank = (int) Math.ceil(percent / 100 * sorted.length);
        return sorted[Math.max(0, rank - 1)];
    }

    double median() {
        return percentile(50);
    }

    double max() {
        return sorted[sorted.length - 1];
    }

    /** An estimate, and the interval that holds it in 95 of 100 runs. */
    record Estimate(double value, double low, double high) {
        /** Of something that was measured once. */
        static Estimate of(double value) {
            return new Estimate(value, value, value);
        }
    }

    static Sample of(List<Double> values) {
        return new Sample(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** These figures over another's, pair by pair in the order of the rounds that took them: what drifts during a run cancels out. */
    static Sample ratios(List<Double> above, List<Double> below) {
        int pairs = Math.min(above.size(), below.size());
        double[] ratios = new double[pairs];
        for (int i = 0; i < pairs; i++) {
            ratios[i] = above.get(i) / below.get(i);
        }
        return new Sample(ratios);
    }

    /** The median; its interval by bootstrap, as below. */
    Estimate estimate() {
        Random random = new Random(4_711);
        double[] medians = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            medians[i] = resampled(random).median();
        }
        Sample spread = new Sample(medians);
        return new Estimate(median(), spread.percentile(100 * TAIL), spread.percentile(100 * (1 - TAIL)));
    }

    /** This median over another's; the interval by bootstrap (Efron 1979, percentile method), the same for the same figures. */
    Estimate medianOver(Sample other) {
        Random random = new Random(4_711);
        double[] ratios = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            ratios[i] = resampled(random).median() / other.resampled(random).median();
        }
        Sample spread = new Sample(ratios);
        return new Estimate(
                median() / other.median(), spread.percentile(100 * TAIL), spread.percentile(100 * (1 - TAIL)));
    }

    private Sample resampled(Random random) {
        double[] drawn = new double[sorted.length];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = sorted[random.nextInt(sorted.length)];
        }
        return new Sample(drawn);
    }
}
