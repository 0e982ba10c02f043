package dev.andon.server.delivery;

/**
 * Times and sizes of streams.
 *
 * @param heartbeatMs between the server's pings; three without an answer end a stream
 * @param streams how many may be open at a time, long polls included
 * @param joining how many may be on their way in at a time, until they have acknowledged what there is; long polls aside
 * @param queueBytes how much may wait in one stream's outgoing queue before states are held back
 * @param pollWaitMs how long a poll waits for news
 * @param retryMs when a client that is turned away should come back
 */
public record StreamLimits(int heartbeatMs, int streams, int joining, int queueBytes, int pollWaitMs, int retryMs) {
    public static final StreamLimits DEFAULT = new StreamLimits(5_000, 10_000, 256, 64 << 10, 25_000, 5_000);

    public StreamLimits withHeartbeatMs(int ms) {
        return new StreamLimits(ms, streams, joining, queueBytes, pollWaitMs, retryMs);
    }

    public StreamLimits withStreams(int most) {
        return new StreamLimits(heartbeatMs, most, joining, queueBytes, pollWaitMs, retryMs);
    }

    public StreamLimits withJoining(int most) {
        return new StreamLimits(heartbeatMs, streams, most, queueBytes, pollWaitMs, retryMs);
    }
}
