package dev.andon.bench;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.nio.charset.StandardCharsets;

/** Streams of server-sent events, as OFREP's clients in browsers keep them. */
final class EventStreams implements Crowd.Kind {
    private final int port;
    private final String path;

    /** Asks the server where its streams are, as a client does. */
    EventStreams(Program server) {
        this.port = server.address().getPort();
        String key = server.key("client");
        Fields all = Program.answer(server.begin(server.asHolderOf(
                        key, "/ofrep/v1/evaluate/flags", Json.object().build()))
                .join());
        this.path = all.objects(
                        "eventStreams", stream -> stream.object("endpoint").text("requestUri"))
                .getFirst();
    }

    @Override
    public int quietMs() {
        return 100;
    }

    @Override
    public HttpClientOptions options(HttpClientOptions options) {
        return options;
    }

    @Override
    public Future<HttpClientResponse> send(HttpClientRequest request) {
        return request.send();
    }

    @Override
    public Where where() {
        return new Where(port, "GET", path);
    }

    @Override
    public boolean news(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8).contains("data:");
    }
}
