package dev.andon.server.node;

/**
 * Times and sizes of a node.
 *
 * @param answerMs how long a change waits for the ledger
 * @param stuckMs after which a call of the store that hasn't come back counts as one that won't
 * @param retryMs how often a store that was lost is tried again
 * @param startMs how long a start waits for the store where there is nothing on disk to go on with
 * @param queuedChanges how many changes may wait at a time
 * @param snapshotEntries after how many entries an image goes into the store
 */
public record NodeLimits(
        long answerMs, long stuckMs, long retryMs, long startMs, int queuedChanges, int snapshotEntries) {
    public static final NodeLimits DEFAULT = new NodeLimits(10_000, 2_000, 250, 15_000, 1_000, 1_000);
}
