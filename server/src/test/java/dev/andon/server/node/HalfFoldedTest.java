package dev.andon.server.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Target;
import dev.andon.store.LedgerStore;
import dev.andon.store.LedgerStores;
import dev.andon.store.StoreException;
import dev.andon.store.StoreOptions;
import dev.andon.store.StoredEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that has far to read serves and keeps no image of half of it, and has the time that it takes. */
final class HalfFoldedTest {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final String PRODUCTION = "production";

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<byte[]> untilKilled = new ArrayList<>();
    private final List<byte[]> restoredAndKilledAgain = new ArrayList<>();
    private final List<Image> published = new CopyOnWriteArrayList<>();
    private GivenLedger given;

    /** Entries of a real ledger, in which all is killed, restored and killed again. */
    @BeforeEach
    void write() throws Exception {
        LedgerStore store =
                keep(LedgerStores.openFile(folder.resolve("ledger.db"), StoreOptions.DEFAULTS, new SecureRandom()));
        AndonNode writer = start("writer", store, 60_000);
        GivenFlag.create(writer, "checkout");
        KillId first = killEverything(writer);
        long killed = writer.image().provenance().version();
        writer.execute(
                (image, kills, now) ->
                        Decision.of("restore", List.of(new Event.KillRestored(PRODUCTION, first)), Committed::version),
                context());
        killEverything(writer);
        List<byte[]> all = store.read(0, 1_000).stream().map(StoredEntry::bytes).toList();
        untilKilled.addAll(all.subList(0, (int) killed));
        restoredAndKilledAgain.addAll(all.subList((int) killed, all.size()));
        given = new GivenLedger(writer.image().provenance().ledger());
        given.add(untilKilled);
        published.clear();
    }

    private static KillId killEverything(AndonNode node) {
        node.kill(
                new KillRequest(
                        PRODUCTION,
                        new Target.Everything(),
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        Origin.GUARD,
                        Optional.empty()),
                context());
        await().atMost(PATIENCE).until(() -> !killed(node.image()).isEmpty());
        return killed(node.image()).iterator().next();
    }

    private static Set<KillId> killed(Image image) {
        return image.environment(PRODUCTION).orElseThrow().kills().keySet();
    }

    private static CommandContext context() {
        return new CommandContext("ann", "because", "c", Optional.empty(), false);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private <T extends AutoCloseable> T keep(T one) {
        open.add(one);
        return one;
    }

    private AndonNode start(String name, LedgerStore store, long startMs) throws Exception {
        Publisher seeing = new Publisher() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public void publish(Publication publication) {
                published.add(publication.after());
            }
        };
        return keep(AndonNode.start(new AndonNode.Parts(
                Files.createDirectories(folder.resolve(name)),
                store,
                new NodeLimits(3_000, 2_000, 20, startMs, 100, 1_000),
                InstantSource.system(),
                System::nanoTime,
                new SecureRandom(),
                List.of(seeing),
                List.of())));
    }

    private static StoreException gone() {
        return new StoreException(StoreException.Code.UNAVAILABLE, "gone, as the test wants it");
    }

    @Test
    void aFirstStartWaitsAsLongAsItIsGivenMore() throws Exception {
        given.add(restoredAndKilledAgain);
        given.pages(1, after -> LockSupport.parkNanos(700_000_000));
        AndonNode relay = start("relay", given, 2_000);
        assertThat(relay.image().provenance().version())
                .as("a page each 0.7 s, and 2 s to start")
                .isEqualTo(given.head().version())
                .isGreaterThan(3);
    }

    @Test
    void aFirstStartDoesWithoutAnImageThatDoesNotComeInTime() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        given.gives(() -> {
            asked.incrementAndGet();
            throw new StoreException(StoreException.Code.TIMEOUT, "nothing came");
        });
        assertThat(killed(start("relay", given, 20_000).image())).isNotEmpty();
        assertThat(asked.get()).isEqualTo(1);
    }

    @Test
    void whatWasReadIsNotReadAgainWhenTheStoreComesBack() throws Exception {
        List<Long> read = new CopyOnWriteArrayList<>();
        given.pages(1, after -> {
            read.add(after);
            if (read.size() == 2) {
                throw gone();
            }
        });
        start("relay", given, 20_000);
        assertThat(read.subList(0, 4))
                .as("with a look at the last that was folded")
                .containsExactly(0L, 1L, 0L, 1L);
    }

    @Test
    void halfOfALedgerIsNeitherServedNorKept() throws Exception {
        given.pages(1, after -> {
            if (after >= 2) {
                throw gone();
            }
        });
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> start("relay", given, 1_000))
                    .as("not from half of it, by the second time")
                    .isInstanceOf(StartProblem.class)
                    .hasMessageContaining("gone, as the test wants it")
                    .hasMessageContaining("There is no image in");
        }
        assertThat(published).isEmpty();
    }

    @Test
    void whatComesBeforeDamageIsNotServedByANodeThatHasNothing() throws Exception {
        given.add(List.of("{\"schema\":99}".getBytes(UTF_8)));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> start("relay", given, 20_000))
                    .isInstanceOf(StartProblem.class)
                    .hasMessageContaining("can't be read: schema: 99");
        }
        assertThat(published).isEmpty();
    }

    @Test
    void whatWasRestoredAndKilledAgainIsNeverOn() throws Exception {
        AndonNode relay = start("relay", given, 20_000);
        published.clear();
        given.pages(1, after -> {});
        long end = given.add(restoredAndKilledAgain).version();
        given.news();
        await().atMost(PATIENCE).until(() -> relay.image().provenance().version() == end);
        assertThat(published)
                .isNotEmpty()
                .allSatisfy(image -> assertThat(killed(image))
                        .as("version " + image.provenance().version())
                        .isNotEmpty());
    }
}
