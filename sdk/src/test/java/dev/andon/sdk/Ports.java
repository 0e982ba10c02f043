package dev.andon.sdk;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for listeners that go away and come back. They lie below the range from which the kernel takes ports for
 * outgoing connections: from that range, a client that retries against a closed port on the same machine would sooner
 * or later be given that very port and connect to itself.
 */
final class Ports {
    private static final int LOWEST = 15_000;
    private static final int BELOW = 32_000;
    private static final int TRIES = 200;

    private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

    private Ports() {}

    /** A port of the loopback interface on which nobody listens, and that was given to nobody in this process. */
    static int free() {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, BELOW);
            if (!GIVEN.add(port)) {
                continue;
            }
            try (ServerSocket probe = new ServerSocket()) {
                probe.setReuseAddress(true);
                probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (IOException e) {
                // somebody's: try another
            }
        }
        throw new IllegalStateException("port: none free from " + LOWEST + " to " + BELOW);
    }
}
