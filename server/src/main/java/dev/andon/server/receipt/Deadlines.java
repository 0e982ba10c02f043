package dev.andon.server.receipt;

/**
 * When receipts say their last word.
 *
 * @param graceMs after they were proven: what was in flight is reported within a second or two
 * @param deadlineMs after the kill went out, proven or not
 */
public record Deadlines(long graceMs, long deadlineMs) {
    public static final Deadlines DEFAULT = new Deadlines(3_000, 300_000);

    long graceNanos() {
        return graceMs * 1_000_000;
    }

    long deadlineNanos() {
        return deadlineMs * 1_000_000;
    }
}
