package dev.andon.sdk;

import dev.andon.core.stream.Frame;
import dev.andon.core.stream.LinkEffect;
import dev.andon.core.stream.LinkInput;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Opens connections over the network: each to the server after the one before, the first to any, so that the processes of a
 * fleet are spread over the servers and leave one that is gone, or that asks to be left alone. Thread-safe.
 */
final class NetOpener implements Connection.Opener {
    private final List<Target> targets;
    private final Rotation rotation;
    private final RandomGenerator random;
    private final LongSupplier nanoTime;

    private record Target(Dialer dialer, String headers) {}

    /** @param random may be used by several threads at once */
    NetOpener(AndonOptions options, RandomGenerator random, LongSupplier nanoTime) {
        this.targets = options.servers().stream()
                .map(server -> new Dialer(server, options))
                .map(dialer -> new Target(
                        dialer, "Host: " + dialer.host() + "\r\nAuthorization: Bearer " + options.key() + "\r\n"))
                .toList();
        this.rotation = new Rotation(targets.size(), random.nextInt(targets.size()));
        this.random = random;
        this.nanoTime = nanoTime;
    }

    @Override
    public Connection open(long id, LinkEffect.Transport transport, Connection.Events events) {
        int server = rotation.next(nanoTime.getAsLong());
        Target target = targets.get(server);
        Connection.Events heard = (input, taken) -> events.tell(resting(server, input), taken);
        return switch (transport) {
            case WEB_SOCKET -> WebSocketConnection.open(id, target.dialer(), target.headers(), random, heard);
            case LONG_POLL -> PollConnection.open(id, target.dialer(), target.headers(), heard);
        };
    }

    /** The rest that one server asks for is the link's only as far as there is no other server. */
    private LinkInput resting(int server, LinkInput input) {
        if (input instanceof LinkInput.Closed closed
                && closed.cause() instanceof LinkInput.Status status
                && status.retryAfterMs() > 0) {
            long leastMs = rotation.rest(server, status.retryAfterMs(), nanoTime.getAsLong());
            return new LinkInput.Closed(closed.connection(), new LinkInput.Status(status.code(), leastMs));
        }
        if (input instanceof LinkInput.Received received
                && received.frame() instanceof Frame.Refused refused
                && refused.retryAfterMs() > 0) {
            long leastMs = rotation.rest(server, refused.retryAfterMs(), nanoTime.getAsLong());
            return new LinkInput.Received(
                    received.connection(), new Frame.Refused(refused.code(), refused.detail(), leastMs));
        }
        return input;
    }
}
