package dev.andon.core.stream;

/**
 * The times of a {@link ClientLink}, in milliseconds.
 *
 * @param openTimeoutMs for the connection to stand
 * @param welcomeTimeoutMs for the server to answer {@code hello}, and a request for a snapshot
 * @param settleMs silence after {@code welcome} that means that there is nothing new
 * @param silentHeartbeats heartbeat intervals without a sign of life after which a connection counts as lost
 * @param pollSilenceMs the same for long polls, whose answers are a sign of life
 * @param blindAfterMs without contact, from {@link LinkStatus.Contact#STALE} to {@link LinkStatus.Contact#BLIND}
 * @param stableMs being live, after which a lost connection counts as the first failure again
 * @param webSocketFailures attempts in a row that the network, not the server, seems to stop, before long polls are tried
 * @param webSocketRetryMs while long polls work, between attempts to get a WebSocket through
 * @param reportMs between reports
 * @param warnAgainMs before the same warning is given again
 */
public record LinkSettings(
        int openTimeoutMs,
        int welcomeTimeoutMs,
        int settleMs,
        int silentHeartbeats,
        int pollSilenceMs,
        int blindAfterMs,
        int stableMs,
        int webSocketFailures,
        int webSocketRetryMs,
        int reportMs,
        int warnAgainMs) {
    public static final LinkSettings DEFAULT =
            new LinkSettings(5_000, 5_000, 250, 3, 40_000, 30_000, 5_000, 3, 60_000, 1_000, 300_000);

    public LinkSettings withBlindAfterMs(int ms) {
        return new LinkSettings(
                openTimeoutMs,
                welcomeTimeoutMs,
                settleMs,
                silentHeartbeats,
                pollSilenceMs,
                ms,
                stableMs,
                webSocketFailures,
                webSocketRetryMs,
                reportMs,
                warnAgainMs);
    }

    public LinkSettings withWebSocketFailures(int attempts) {
        return new LinkSettings(
                openTimeoutMs,
                welcomeTimeoutMs,
                settleMs,
                silentHeartbeats,
                pollSilenceMs,
                blindAfterMs,
                stableMs,
                attempts,
                webSocketRetryMs,
                reportMs,
                warnAgainMs);
    }

    public LinkSettings withWebSocketRetryMs(int ms) {
        return new LinkSettings(
                openTimeoutMs,
                welcomeTimeoutMs,
                settleMs,
                silentHeartbeats,
                pollSilenceMs,
                blindAfterMs,
                stableMs,
                webSocketFailures,
                ms,
                reportMs,
                warnAgainMs);
    }

    public LinkSettings withReportMs(int ms) {
        return new LinkSettings(
                openTimeoutMs,
                welcomeTimeoutMs,
                settleMs,
                silentHeartbeats,
                pollSilenceMs,
                blindAfterMs,
                stableMs,
                webSocketFailures,
                webSocketRetryMs,
                ms,
                warnAgainMs);
    }
}
