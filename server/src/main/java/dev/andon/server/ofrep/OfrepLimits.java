package dev.andon.server.ofrep;

import dev.andon.core.json.InvalidInput;
import java.util.List;
import java.util.OptionalInt;

/**
 * What clients by OFREP may do, and where.
 *
 * @param origins of the web pages whose scripts may read answers, such as {@code https://shop.example}; {@code *} for all
 * @param ratePerSecond evaluations and bulk evaluations that one key may ask for in the long run
 * @param burst how many of them at once
 * @param bodyBytes one request's body
 * @param streams event streams open at a time
 * @param heartbeatMs between comments on a stream where nothing happens
 * @param catchUpMs how long a bulk evaluation waits for the state that it asks for
 * @param ownPort where it is offered beside the main port, with nothing else; 0 for any that is free
 */
public record OfrepLimits(
        List<String> origins,
        int ratePerSecond,
        int burst,
        int bodyBytes,
        int streams,
        int heartbeatMs,
        int catchUpMs,
        OptionalInt ownPort) {
    private static final int MAX_PORT = 65_535;

    /** After a kill, the pages of all streams ask at once, perhaps with one key. */
    public static final OfrepLimits DEFAULT =
            new OfrepLimits(List.of(), 10_000, 20_000, 64 << 10, 10_000, 15_000, 2_000, OptionalInt.empty());

    public OfrepLimits {
        origins = List.copyOf(origins);
        for (String origin : origins) {
            if (!origin.equals("*") && !origin.matches("https?://[^/\\s,*]+")) {
                throw new InvalidInput("origin", origin, "scheme, host and port, such as https://shop.example, or *");
            }
        }
        if (ratePerSecond < 1 || burst < 1) {
            throw new InvalidInput("rate", ratePerSecond + ", " + burst + " at once", "at least 1");
        }
        if (ownPort.isPresent() && (ownPort.getAsInt() < 0 || ownPort.getAsInt() > MAX_PORT)) {
            throw new InvalidInput("ownPort", "" + ownPort.getAsInt(), "0 to " + MAX_PORT);
        }
    }

    public OfrepLimits withOrigins(List<String> allowed) {
        return new OfrepLimits(allowed, ratePerSecond, burst, bodyBytes, streams, heartbeatMs, catchUpMs, ownPort);
    }

    /** So many requests in a second, and twice as many at once. */
    public OfrepLimits withRate(int perSecond) {
        return new OfrepLimits(origins, perSecond, 2 * perSecond, bodyBytes, streams, heartbeatMs, catchUpMs, ownPort);
    }

    public OfrepLimits withStreams(int most) {
        return new OfrepLimits(origins, ratePerSecond, burst, bodyBytes, most, heartbeatMs, catchUpMs, ownPort);
    }

    public OfrepLimits withOwnPort(int port) {
        return new OfrepLimits(
                origins, ratePerSecond, burst, bodyBytes, streams, heartbeatMs, catchUpMs, OptionalInt.of(port));
    }

    public OfrepLimits withHeartbeatMs(int ms) {
        return new OfrepLimits(origins, ratePerSecond, burst, bodyBytes, streams, ms, catchUpMs, ownPort);
    }
}
