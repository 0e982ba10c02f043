package dev.andon.proof.harness;

/**
 * How large the scenarios are. {@code mvn verify} runs each at a size that fits two cores and two minutes; the profile
 * {@code nightly} sets {@code andon.proof.size=full}.
 */
public final class Sizes {
    public static final boolean FULL =
            System.getProperty("andon.proof.size", "small").equals("full");

    private Sizes() {}

    public static int of(int small, int full) {
        return FULL ? full : small;
    }
}
