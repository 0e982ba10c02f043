package dev.andon.server.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.image.Image;
import dev.andon.core.image.ImageCodec;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.ledger.ChainHash;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Target;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LedgerStore;
import dev.andon.store.LedgerStores;
import dev.andon.store.StoreException;
import dev.andon.store.StoreOptions;
import dev.andon.store.StoredEntry;
import dev.andon.store.StoredSnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A relay that is older than whoever wrote the ledger, or is given less than there is: it leaves nothing out. */
final class UnreadableEntryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final byte[] OF_A_NEWER_VERSION = "{\"schema\":99}".getBytes(UTF_8);

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<byte[]> before = new ArrayList<>();
    private final List<byte[]> after = new ArrayList<>();
    private Image newest = Image.EMPTY;
    private StandingKill kill;
    private GivenLedger given;

    /** A real ledger with a kill at its end, as a relay is given it, but with an entry before the kill that it can't read. */
    @BeforeEach
    void write() throws Exception {
        LedgerStore store =
                keep(LedgerStores.openFile(folder.resolve("ledger.db"), StoreOptions.DEFAULTS, new SecureRandom()));
        AndonNode writer = start("writer", store);
        GivenFlag.create(writer, "checkout");
        writer.kill(
                new KillRequest(
                        "production",
                        new Target.Everything(),
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        Origin.GUARD,
                        Optional.empty()),
                new CommandContext("ann", "because", "c", Optional.empty(), false));
        await().atMost(PATIENCE)
                .until(() -> !writer.image()
                        .environment("production")
                        .orElseThrow()
                        .kills()
                        .isEmpty());
        newest = writer.image();
        kill = newest.environment("production")
                .orElseThrow()
                .kills()
                .values()
                .iterator()
                .next()
                .value();
        List<byte[]> all = store.read(0, 1_000).stream().map(StoredEntry::bytes).toList();
        before.addAll(all.subList(0, all.size() - 1));
        after.add(OF_A_NEWER_VERSION);
        after.add(all.getLast());
        given = new GivenLedger(newest.provenance().ledger());
        given.add(before);
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

    private AndonNode start(String name, LedgerStore store) throws Exception {
        return keep(AndonNode.start(new AndonNode.Parts(
                Files.createDirectories(folder.resolve(name)),
                store,
                new NodeLimits(3_000, 2_000, 20, 20_000, 100, 1_000),
                InstantSource.system(),
                System::nanoTime,
                new SecureRandom(),
                List.of(),
                List.of())));
    }

    private StoredSnapshot image(LedgerPosition at) {
        Image image = new ImageDelta(newest).build(new Provenance(given.head().ledgerId(), 1, at.version()));
        return new StoredSnapshot(1, at, ImageCodec.encode(image));
    }

    private boolean stands(AndonNode node) {
        return node.kills().standing("production").stream()
                .anyMatch(standing -> standing.id().equals(kill.id()));
    }

    @Test
    void isGoneOverByAnImageThatHoldsTheKillBehindIt() throws Exception {
        AndonNode relay = start("relay", given);
        assertThat(stands(relay)).isFalse();
        LedgerPosition end = given.add(after);
        given.gives(() -> Optional.of(image(end)));
        given.news();
        await().atMost(PATIENCE).until(() -> stands(relay));
        assertThat(relay.image().provenance().version()).isEqualTo(end.version());
        assertThat(relay.store().state()).isEqualTo(StoreHealth.State.CONNECTED);
    }

    @Test
    void stopsARelayThatIsGivenNoImageAndTheKillComesByTheLink() throws Exception {
        AndonNode relay = start("relay", given);
        LedgerPosition end = given.add(after);
        given.gives(() -> Optional.of(new StoredSnapshot(1, end, "{\"schema\":99}".getBytes(UTF_8))));
        given.news();
        stoppedBeforeIt(relay);
        relay.peering().adopt(SharedPresence.Side.ABOVE, List.of(kill.signed()), forged -> {});
        await().atMost(PATIENCE).until(() -> stands(relay));
    }

    private void stoppedBeforeIt(AndonNode relay) {
        await().atMost(PATIENCE).until(() -> relay.store().state() == StoreHealth.State.DAMAGED);
        assertThat(relay.store().detail())
                .contains("entry " + (before.size() + 1) + " can't be read: schema: 99")
                .contains("update this node");
        assertThat(relay.image().provenance().version()).isEqualTo(before.size());
    }

    @Test
    void stopsARelayThatIsGivenAnImageOfAnotherHistory() throws Exception {
        AndonNode relay = start("relay", given);
        LedgerPosition end = given.add(after);
        LedgerPosition other = new LedgerPosition(end.version(), ChainHash.parse("5".repeat(64)));
        given.gives(() -> Optional.of(image(other)));
        given.news();
        stoppedBeforeIt(relay);
        assertThat(stands(relay)).isFalse();
    }

    @Test
    void anImageThatCantBeHadIsDoneWithout() throws Exception {
        given.add(List.of(after.getLast()));
        given.gives(() -> {
            throw new StoreException(StoreException.Code.FAILED, "an answer of more than 64 MiB");
        });
        assertThat(stands(start("relay", given))).isTrue();
    }

    @Test
    void anImageThatOnlyCameTooLateIsAskedForAgainToGoOverIt() throws Exception {
        AndonNode relay = start("relay", given);
        LedgerPosition end = given.add(after);
        AtomicInteger asked = new AtomicInteger();
        given.gives(() -> {
            if (asked.incrementAndGet() <= 5) {
                throw new StoreException(StoreException.Code.TIMEOUT, "nothing came");
            }
            return Optional.of(image(end));
        });
        given.news();
        await().atMost(PATIENCE).until(() -> stands(relay));
        assertThat(asked.get()).isEqualTo(6);
        assertThat(relay.image().provenance().version()).isEqualTo(end.version());
    }

    @Test
    void whereTheFoldedEntryIsntThereYetItIsWaitedForAndNotTakenForAnotherHistory() throws Exception {
        start("relay", given).close();
        given.add(List.of(after.getLast()));
        given.lags(true);
        AndonNode relay = start("relay", given);
        assertThat(relay.store().state()).isEqualTo(StoreHealth.State.CUT_OFF);
        assertThat(relay.store().detail())
                .contains("the upstream's entry " + before.size() + " isn't there, and its head is "
                        + (before.size() + 1))
                .contains("it is asked again");
        given.lags(false);
        await().atMost(PATIENCE).until(() -> stands(relay));
        assertThat(relay.image().provenance().epoch()).isEqualTo(1);
    }
}
