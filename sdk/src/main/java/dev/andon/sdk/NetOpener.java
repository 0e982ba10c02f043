package dev.andon.sdk;

import dev.andon.core.stream.LinkEffect;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * Opens connections over the network: each to the server after the one before, the first to any, so that the processes of a
 * fleet are spread over the servers and leave one that is gone. Thread-safe.
 */
final class NetOpener implements Connection.Opener {
    private final List<Target> targets;
    private final AtomicInteger next;
    private final RandomGenerator random;

    private record Target(Dialer dialer, String headers) {}

    /** @param random may be used by several threads at once */
    NetOpener(AndonOptions options, RandomGenerator random) {
        this.targets = options.servers().stream()
                .map(server -> new Dialer(server, options))
                .map(dialer -> new Target(
                        dialer, "Host: " + dialer.host() + "\r\nAuthorization: Bearer " + options.key() + "\r\n"))
                .toList();
        this.next = new AtomicInteger(random.nextInt(targets.size()));
        this.random = random;
    }

    @Override
    public Connection open(long id, LinkEffect.Transport transport, Connection.Events events) {
        Target target = targets.get(next.getAndUpdate(at -> (at + 1) % targets.size()));
        return switch (transport) {
            case WEB_SOCKET -> WebSocketConnection.open(id, target.dialer(), target.headers(), random, events);
            case LONG_POLL -> PollConnection.open(id, target.dialer(), target.headers(), events);
        };
    }
}
