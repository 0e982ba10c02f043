package dev.andon.server.flagd;

import dev.andon.core.json.InvalidInput;
import dev.andon.server.http.GrpcLimits;
import java.util.List;
import java.util.OptionalInt;

/**
 * What is served to flagd's clients, and where. Immutable.
 *
 * @param evaluationPort of the service that evaluates; 0 for any that is free; closed unless set
 * @param syncPort of the service that hands out documents; likewise
 * @param environments open to clients without a key; the first one is meant where they select nothing
 * @param streams open at a time, at each port
 * @param settleMs for how long nothing changes after a burst until documents are sent again, at least
 * @param keepAliveMs between words on an event stream where nothing happens
 */
public record FlagdConfig(
        OptionalInt evaluationPort,
        OptionalInt syncPort,
        List<String> environments,
        int streams,
        int settleMs,
        int keepAliveMs,
        GrpcLimits grpc) {
    private static final int MOST_ENVIRONMENTS = 64;

    /** Closed. */
    public static final FlagdConfig OFF = new FlagdConfig(
            OptionalInt.empty(), OptionalInt.empty(), List.of(), 10_000, 1_000, 20_000, GrpcLimits.DEFAULT);

    public FlagdConfig {
        environments = List.copyOf(environments);
        if (environments.size() > MOST_ENVIRONMENTS) {
            throw new InvalidInput(
                    "flagdEnvironments", environments.size() + " of them", "at most " + MOST_ENVIRONMENTS);
        }
    }

    public FlagdConfig withEvaluation(int port) {
        return new FlagdConfig(OptionalInt.of(port), syncPort, environments, streams, settleMs, keepAliveMs, grpc);
    }

    public FlagdConfig withSync(int port) {
        return new FlagdConfig(
                evaluationPort, OptionalInt.of(port), environments, streams, settleMs, keepAliveMs, grpc);
    }

    public FlagdConfig withEnvironments(List<String> open) {
        return new FlagdConfig(evaluationPort, syncPort, open, streams, settleMs, keepAliveMs, grpc);
    }

    public FlagdConfig withStreams(int most) {
        return new FlagdConfig(evaluationPort, syncPort, environments, most, settleMs, keepAliveMs, grpc);
    }

    public FlagdConfig withTimes(int newSettleMs, int newKeepAliveMs) {
        return new FlagdConfig(evaluationPort, syncPort, environments, streams, newSettleMs, newKeepAliveMs, grpc);
    }

    public FlagdConfig withGrpc(GrpcLimits limits) {
        return new FlagdConfig(evaluationPort, syncPort, environments, streams, settleMs, keepAliveMs, limits);
    }

    boolean open() {
        return evaluationPort.isPresent() || syncPort.isPresent();
    }
}
