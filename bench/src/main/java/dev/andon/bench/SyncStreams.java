package dev.andon.bench;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpVersion;
import java.net.URI;
import java.util.List;

/** Streams of documents, as flagd's in-process clients keep them (gRPC over HTTP/2 in clear text). */
final class SyncStreams implements Crowd.Kind {
    /** Opens the port for them, without a key. */
    static final List<String> OPTIONS = List.of("--flagd-sync", "0", "--flagd-environment", "production");

    /** The empty message: not compressed, no bytes. */
    private static final Buffer EVERYTHING = Buffer.buffer(new byte[5]);

    /** Once nothing has changed for a second, everybody is sent once more what holds. */
    private static final int QUIET_MS = 1_500;

    private final int port;

    SyncStreams(Program server) {
        this.port = URI.create("grpc://" + server.ready("flagdSync").replaceFirst("^.*//", ""))
                .getPort();
    }

    @Override
    public int quietMs() {
        return QUIET_MS;
    }

    @Override
    public HttpClientOptions options(HttpClientOptions options) {
        return options.setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false)
                .setHttp2MultiplexingLimit(1);
    }

    @Override
    public Future<HttpClientResponse> send(HttpClientRequest request) {
        return request.putHeader("content-type", "application/grpc")
                .putHeader("te", "trailers")
                .send(EVERYTHING);
    }

    @Override
    public Where where() {
        return new Where(port, "POST", "/flagd.sync.v1.FlagSyncService/SyncFlags");
    }

    @Override
    public boolean news(byte[] bytes) {
        return true;
    }
}
