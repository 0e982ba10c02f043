package dev.andon.server.http;

/**
 * How much a port for gRPC takes on.
 *
 * @param messageBytes a request's message
 * @param connections open at a time
 * @param calls under way, those that go on for as long as the client stays included
 * @param callsOfConnection the same of one connection
 * @param waitingBytesOfConnection of answers that the client of one connection hasn't read
 * @param waitingBytes the same of all connections
 * @param requestMs for a request to arrive once it has begun
 * @param takeSeconds for a client to take the end of what was sent
 * @param pingMs how often a connection is asked whether it lives
 * @param silentMs after which a connection that says nothing, not even that it lives, is closed
 */
public record GrpcLimits(
        int messageBytes,
        int connections,
        int calls,
        int callsOfConnection,
        int waitingBytesOfConnection,
        long waitingBytes,
        int requestMs,
        int takeSeconds,
        int pingMs,
        int silentMs) {
    public static final GrpcLimits DEFAULT =
            new GrpcLimits(64 << 10, 10_000, 20_000, 256, 4 << 20, 256 << 20, 10_000, 60, 20_000, 60_000);

    public GrpcLimits withMessageBytes(int most) {
        return new GrpcLimits(
                most,
                connections,
                calls,
                callsOfConnection,
                waitingBytesOfConnection,
                waitingBytes,
                requestMs,
                takeSeconds,
                pingMs,
                silentMs);
    }

    public GrpcLimits withConnections(int most) {
        return new GrpcLimits(
                messageBytes,
                most,
                calls,
                callsOfConnection,
                waitingBytesOfConnection,
                waitingBytes,
                requestMs,
                takeSeconds,
                pingMs,
                silentMs);
    }

    public GrpcLimits withWaitingBytes(int ofConnection, long ofAll) {
        return new GrpcLimits(
                messageBytes,
                connections,
                calls,
                callsOfConnection,
                ofConnection,
                ofAll,
                requestMs,
                takeSeconds,
                pingMs,
                silentMs);
    }

    public GrpcLimits withPatience(int newRequestMs, int newPingMs, int newSilentMs) {
        return new GrpcLimits(
                messageBytes,
                connections,
                calls,
                callsOfConnection,
                waitingBytesOfConnection,
                waitingBytes,
                newRequestMs,
                takeSeconds,
                newPingMs,
                newSilentMs);
    }
}
