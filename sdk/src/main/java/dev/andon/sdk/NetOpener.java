package dev.andon.sdk;

import dev.andon.core.stream.LinkEffect;
import java.util.random.RandomGenerator;

/** Opens connections over the network. */
final class NetOpener implements Connection.Opener {
    private final Dialer dialer;
    private final String headers;
    private final RandomGenerator random;

    /** @param random may be used by several threads at once */
    NetOpener(AndonOptions options, RandomGenerator random) {
        this.dialer = new Dialer(options);
        this.headers = "Host: " + dialer.host() + "\r\nAuthorization: Bearer " + options.key() + "\r\n";
        this.random = random;
    }

    @Override
    public Connection open(long id, LinkEffect.Transport transport, Connection.Events events) {
        return switch (transport) {
            case WEB_SOCKET -> WebSocketConnection.open(id, dialer, headers, random, events);
            case LONG_POLL -> PollConnection.open(id, dialer, headers, events);
        };
    }
}
