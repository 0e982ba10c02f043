package dev.andon.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Target;
import dev.andon.store.LedgerStore;
import dev.andon.store.LedgerStores;
import dev.andon.store.StoreOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AndonNodeTest {
    private static final NodeLimits LIMITS = limits(60_000);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<StandingKill> sent = Collections.synchronizedList(new ArrayList<>());
    /** By how much the nodes' clock is ahead of the machine's. */
    private final AtomicLong aheadNanos = new AtomicLong();

    private FaultyStore store;
    private volatile Runnable broken = () -> {};

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : open.reversed()) {
            closeable.close();
        }
    }

    @Test
    void firstStartMakesEnvironmentsAndAnAdminToken() throws Exception {
        AndonNode node = start("a");
        assertThat(node.image().environments().keySet())
                .containsExactlyInAnyOrder("production", "staging", "development");
        Path token = folder.resolve("a/admin.token");
        assertThat(Files.readString(token)).startsWith("andon_admin_");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token)))
                .isEqualTo("rw-------");
        assertThat(node.image().nodes()).containsKey(node.node());
    }

    @Test
    void killIsSentThenSettlesOnce() throws Exception {
        AndonNode node = start("a");
        GivenFlag.create(node, "checkout");
        KillAnswer.Standing kill = kill(node, "checkout");
        awaitDurable(node, kill);
        assertThat(sent)
                .extracting(StandingKill::id)
                .containsExactly(kill.kill().id());
        awaitSettled(node, kill.kill().id());
        assertThat(kill(node, "checkout").repeated()).isTrue();
        assertThat(settled(node)).containsExactly(kill.kill().id());
    }

    @Test
    void killGoesOutWhileTheStoreHangsAndSettlesWhenItIsBack() throws Exception {
        AndonNode node = start("a");
        GivenFlag.create(node, "checkout");
        store.mode(FaultyStore.Mode.HANGING);
        int before = store.calls();
        KillAnswer.Standing kill = kill(node, "checkout");
        assertThat(sent).hasSize(1);
        awaitDurable(node, kill);
        assertThat(node.kills().holding("production", "checkout")).hasSize(1);
        await().atMost(PATIENCE).until(() -> store.calls() > before);
        assertThat(node.store().state()).isEqualTo(StoreHealth.State.CONNECTED);
        passStuckTime();
        assertThat(node.store().state()).isEqualTo(StoreHealth.State.CUT_OFF);
        assertThatThrownBy(() -> GivenFlag.create(node, "other")).isInstanceOf(StoreUnavailable.class);
        store.mode(FaultyStore.Mode.WORKING);
        awaitSettled(node, kill.kill().id());
        assertThat(settled(node)).containsExactly(kill.kill().id());
    }

    @Test
    void anErrorOnTheWayCostsNoKill() throws Exception {
        AndonNode node = start("a");
        GivenFlag.create(node, "checkout");
        GivenFlag.create(node, "search");
        broken = () -> {
            throw new OutOfMemoryError("on purpose");
        };
        KillId one = kill(node, "checkout").kill().id();
        KillId two = kill(node, "search").kill().id();
        assertThat(sent).extracting(StandingKill::id).containsExactly(one, two);
        awaitSettled(node, one);
        awaitSettled(node, two);
    }

    @Test
    void changeBehindACallThatHangsIsRefusedOnceTheStoreCountsAsCutOff() throws Exception {
        AndonNode node = start("a");
        GivenFlag.create(node, "checkout");
        store.mode(FaultyStore.Mode.HANGING);
        int before = store.calls();
        kill(node, "checkout");
        await().atMost(PATIENCE).until(() -> store.calls() > before);
        FutureTask<Void> change = new FutureTask<>(() -> GivenFlag.create(node, "other"), null);
        Thread changing = Thread.ofPlatform().start(change);
        await().atMost(PATIENCE).until(() -> changing.getState() == Thread.State.TIMED_WAITING);
        passStuckTime();
        // One that waits for its whole time is told that the store doesn't answer.
        assertThatThrownBy(change::get)
                .hasCauseInstanceOf(StoreUnavailable.class)
                .hasMessageContaining("out of reach");
        store.mode(FaultyStore.Mode.WORKING);
    }

    @Test
    void changeWhoseTurnComesAfterTheStoreFailedIsNotTried() throws Exception {
        AndonNode node = start("a");
        GivenFlag.create(node, "checkout");
        store.mode(FaultyStore.Mode.HANGING);
        kill(node, "checkout");
        FutureTask<Void> change = new FutureTask<>(() -> GivenFlag.create(node, "other"), null);
        Thread changing = Thread.ofPlatform().start(change);
        await().atMost(PATIENCE).until(() -> changing.getState() == Thread.State.TIMED_WAITING);
        store.mode(FaultyStore.Mode.REFUSING);
        assertThatThrownBy(change::get)
                .hasCauseInstanceOf(StoreUnavailable.class)
                .hasMessageContaining("out of reach");
    }

    @Test
    void nothingBeforeTheBroadcastTouchesTheStore() throws Exception {
        AndonNode node = start("a");
        GivenFlag.create(node, "checkout");
        store.mode(FaultyStore.Mode.REFUSING);
        assertThatThrownBy(() -> GivenFlag.create(node, "other")).isInstanceOf(StoreUnavailable.class);
        assertThat(node.store().state()).isEqualTo(StoreHealth.State.CUT_OFF);
        KillAnswer.Standing kill = kill(node, "checkout");
        assertThat(sent)
                .extracting(StandingKill::id)
                .containsExactly(kill.kill().id());
        assertThat(node.image().marks().covers(kill.kill().id())).isFalse();
    }

    @Test
    void appendsOfUnknownOutcomeSettleOnce() throws Exception {
        AndonNode node = start("a");
        GivenFlag.create(node, "checkout");
        store.mode(FaultyStore.Mode.SILENT_APPENDS);
        KillAnswer.Standing kill = kill(node, "checkout");
        await().atMost(PATIENCE).until(() -> node.store().state() == StoreHealth.State.CUT_OFF);
        store.mode(FaultyStore.Mode.WORKING);
        awaitSettled(node, kill.kill().id());
        GivenFlag.create(node, "other");
        assertThat(settled(node)).containsExactly(kill.kill().id());
    }

    @Test
    void restartWithTheStoreGoneStillServesAndKills() throws Exception {
        AndonNode first = start("a");
        GivenFlag.create(first, "checkout");
        GivenFlag.create(first, "search");
        store.mode(FaultyStore.Mode.REFUSING);
        KillId before = kill(first, "checkout").kill().id();
        long version = first.image().provenance().version();
        awaitImageSaved(first);
        closeLast();

        sent.clear();
        AndonNode second = start("a", FaultyStore.Mode.REFUSING);
        assertThat(second.image().provenance().version()).isEqualTo(version);
        assertThat(second.kills().holding("production", "checkout"))
                .extracting(StandingKill::id)
                .containsExactly(before);
        KillId after = kill(second, "search").kill().id();
        assertThat(after.journal()).isNotEqualTo(before.journal());
        assertThatThrownBy(() -> GivenFlag.create(second, "other")).isInstanceOf(StoreUnavailable.class);
        store.mode(FaultyStore.Mode.WORKING);
        awaitSettled(second, before);
        awaitSettled(second, after);
        assertThat(settled(second)).containsExactlyInAnyOrder(before, after);
    }

    @Test
    void restartWithAHangingStoreServesAndKillsSoon() throws Exception {
        AndonNode first = start("a");
        GivenFlag.create(first, "checkout");
        GivenFlag.create(first, "search");
        awaitImageSaved(first);
        closeLast();
        sent.clear();
        NodeLimits limits = new NodeLimits(60_000, 200, 20, 120_000, 100, 10);
        long startNanos = System.nanoTime();
        AndonNode second = start("a", FaultyStore.Mode.HANGING, limits);
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos).toMillis()).isLessThan(limits.startMs() / 2);
        KillId kill = kill(second, "checkout").kill().id();
        assertThat(sent).extracting(StandingKill::id).containsExactly(kill);
        store.mode(FaultyStore.Mode.WORKING);
        awaitSettled(second, kill);
        assertThat(settled(second)).containsExactly(kill);
    }

    @Test
    void restoredKillDoesNotComeBackFromTheJournalOnRestartWithoutTheStore() throws Exception {
        AndonNode first = start("a");
        GivenFlag.create(first, "checkout");
        KillId kill = kill(first, "checkout").kill().id();
        awaitSettled(first, kill);
        first.execute(
                (image, kills, now) ->
                        Decision.of("restore", List.of(new Event.KillRestored("production", kill)), Committed::version),
                context());
        awaitImageSaved(first);
        closeLast();
        AndonNode second = start("a", FaultyStore.Mode.REFUSING);
        assertThat(second.kills().standing("production")).isEmpty();
    }

    @Test
    void firstStartWithoutTheStoreSaysWhatIsMissing() {
        assertThatThrownBy(() -> start("a", FaultyStore.Mode.REFUSING, limits(300)))
                .isInstanceOf(StartProblem.class)
                .hasMessageContaining("ledger.db")
                .hasMessageContaining("first start");
    }

    @Test
    void twoNodesOnOneStoreAdoptEachOthersKills() throws Exception {
        AndonNode one = start("a");
        GivenFlag.create(one, "checkout");
        FaultyStore storeOfOne = store;
        AndonNode two = start("b");
        await().atMost(PATIENCE).until(() -> one.image().nodes().size() == 2);
        storeOfOne.mode(FaultyStore.Mode.REFUSING);
        KillAnswer.Standing kill = kill(one, "checkout");
        two.carried(List.of(kill.kill().signed()));
        awaitSettled(two, kill.kill().id());
        storeOfOne.mode(FaultyStore.Mode.WORKING);
        awaitSettled(one, kill.kill().id());
        assertThat(settled(one)).containsExactly(kill.kill().id());
    }

    @Test
    void storeRestoredFromABackupStartsAnEpochAndKillsStandOn() throws Exception {
        AndonNode first = start("a");
        GivenFlag.create(first, "checkout");
        awaitImageSaved(first);
        closeLast();
        Path backup = folder.resolve("backup.db");
        Files.copy(folder.resolve("ledger.db"), backup);
        AndonNode second = start("a");
        KillId kill = kill(second, "checkout").kill().id();
        awaitSettled(second, kill);
        GivenFlag.create(second, "lost");
        long epoch = second.image().provenance().epoch();
        awaitImageSaved(second);
        closeLast();
        Files.delete(folder.resolve("ledger.db"));
        Files.deleteIfExists(folder.resolve("ledger.db-wal"));
        Files.deleteIfExists(folder.resolve("ledger.db-shm"));
        Files.move(backup, folder.resolve("ledger.db"));

        AndonNode third = start("a");
        await().atMost(PATIENCE).until(() -> third.image().provenance().epoch() > epoch);
        assertThat(third.image().flag("lost")).isEmpty();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(third.kills().holding("production", "checkout"))
                        .extracting(StandingKill::id)
                        .containsExactly(kill));
        awaitSettled(third, kill);
    }

    @Test
    void idempotencyKeysOfKillsNameTheFirstKill() throws Exception {
        AndonNode node = start("a");
        GivenFlag.create(node, "checkout");
        GivenFlag.create(node, "search");
        CommandContext context = new CommandContext(
                "tester", "because", "c", Optional.of(new CommandContext.Idempotency("t/1", "d")), false);
        KillAnswer.Standing first = (KillAnswer.Standing) node.kill(request("checkout"), context);
        KillAnswer.Standing again = (KillAnswer.Standing) node.kill(request("checkout"), context);
        assertThat(again.repeated()).isTrue();
        assertThat(again.kill().id()).isEqualTo(first.kill().id());
        assertThatThrownBy(() -> node.kill(request("search"), context)).isInstanceOf(Refused.class);
        awaitSettled(node, first.kill().id());
        node.execute(
                (image, kills, now) -> Decision.of(
                        "restore",
                        List.of(new Event.KillRestored(
                                "production", first.kill().id())),
                        Committed::version),
                context());
        assertThatThrownBy(() -> node.kill(request("checkout"), context)).isInstanceOf(Refused.class);
        assertThat(node.kills().standing("production")).isEmpty();
    }

    /** Of the node in folder {@code a}. */
    private void awaitImageSaved(AndonNode node) {
        await().atMost(PATIENCE).until(SavedImage.isNewest(folder.resolve("a"), node));
    }

    private static void awaitDurable(AndonNode node, KillAnswer.Standing kill) {
        await().atMost(PATIENCE).until(() -> node.durable(kill.kill().id()));
    }

    /** From then on, a call of the store that hasn't come back counts as one that won't. */
    private void passStuckTime() {
        aheadNanos.addAndGet((LIMITS.stuckMs() + 1) * 1_000_000);
    }

    private AndonNode start(String name) throws Exception {
        return start(name, FaultyStore.Mode.WORKING);
    }

    private static NodeLimits limits(long startMs) {
        return new NodeLimits(60_000, 60_000, 20, startMs, 100, 10);
    }

    private AndonNode start(String name, FaultyStore.Mode mode) throws Exception {
        return start(name, mode, LIMITS);
    }

    private AndonNode start(String name, FaultyStore.Mode mode, NodeLimits limits) throws Exception {
        Path directory = Files.createDirectories(folder.resolve(name));
        LedgerStore sqlite = LedgerStores.openFile(
                folder.resolve("ledger.db"),
                StoreOptions.DEFAULTS.withPollInterval(Duration.ofMillis(20)),
                new SecureRandom());
        store = new FaultyStore(sqlite);
        open.add(store);
        store.mode(mode);
        AndonNode node = AndonNode.start(new AndonNode.Parts(
                directory,
                store,
                limits,
                InstantSource.system(),
                () -> System.nanoTime() + aheadNanos.get(),
                new SecureRandom(),
                List.of(),
                List.of((environment, kills) -> broken.run(), (environment, kills) -> sent.addAll(kills))));
        open.add(node);
        return node;
    }

    private void closeLast() throws Exception {
        open.removeLast().close();
        open.removeLast().close();
    }

    private static CommandContext context() {
        return new CommandContext("tester", "because", "c", Optional.empty(), false);
    }

    private static KillRequest request(String flag) {
        return new KillRequest(
                "production", new Target.OneFlag(flag), Optional.empty(), List.of(), List.of(), Origin.HUMAN);
    }

    private static KillAnswer.Standing kill(AndonNode node, String flag) {
        return (KillAnswer.Standing) node.kill(request(flag), context());
    }

    private static void awaitSettled(AndonNode node, KillId kill) {
        await().atMost(PATIENCE).until(() -> node.image().marks().covers(kill));
    }

    /** The kills that the ledger's entries name, each as often as it does. */
    private List<KillId> settled(AndonNode node) {
        EnvironmentImage production = node.image().environment("production").orElseThrow();
        assertThat(production).isNotNull();
        List<KillId> kills = new ArrayList<>();
        node.history()
                .entries(1, node.image().provenance().version())
                .forEach(entry -> entry.entry().events().forEach(event -> {
                    if (event instanceof Event.KillStood stood) {
                        kills.add(stood.kill().id());
                    }
                }));
        return kills;
    }
}
