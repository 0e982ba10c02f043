package dev.andon.server.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.image.Image;
import dev.andon.core.image.Provenance;
import dev.andon.core.model.KillId;
import dev.andon.server.node.Bookkeeper;
import dev.andon.server.node.ForeignListener.Client;
import dev.andon.server.node.ForeignListener.Room;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.ForeignListener.Stream;
import dev.andon.server.node.Presence;
import dev.andon.server.node.Protocol;
import dev.andon.server.node.Recorder;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is noted of clients that ask thousands of times a second, and of streams that come and go. */
class ForeignersTest {
    private static final String PRODUCTION = "production";
    private static final Room ROOM = new Room(true, "key");
    private static final Client SHOP =
            new Client(new InstanceKey(PRODUCTION, "shop", "a"), Protocol.OFREP, "agent/1", true, ROOM);
    private static final Served BEFORE = served(Set.of());
    private static final Served KILLED = served(Set.of(new KillId("9f86d081", 1)));

    private final AtomicLong nanos = new AtomicLong(17);
    private final Bookkeeper books = new Bookkeeper();
    private final Told told = new Told();
    private Path folder;
    private Instances instances;

    @BeforeEach
    void open(@TempDir Path directory) {
        folder = directory;
        books.start();
        instances = instances();
    }

    private Instances instances() {
        Instances made = new Instances(
                books,
                folder,
                Duration.ofMinutes(10),
                () -> Image.EMPTY,
                environment -> Optional.of(KILLED),
                new Recorder(1, 1, nanos::get),
                () -> Instant.EPOCH,
                nanos::get);
        made.add(told);
        return made;
    }

    @AfterEach
    void close() {
        instances.close();
        books.close();
    }

    private static Served served(Set<KillId> pending) {
        return new Served(new Provenance("ledger", 1, 1), pending, Set.of());
    }

    private List<String> told() {
        return books.ask(() -> List.copyOf(told.lines));
    }

    private void ask(Served served) {
        instances.foreign().asked(SHOP, served, nanos.get());
    }

    @Test
    void whoAsksAgainAndAgainIsNotedOnceUntilItHearsSomethingElse() {
        for (int i = 0; i < 10_000; i++) {
            ask(BEFORE);
        }
        assertThat(told()).containsExactly("found a", "confirmed a");
        for (int i = 0; i < 10_000; i++) {
            ask(KILLED);
        }
        assertThat(told()).containsExactly("found a", "confirmed a", "confirmed a");
    }

    @Test
    void whoIsAnsweredAgainAndAgainIsNotedOnceUntilItIsAnsweredSomethingElse() {
        for (Served served : List.of(BEFORE, KILLED, BEFORE)) {
            for (int i = 0; i < 10_000; i++) {
                instances.foreign().answered(SHOP, false, served, nanos.get());
            }
        }
        assertThat(told()).containsExactly("found a", "sent a", "sent a", "sent a");
        nanos.addAndGet(5_000_000_000L);
        instances.foreign().answered(SHOP, false, BEFORE, nanos.get());
        assertThat(told()).hasSize(5).endsWith("sent a");
    }

    @Test
    void whatIsAnsweredHidesNothingThatIsAsked() {
        instances.foreign().answered(SHOP, false, KILLED, nanos.get());
        ask(KILLED);
        instances.foreign().answered(SHOP, true, KILLED, nanos.get());
        assertThat(told()).containsExactly("found a", "sent a", "confirmed a", "sent a");
    }

    @Test
    void whoGoesOnAskingIsNotedNowAndThen() {
        for (int second = 0; second < 300; second++) {
            ask(BEFORE);
            nanos.addAndGet(1_000_000_000);
            instances.tick();
            told();
        }
        assertThat(told().getFirst()).isEqualTo("found a");
        assertThat(told()).hasSize(61).doesNotContain("vanished a");
    }

    @Test
    void whoseStreamEndedIsNotedWhenItAsksTheSame() {
        Stream stream = instances.foreign().opened(SHOP, 0);
        ask(BEFORE);
        stream.lost(Duration.ZERO);
        ask(BEFORE);
        assertThat(told()).containsExactly("found a", "confirmed a", "vanished a", "found a", "confirmed a");
    }

    @Test
    void manyAtOnceAreAllNoted() {
        List<CompletableFuture<Void>> asking = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int from = i * 500;
            asking.add(CompletableFuture.runAsync(() -> {
                for (int client = from; client < from + 500; client++) {
                    Client one = new Client(
                            new InstanceKey(PRODUCTION, "shop", "page-" + client),
                            Protocol.OFREP,
                            "agent/1",
                            true,
                            ROOM);
                    instances.foreign().asked(one, KILLED, 0);
                    instances.foreign().asked(one, KILLED, 0);
                }
            }));
        }
        asking.forEach(CompletableFuture::join);
        assertThat(told()).filteredOn(line -> line.startsWith("confirmed")).hasSize(4_000);
        assertThat(instances.clientsLive()).isEqualTo(4_000);
        assertThat(instances.clientsSilent()).isZero();
    }

    @Test
    void overARestartTheyAreRemembered() {
        instances.foreign().opened(SHOP, 0);
        // Closing waits for that no longer than a moment.
        await().until(() -> Files.exists(folder.resolve("clients")));
        instances.close();
        instances = instances();
        List<Presence.Present> present = books.ask(() -> instances.presence().present(PRODUCTION));
        assertThat(present).singleElement().satisfies(one -> {
            assertThat(one.connected()).isFalse();
            assertThat(one.instance().key()).isEqualTo(SHOP.key());
        });
        assertThat(instances.clientsUnreachable()).isEqualTo(1);
        Stream back = instances.foreign().opened(SHOP, 0);
        assertThat(instances.clientsUnreachable()).isZero();
        back.left();
        assertThat(books.ask(() -> instances.presence().present(PRODUCTION))).isEmpty();
    }

    @Test
    void clientsForJavaOfTheSyncServiceAreMarkedAsDivergent() {
        InstanceKey key = new InstanceKey(PRODUCTION, "shop", "a");
        assertThat(new Client(key, Protocol.FLAGD_SYNC, "grpc-java-netty/1.70.0", true, ROOM).divergence())
                .isPresent();
        assertThat(new Client(key, Protocol.FLAGD_SYNC, "grpc-node-js/1.13.0", true, ROOM).divergence())
                .isEmpty();
        assertThat(new Client(key, Protocol.FLAGD_EVALUATION, "grpc-java-netty/1.70.0", true, ROOM).divergence())
                .isEmpty();
    }
}
