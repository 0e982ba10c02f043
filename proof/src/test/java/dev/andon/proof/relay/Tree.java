package dev.andon.proof.relay;

import dev.andon.core.evaluate.Context;
import dev.andon.core.json.Json;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.FaultProxy;
import dev.andon.proof.harness.Ports;
import dev.andon.proof.harness.Until;
import dev.andon.sdk.Andon;
import dev.andon.sdk.AndonOptions;
import dev.andon.server.AndonServer;
import dev.andon.server.ServerConfig;
import dev.andon.server.relay.RelayConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A server with a ledger and relays below it, each behind a network that may fail, and their clients. */
final class Tree {
    static final Duration SOON = Duration.ofSeconds(60);
    static final Context USER = Context.of("user-4711");

    private static final int HEARTBEAT_MS = 1_000;

    private final Path directory;
    private final List<AutoCloseable> open = new ArrayList<>();

    Tree(Path directory) {
        this.directory = directory;
    }

    /** One server, on one port and one folder through all its restarts. */
    final class Place {
        final String name;
        final int port = Ports.free();
        private final Optional<RelayConfig> relay;
        Optional<AndonServer> server = Optional.empty();

        private Place(String name, Optional<RelayConfig> relay) {
            this.name = name;
            this.relay = relay;
        }

        Place start() {
            ServerConfig config = ServerConfig.in(directory.resolve(name)).withAddress("127.0.0.1", port);
            config = config.withStreams(config.streams().withHeartbeatMs(HEARTBEAT_MS));
            config = relay.map(config::withRelay).orElse(config);
            server = Optional.of(AndonServer.start(config));
            return this;
        }

        void stop() {
            server.ifPresent(AndonServer::close);
            server = Optional.empty();
        }

        String node() {
            return server.orElseThrow().controlPlane().node();
        }
    }

    Place server(String name) {
        return keep(new Place(name, Optional.empty()));
    }

    Place relay(String name, RelayConfig config) {
        return keep(new Place(name, Optional.of(config)));
    }

    private Place keep(Place place) {
        open.add(place::stop);
        return place;
    }

    FaultProxy network(Place to) {
        FaultProxy proxy = new FaultProxy(to.port);
        open.add(proxy);
        return proxy;
    }

    /** The administrator, whose token is the first server's, at any. */
    Api operator(Place at, Place first) {
        return operator(at.port, first);
    }

    Api operator(int port, Place first) {
        try {
            String token = Files.readString(directory.resolve(first.name).resolve("admin.token"))
                    .strip();
            Api api = new Api(port, token);
            open.add(api);
            return api;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static RelayConfig fedBy(int port, String token, String region) {
        return new RelayConfig("http://127.0.0.1:" + port, token, region);
    }

    static String relayToken(Api at, String name) {
        return at.post(
                        "/api/v1/tokens",
                        Json.object().put("name", name).put("role", "relay").put("reason", "a region"))
                .expect(200, 201)
                .text("secret");
    }

    Andon client(String key, String instance, Place at) throws InterruptedException {
        return client(key, instance, List.of(at.port));
    }

    Andon client(String key, String instance, List<Integer> ports) throws InterruptedException {
        Andon andon = Andon.connect(AndonOptions.builder()
                .servers(ports.stream()
                        .map(port -> URI.create("http://127.0.0.1:" + port))
                        .toList())
                .key(key)
                .service("shop")
                .instance(instance)
                .closeOnExit(false)
                .build());
        open.add(andon);
        andon.awaitReady(SOON);
        return andon;
    }

    /** Waits until a node knows of so many clients, wherever they are connected, and of so many who vanished. */
    static void awaitClients(Api at, int connected, int vanished) {
        Until.accepted(
                connected + " clients are connected, and " + vanished + " vanished",
                SOON,
                () -> at.post(
                        "/api/v1/environments/production/kills?dryRun=true",
                        Json.object()
                                .put("target", Json.object().put("everything", true))
                                .put("reason", "looking")),
                rehearsed -> rehearsed.status() == 200
                        && rehearsed.whole("result.instances") == connected
                        && rehearsed.whole("result.unreachable") == vanished);
    }

    static void awaitOneEntry(Api at, String reason) {
        Until.accepted(
                "nothing is on its way to the ledger",
                SOON,
                () -> at.get("/health/ready").whole("pendingKills"),
                pending -> pending == 0);
        Until.accepted(reason + " is in the ledger once", SOON, () -> at.inLog(reason), count -> count == 1);
    }

    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }
}
