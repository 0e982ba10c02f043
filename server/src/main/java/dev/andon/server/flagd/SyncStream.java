package dev.andon.server.flagd;

import dev.andon.server.http.GrpcCall;
import dev.andon.server.http.GrpcMessage;
import dev.andon.server.node.ForeignListener;
import java.util.Optional;

/** A client that evaluates by itself, and gets each document whole. */
final class SyncStream extends OpenStream {
    /** Some 10 µs for each byte is what Java's in-process client takes to read a document. */
    private static final int BYTES_IN_A_MS = 100;

    private static final long LEAST_PAUSE_MS = 20;
    private static final long MOST_PAUSE_MS = 1_000;
    private static final long MOST_KILL_PAUSE_MS = 100;

    private Optional<Feed.Published> newest = Optional.empty();

    private Optional<Feed.Published> underWay = Optional.empty();
    private Optional<Feed.Published> written = Optional.empty();

    SyncStream(
            GrpcCall call,
            View view,
            Streams streams,
            FlagdConfig config,
            Attendance attendance,
            ForeignListener.Client client) {
        super(
                call,
                view,
                streams,
                new Pacing.Tempo(LEAST_PAUSE_MS, MOST_PAUSE_MS, MOST_KILL_PAUSE_MS, config.settleMs(), 0),
                attendance,
                client);
    }

    void offered(Feed.Published published) {
        Optional<Feed.Published> before = newest;
        newest = Optional.of(published);
        if (before.isPresent() && before.get().message() == published.message()) {
            if (written.isPresent() && written.get().message() == published.message()) {
                sent(published.served());
            }
            return;
        }
        boolean kill =
                published.stops().exceed(before.map(Feed.Published::stops).orElse(Stops.NONE));
        offered(kill, published.message().bytes() / BYTES_IN_A_MS);
    }

    @Override
    GrpcMessage message(Pacing.Effect.Send how) {
        underWay = newest;
        return newest.orElseThrow().message();
    }

    @Override
    GrpcMessage keepAlive() {
        throw new IllegalStateException("keep-alive: (expected: none, the protocol has no word for it)");
    }

    @Override
    void written() {
        written = underWay;
        boolean still = newest.orElseThrow().message() == underWay.orElseThrow().message();
        sent((still ? newest : written).orElseThrow().served());
    }
}
