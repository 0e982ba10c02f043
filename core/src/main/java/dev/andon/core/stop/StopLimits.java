package dev.andon.core.stop;

/**
 * Times and sizes of a node's kill path.
 *
 * @param journalPatienceMs how long a kill waits for the journal before it goes out without
 * @param retryMs how long settling waits after a first failure; doubles with every further one
 * @param maxRetryMs but never longer than this
 * @param batch how many kills settle in one append
 * @param batchChars how long their entries may be together, unless it is one alone
 * @param unverified how many kills that can't be verified yet are kept, to be tried again when the node learns more
 * @param unverifiedChars and how long they may be altogether
 */
public record StopLimits(
        long journalPatienceMs,
        long retryMs,
        long maxRetryMs,
        int batch,
        int batchChars,
        int unverified,
        long unverifiedChars) {
    public static final StopLimits DEFAULT = new StopLimits(250, 50, 2_000, 100, 1 << 21, 1_000, 16 << 20);
}
