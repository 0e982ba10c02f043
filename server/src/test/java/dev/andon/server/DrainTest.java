package dev.andon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.HeldState;
import dev.andon.flagd.sync.v1.SyncFlagsResponse;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server's way out of service. */
class DrainTest {
    private static final Duration LONG = Duration.ofHours(1);

    @TempDir
    private Path folder;

    private FlagdFixture flagd;
    private final List<StreamClient> clients = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        flagd = new FlagdFixture(folder);
    }

    @AfterEach
    void close() {
        clients.forEach(StreamClient::close);
        flagd.close();
    }

    private StreamClient connect(String instance) {
        StreamClient client = StreamClient.connect(flagd.server.uri(), flagd.server.key(), "shop", instance);
        clients.add(client);
        return client;
    }

    private ApiClient.Answer ready() {
        return flagd.api.get("/health/ready");
    }

    @Test
    void whileItDrainsItIsntReadyAndTakesNoNewStreamsAndStopsAllTheSame() throws Exception {
        StreamClient there = connect("a");
        await().until(() -> there.state().hasImage());
        assertThat(ready().status()).isEqualTo(200);
        Thread draining = Thread.ofVirtual().start(() -> {
            try {
                flagd.server.server().drain(LONG);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            await().until(() -> ready().status() == 503);
            assertThat(ready().body()).contains("\"draining\":true").contains("draining, serving");
            // It may be refused before it has said anything.
            StreamClient late =
                    StreamClient.silent(flagd.server.uri(), flagd.server.key(), "shop", "b", HeldState.EMPTY);
            clients.add(late);
            await().until(() -> late.received().stream()
                    .anyMatch(frame -> frame instanceof Frame.Refused refused
                            && refused.code().equals(Frame.Refused.SHUTTING_DOWN)));
            KillId kill = KillId.parse("id", flagd.kill("bool"));
            await().until(() -> there.obeys(kill));
            assertThat(draining.isAlive()).isTrue();
        } finally {
            draining.interrupt();
            draining.join();
        }
    }

    @Test
    void streamsOfEveryProtocolAreLetGo() throws Exception {
        List<StreamClient> many = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            many.add(connect("i" + i));
        }
        GrpcClient.Stream documents = flagd.documents(100);
        documents.next(SyncFlagsResponse.parser());
        GrpcClient.Stream events = flagd.events(FlagdFixture.V2);
        many.forEach(client -> await().until(() -> client.state().hasImage()));
        flagd.server.server().drain(Duration.ofMillis(300));
        many.forEach(client -> await().until(client::closed));
        for (GrpcClient.Stream stream : List.of(documents, events)) {
            await().until(() -> stream.status() != null);
            assertThat(stream.status().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        }
        assertThat(ready().status()).as("requests are served to the end").isEqualTo(503);
    }
}
