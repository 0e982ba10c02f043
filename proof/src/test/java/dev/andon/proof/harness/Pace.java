package dev.andon.proof.harness;

/**
 * How fast this machine is at the moment, as something plain shows that waits for nothing. What is promised on a machine with
 * nothing else to do may take some times that more.
 */
public record Pace(long plainMs) {
    private static final int TIMES = 5;

    /** So long at most, here and now. */
    public long most(long promisedMs) {
        return promisedMs + TIMES * plainMs;
    }
}
