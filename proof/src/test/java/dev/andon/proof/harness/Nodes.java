package dev.andon.proof.harness;

import dev.andon.core.json.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Several servers, each a process of its own, on one ledger. For one thread. */
public final class Nodes implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final List<Server> servers = new ArrayList<>();
    private final List<Api> apis = new ArrayList<>();

    /**
     * Not yet started.
     *
     * @param store where the server of this number finds the ledger
     */
    public Nodes(Path directory, int count, IntFunction<String> store) {
        for (int i = 0; i < count; i++) {
            Server server = new Server(directory.resolve("node-" + i), store.apply(i));
            servers.add(server.advertise(server.port()));
        }
    }

    /** Starts the first one, which makes the administrator's token, and then the others at once. */
    public void start() {
        servers.getFirst().start();
        List<Server> others = servers.subList(1, servers.size());
        others.forEach(Server::launch);
        others.forEach(Server::awaitReady);
        String token = servers.getFirst().adminToken();
        servers.forEach(server -> apis.add(new Api(server.port(), token)));
    }

    public Server server(int number) {
        return servers.get(number);
    }

    /** The administrator at the server of this number. */
    public Api api(int number) {
        return apis.get(number);
    }

    public List<Api> apis() {
        return List.copyOf(apis);
    }

    /** Waits until every server is linked to all others. */
    public void awaitLinks() {
        for (Api api : apis) {
            Until.accepted(
                    "the node is linked to all others",
                    SOON,
                    () -> api.get("/health/ready").expect(200).items("peers").stream()
                            .filter(peer -> Answer.at(peer, "connected").equals(Json.of(true)))
                            .count(),
                    linked -> linked == servers.size() - 1);
        }
    }

    /** Waits until every server is connected to the ledger and has what the furthest of them has; gives that version. */
    public long awaitAgreement() {
        return Until.accepted(
                        "all nodes have the same ledger",
                        SOON,
                        () -> apis.stream()
                                .map(api -> api.get("/health/ready").expect(200))
                                .map(ready -> ready.text("store.state").equals("connected")
                                        ? ready.whole("image.version")
                                        : -1)
                                .distinct()
                                .toList(),
                        versions -> versions.size() == 1 && versions.getFirst() > 0)
                .getFirst();
    }

    @Override
    public void close() {
        apis.forEach(Api::close);
        servers.forEach(Server::close);
    }
}
