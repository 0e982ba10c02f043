package dev.andon.server.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.ledger.ChainHash;
import dev.andon.core.ledger.Checkpoint;
import dev.andon.core.ledger.ExportCheck;
import dev.andon.core.ledger.ExportLine;
import dev.andon.core.ledger.ExportVerdict;
import dev.andon.core.ledger.ExportVerifier;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Target;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LedgerStore;
import dev.andon.store.LedgerStores;
import dev.andon.store.StoreOptions;
import dev.andon.store.StoredEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ledger that was tampered with in its SQLite file, under a real node. */
class BrokenLedgerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final NodeLimits LIMITS = new NodeLimits(30_000, 30_000, 20, 60_000, 100, 1_000);

    @TempDir
    Path folder;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    @AfterEach
    void close() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
    }

    private AndonNode start(String name) throws Exception {
        LedgerStore store = LedgerStores.openFile(
                folder.resolve("ledger.db"),
                StoreOptions.DEFAULTS.withPollInterval(Duration.ofMillis(20)),
                new SecureRandom());
        open.push(store);
        AndonNode node = AndonNode.start(new AndonNode.Parts(
                Files.createDirectories(folder.resolve(name)),
                store,
                LIMITS,
                InstantSource.system(),
                System::nanoTime,
                new SecureRandom(),
                List.of(),
                List.of()));
        Path own = folder.resolve(name);
        open.push(() -> {
            // What it starts from next.
            await().atMost(PATIENCE).until(SavedImage.isNewest(own, node));
            node.close();
        });
        return node;
    }

    /** A node that has written so many entries beside its first ones, all of them checked and signed. */
    private AndonNode written(int entries) throws Exception {
        AndonNode node = start("a");
        for (int i = 0; i < entries; i++) {
            save(node, "e" + i % 50, "change " + i);
        }
        return node;
    }

    private static long save(AndonNode node, String environment) {
        return save(node, environment, "");
    }

    private static long save(AndonNode node, String environment, String description) {
        return ((Outcome.Done<Long>) node.execute(
                        (image, kills, now) -> Decision.of(
                                "environment.create",
                                List.of(new Event.EnvironmentSaved(new Environment(environment, description))),
                                Committed::version),
                        context()))
                .reply();
    }

    private static CommandContext context() {
        return new CommandContext("ann", "because", "c", Optional.empty(), false);
    }

    private void tamper(String sql, Object... values) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("ledger.db"))) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA foreign_keys = OFF");
                statement.execute("DROP TRIGGER IF EXISTS entry_stays");
                statement.execute("DROP TRIGGER IF EXISTS entry_remains");
            }
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < values.length; i++) {
                    statement.setObject(i + 1, values[i]);
                }
                statement.executeUpdate();
            }
        }
    }

    private void rot(long entry) throws SQLException {
        tamper(
                "UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), 'ann', 'bob') AS BLOB) WHERE version = ?",
                entry);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static StoreHealth awaitDamage(AndonNode node) {
        await().atMost(PATIENCE).until(() -> node.store().state() == StoreHealth.State.DAMAGED);
        return node.store();
    }

    private static void awaitChecked(AndonNode node) {
        await().atMost(PATIENCE)
                .until(() -> node.audit().soundness().checkedAt().isPresent());
    }

    private static void awaitSigned(AndonNode node, long version) {
        await().atMost(PATIENCE)
                .until(() -> node.audit()
                        .soundness()
                        .signed()
                        .filter(signed -> signed.version() >= version)
                        .isPresent());
    }

    private void stop() throws Exception {
        open.pop().close();
        open.pop().close();
    }

    private static ExportVerdict verdict(AndonNode node, long after) {
        ExportCheck check = new ExportCheck(ExportVerifier.expecting(Set.of()));
        node.audit().export(after).forEachRemaining(piece -> check.take(piece, 0, piece.length));
        return check.end();
    }

    @Test
    void everyHundredEntriesAndEveryStartAreSigned() throws Exception {
        AndonNode node = written(Checkpoints.EVERY_ENTRIES + 5);
        awaitSigned(node, Checkpoints.EVERY_ENTRIES);
        stop();
        AndonNode again = start("a");
        awaitChecked(again);
        long end = again.image().provenance().version();
        awaitSigned(again, end);
        assertThat(verdict(again, 0)).isInstanceOfSatisfying(ExportVerdict.Good.class, good -> {
            assertThat(good.end().version()).isEqualTo(end);
            assertThat(good.checkpoints()).isGreaterThanOrEqualTo(3);
        });
        assertThat(again.store().detail()).isEmpty();
    }

    @Test
    void anExportReadsAPageAtATimeAsItIsAskedFor() throws Exception {
        awaitSigned(written(230), 2L * Checkpoints.EVERY_ENTRIES);
        stop();
        FaultyStore alone = new FaultyStore(
                LedgerStores.openFile(folder.resolve("ledger.db"), StoreOptions.DEFAULTS, new SecureRandom()));
        open.push(alone);
        Checkpoint end = alone.newestCheckpoint().orElseThrow().read();
        int before = alone.calls();
        LedgerExport export = new LedgerExport(
                new StoredHistory(alone, () -> new Folded(Image.EMPTY, LedgerPosition.START), LIMITS.answerMs()),
                new ExportLine.Header(end.ledger(), 0, ChainHash.ZERO),
                end.version(),
                new ExportLine.Signed(end));
        byte[] first = export.next();
        assertThat(first).as("a piece").hasSizeBetween(64 << 10, 72 << 10);
        assertThat(alone.calls() - before)
                .as("calls for the first page: its entries and its checkpoints")
                .isEqualTo(2);
        ExportCheck check = new ExportCheck(ExportVerifier.expecting(Set.of()));
        check.take(first, 0, first.length);
        export.forEachRemaining(piece -> check.take(piece, 0, piece.length));
        assertThat(check.end()).isInstanceOf(ExportVerdict.Good.class);
        assertThat(alone.calls() - before).as("calls for two pages").isEqualTo(4);
    }

    @Test
    void aBrokenEntryIsNamedAndServingAndKillingGoOnAndChangesAreRefused() throws Exception {
        AndonNode node = written(20);
        GivenFlag.create(node, "checkout");
        awaitSigned(node, 1);
        stop();
        rot(9);
        AndonNode damaged = start("a");

        StoreHealth health = awaitDamage(damaged);
        assertThat(health.brokenEntry()).contains(9L);
        assertThat(health.detail()).startsWith("entry 9: hash: ");
        assertThat(damaged.image().environment("e19")).isPresent();
        assertThatThrownBy(() -> save(damaged, "more"))
                .isInstanceOfSatisfying(
                        StoreUnavailable.class, e -> assertThat(e.isDamage()).isTrue())
                .hasMessageContaining("entry 9: hash: ")
                .hasMessageContaining("nothing was changed");
        KillAnswer.Standing kill = (KillAnswer.Standing) damaged.kill(
                new KillRequest(
                        "production",
                        new Target.OneFlag("checkout"),
                        Optional.empty(),
                        List.of(),
                        List.of(),
                        Origin.HUMAN),
                context());
        await().atMost(PATIENCE)
                .until(() -> damaged.image().marks().covers(kill.kill().id()));
        assertThat(verdict(damaged, 0))
                .isInstanceOfSatisfying(
                        ExportVerdict.Bad.class, bad -> assertThat(bad.entry()).isEqualTo(9));
        assertThat(verdict(damaged, 9)).isInstanceOf(ExportVerdict.Good.class);
    }

    @Test
    void theLedgerGoesOnInANewEpochOnceSomebodySaysSo() throws Exception {
        AndonNode node = written(20);
        awaitChecked(node);
        start("b");
        stop();
        stop();
        rot(9);
        assertThatThrownBy(() -> start("c"))
                .isInstanceOf(StartProblem.class)
                .hasMessageContaining("entry 9 doesn't continue")
                .hasMessageContaining("a node with an image, which can continue the ledger, or a backup");
        AndonNode damaged = start("a");
        AndonNode other = start("b");
        awaitDamage(damaged);
        awaitDamage(other);
        long epoch = damaged.image().provenance().epoch();
        assertThatThrownBy(() -> damaged.audit().goOn(8, Committed::version, context()))
                .isInstanceOf(Refused.class)
                .hasMessage("entry: 8 (expected: 9, which is the first that is broken)");
        CommandContext rehearsal = new CommandContext("ann", "because", "c", Optional.empty(), true);
        assertThat(damaged.audit().goOn(9, Committed::version, rehearsal)).isInstanceOf(Outcome.Rehearsed.class);
        assertThat(damaged.image().provenance().epoch()).isEqualTo(epoch);

        Outcome<Long> done = damaged.audit().goOn(9, Committed::version, context());

        assertThat(done).isInstanceOf(Outcome.Done.class);
        assertThat(damaged.image().provenance().epoch()).isGreaterThan(epoch);
        assertThat(damaged.store().state()).isEqualTo(StoreHealth.State.CONNECTED);
        save(damaged, "after");
        await().atMost(PATIENCE)
                .until(() -> other.store().writable()
                        && other.image().environment("after").isPresent());
        save(other, "by-the-other");
        assertThat(other.image().provenance().epoch())
                .isEqualTo(damaged.image().provenance().epoch());
        assertThatThrownBy(() -> damaged.audit().goOn(9, Committed::version, context()))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("as far as this node knows, none is");
        stop();
        stop();
        AndonNode again = start("a");
        awaitChecked(again);
        assertThat(again.store().detail()).isEmpty();
        for (String name : List.of("c", "with-an-empty-disk")) {
            AndonNode late = start(name);
            await(name + ", from the image that was left for it")
                    .atMost(PATIENCE)
                    .until(() ->
                            late.image().environments().equals(again.image().environments()));
        }
        assertThat(verdict(again, 0))
                .as("what is broken stays so for outsiders")
                .isInstanceOfSatisfying(
                        ExportVerdict.Bad.class, bad -> assertThat(bad.entry()).isEqualTo(9));
    }

    @Test
    void whatIsNewerThanTheNewestCheckpointIsCheckedBeforeAnythingIsWritten() throws Exception {
        AndonNode node = written(3);
        awaitChecked(node);
        awaitSigned(node, 1);
        save(node, "x");
        long last = save(node, "y");
        await().atMost(PATIENCE).until(() -> Files.exists(folder.resolve("a/image")));
        stop();
        rot(last - 1);
        AndonNode damaged = start("a");
        assertThatThrownBy(() -> save(damaged, "z")).isInstanceOf(StoreUnavailable.class);
        await().atMost(PATIENCE).until(() -> damaged.store().brokenEntry().equals(Optional.of(last - 1)));
    }

    @Test
    void eachKindOfDamageIsFoundAndNamed() throws Exception {
        record Damage(String sql, Object[] values, long entry, String reason) {}
        AndonNode node = written(5);
        awaitSigned(node, 1);
        stop();
        Path whole = folder;
        int number = 0;
        for (Damage damage : List.of(
                new Damage(
                        "UPDATE entry SET bytes = ? WHERE version = 7",
                        new Object[] {"{}".getBytes(UTF_8)},
                        7,
                        "hash: "),
                new Damage("UPDATE entry SET hash = ? WHERE version = 7", new Object[] {new byte[32]}, 7, "hash: "),
                new Damage(
                        "UPDATE entry SET epoch = 9 WHERE version = 7",
                        new Object[0],
                        8,
                        "epoch: 1 (expected: 9 or later)"),
                new Damage("DELETE FROM entry WHERE version = 7", new Object[0], 7, "entry 7: the next one there is 8"),
                new Damage(
                        "UPDATE checkpoint SET body = replace(body, '\"epoch\":1', '\"epoch\":2')",
                        new Object[0],
                        0,
                        "checkpoint: "),
                new Damage("UPDATE checkpoint SET signature = 'x'", new Object[0], 0, "checkpoint: "),
                new Damage("UPDATE checkpoint SET node = 'x', body = 'x'", new Object[0], 0, "checkpoint: "))) {
            folder = Files.createDirectory(whole.resolve("damage-" + number++));
            copy(whole.resolve("ledger.db"), folder.resolve("ledger.db"));
            copy(whole.resolve("a"), folder.resolve("a"));
            tamper(damage.sql(), damage.values());
            AndonNode damaged = start("a");
            StoreHealth health = awaitDamage(damaged);
            assertThat(health.detail()).as(damage.sql()).contains(damage.reason());
            if (damage.entry() > 0) {
                assertThat(health.brokenEntry()).as(damage.sql()).contains(damage.entry());
            }
            stop();
        }
    }

    /** A fail-over that lost entries begins another history, too; but no node has signed what it lost. */
    @Test
    void aHistoryThatContradictsASignatureIsNotTakenOver() throws Exception {
        AndonNode node = written(10);
        stop();
        awaitSigned(start("a"), 10);
        stop();
        LedgerStore store =
                LedgerStores.openFile(folder.resolve("ledger.db"), StoreOptions.DEFAULTS, new SecureRandom());
        List<StoredEntry> entries = store.read(0, 100);
        store.close();
        LedgerPosition position = LedgerPosition.START;
        for (StoredEntry entry : entries) {
            byte[] bytes = new String(entry.bytes(), UTF_8)
                    .replace("\"e3\"", "\"forged\"")
                    .getBytes(UTF_8);
            position = position.next(bytes);
            tamper(
                    "UPDATE entry SET bytes = ?, hash = ? WHERE version = ?",
                    bytes,
                    position.hash().toBytes(),
                    position.version());
        }
        tamper("UPDATE head SET hash = ?", (Object) position.hash().toBytes());

        AndonNode deceived = start("a");
        StoreHealth health = awaitDamage(deceived);
        assertThat(health.brokenEntry()).contains((long) entries.size());
        assertThat(health.detail()).contains("isn't the one that node " + node.node() + " has signed");
        assertThat(deceived.image().environment("forged")).isEmpty();
        assertThat(deceived.image().environment("e3")).isPresent();
        assertThat(deceived.image().provenance().epoch()).isEqualTo(1);
        assertThatThrownBy(() -> deceived.audit().goOn(entries.size(), Committed::version, context()))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("restore a backup");
    }

    @Test
    void entriesBeforeTheDamageAreFoldedAllTheSame() throws Exception {
        AndonNode node = written(2);
        awaitChecked(node);
        long version = node.image().provenance().version();
        stop();
        AndonNode elsewhere = start("b");
        save(elsewhere, "good");
        long broken = save(elsewhere, "rotten");
        save(elsewhere, "later");
        stop();
        rot(broken);
        AndonNode behind = start("a");
        assertThat(behind.store().brokenEntry()).contains(broken);
        assertThat(behind.image().provenance().version()).isEqualTo(broken - 1).isGreaterThan(version);
        assertThat(behind.image().environment("good")).isPresent();
        assertThat(behind.image().environment("later")).isEmpty();
    }
}
