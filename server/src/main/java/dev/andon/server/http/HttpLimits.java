package dev.andon.server.http;

/**
 * How much the edge takes on, so that no client can take it all.
 *
 * @param bodyBytes one request's body
 * @param bufferedBytes the bodies of all requests under way
 * @param underWay requests being worked on
 * @param connections open connections, streams included
 * @param headerBytes one request's headers
 * @param targetBytes one request's first line
 * @param firstRequestMs from accepting a connection to its first request's last header
 * @param betweenRequestsMs from an answer to the next request's last header
 * @param bodyMs from a request's last header to its body's end
 * @param answerMs for a client to take an answer
 */
public record HttpLimits(
        int bodyBytes,
        long bufferedBytes,
        int underWay,
        int connections,
        int headerBytes,
        int targetBytes,
        int firstRequestMs,
        int betweenRequestsMs,
        int bodyMs,
        int answerMs) {
    public static final HttpLimits DEFAULT =
            new HttpLimits(4 << 20, 128L << 20, 1_024, 16_384, 16 << 10, 8 << 10, 10_000, 75_000, 30_000, 60_000);
}
