package dev.andon.proof.harness;

import dev.andon.server.AndonServer;
import dev.andon.server.ServerConfig;
import dev.andon.server.relay.RelayConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A server in a process of its own, which ends when its standard input does. The options that a test may want to differ
 * are system properties.
 *
 * <p>Arguments: data directory, port, and the store's address unless it is SQLite.
 */
final class ServerMain {
    /** Milliseconds between heartbeats of streams. */
    static final String HEARTBEAT = "proof.heartbeatMs";

    /** Milliseconds for which an instance that vanished counts as unreachable. */
    static final String REMEMBER = "proof.rememberMs";

    /** Where the other servers on its ledger reach it. */
    static final String ADVERTISE = "proof.advertise";

    /** Milliseconds within which it lets its streams go when it is asked to end. */
    static final String DRAIN = "proof.drainMs";

    /** Whoever feeds it, if it is a relay; with the token that it shows, and where it is. */
    static final String UPSTREAM = "proof.upstream";

    static final String TOKEN = "proof.token";
    static final String REGION = "proof.region";

    private ServerMain() {}

    public static void main(String[] arguments) throws IOException {
        ServerConfig config =
                ServerConfig.in(Path.of(arguments[0])).withAddress("127.0.0.1", Integer.parseInt(arguments[1]));
        if (arguments.length > 2) {
            config = config.withStore(arguments[2]);
        }
        int heartbeatMs = Integer.getInteger(HEARTBEAT, config.streams().heartbeatMs());
        config = config.withStreams(config.streams().withHeartbeatMs(heartbeatMs));
        long rememberMs = Long.getLong(REMEMBER, config.remember().toMillis());
        config = config.withRemember(Duration.ofMillis(rememberMs));
        String address = System.getProperty(ADVERTISE);
        if (address != null) {
            config = config.withPeers(config.peers().withAdvertise(address));
        }
        String upstream = System.getProperty(UPSTREAM);
        if (upstream != null) {
            config = config.withRelay(new RelayConfig(upstream, System.getProperty(TOKEN), System.getProperty(REGION)));
        }
        AndonServer server = AndonServer.start(config);
        Duration drain = Duration.ofMillis(Long.getLong(DRAIN, 0));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server, drain), "close"));
        System.out.println("ready");
        Leash.hold();
    }

    private static void end(AndonServer server, Duration drain) {
        try (server) {
            if (drain.isPositive()) {
                server.drain(drain);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
