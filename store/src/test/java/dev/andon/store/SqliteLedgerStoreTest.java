package dev.andon.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.store.StoreDescription.Kind;
import dev.andon.store.StoreDescription.Replication;
import dev.andon.store.StoreException.Code;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteLedgerStoreTest extends LedgerStoreContract {
    @TempDir
    Path directory;

    Path file() {
        return directory.resolve("ledger.db");
    }

    @Override
    String url() {
        return "jdbc:sqlite:" + file();
    }

    @Override
    void sql(String text) throws Exception {
        try (Connection connection = DriverManager.getConnection(url());
                Statement statement = connection.createStatement()) {
            statement.execute(text.formatted(""));
        }
    }

    @Test
    void describesItself() {
        assertThat(store.describe())
                .isEqualTo(new StoreDescription(Kind.SQLITE, file().toString(), Replication.NONE, List.of()));
    }

    @Test
    void itsFilesAreItsOwnersAlone() throws Exception {
        store.append(LedgerPosition.START, entries("a"));
        for (String name : List.of("ledger.db", "ledger.db-wal", "ledger.db-shm")) {
            assertThat(Files.getPosixFilePermissions(directory.resolve(name)))
                    .as(name)
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test
    void everyCommitIsSynced() throws Exception {
        store.head();
        Dialect dialect = LedgerStores.dialect(url(), OPTIONS);
        try (Connection connection = dialect.connect();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeQuery("PRAGMA synchronous").getInt(1))
                    .as("FULL")
                    .isEqualTo(2);
            assertThat(statement.executeQuery("PRAGMA journal_mode").getString(1))
                    .isEqualTo("wal");
        }
    }

    @Test
    void aLockHeldByAnotherConnectionIsSaidInTime() throws Exception {
        LedgerStore impatient = open(OPTIONS.withCallTimeout(Duration.ofSeconds(3)));
        LedgerPosition one = appended(impatient.append(LedgerPosition.START, entries("a")));
        try (Connection other = DriverManager.getConnection(url());
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");
            assertThatThrownBy(() -> impatient.append(one, entries("b")))
                    .isInstanceOfSatisfying(StoreException.class, e -> {
                        assertThat(e.code()).as(e.toString()).isEqualTo(Code.LOCKED);
                        assertThat(e.outcomeUnknown()).isFalse();
                    });
            assertThat(texts(impatient.read(0, 10))).containsExactly("a");
            statement.execute("ROLLBACK");
        }
        appended(impatient.append(one, entries("b")));
    }

    @Test
    void aFileThatIsNoDatabaseIsDamaged() throws Exception {
        Files.writeString(file(), "this is not a database, and long enough to be looked at ".repeat(20));
        assertThatThrownBy(store::head).isInstanceOfSatisfying(StoreException.class, e -> {
            assertThat(e.code()).as(e.toString()).isEqualTo(Code.DAMAGED);
            assertThat(e).hasMessageContaining(file().toString()).hasMessageContaining("restore the newest backup");
        });
    }

    @Test
    void aDamagedPageIsDamage() throws Exception {
        LedgerPosition position = LedgerPosition.START;
        for (int i = 0; i < 50; i++) {
            position = appended(store.append(position, List.of(new byte[1_000 + i])));
        }
        store.close();
        try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            byte[] junk = new byte[3_000];
            java.util.Arrays.fill(junk, (byte) 0x5a);
            for (long at = 20 * 4_096; at < channel.size(); at += 4_096) {
                channel.write(ByteBuffer.wrap(junk), at);
            }
        }
        LedgerStore again = open();
        assertThatThrownBy(() -> again.read(0, 100))
                .isInstanceOfSatisfying(
                        StoreException.class,
                        e -> assertThat(e.code()).as(e.toString()).isEqualTo(Code.DAMAGED));
    }

    @Test
    void aFileThatIsTakenAwayTakesNoAcknowledgedEntryAlong() throws Exception {
        LedgerPosition one = appended(store.append(LedgerPosition.START, entries("a")));
        Files.move(file(), directory.resolve("elsewhere.db"));
        assertThatThrownBy(() -> store.append(one, entries("b"))).isInstanceOfSatisfying(StoreException.class, e -> {
            assertThat(e.code()).isEqualTo(Code.DAMAGED);
            assertThat(e.outcomeUnknown()).isFalse();
            assertThat(e).hasMessageContaining("removed or replaced");
        });
        assertThat(file()).doesNotExist();
    }

    @Test
    void aFolderThatIsNotThereIsUnavailableUntilItIs() throws Exception {
        Path late = directory.resolve("late/ledger.db");
        LedgerStore waiting = keep(LedgerStores.openFile(late, OPTIONS, new java.util.Random(1)));
        assertThatThrownBy(waiting::head)
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.UNAVAILABLE));
        Files.createDirectory(late.getParent());
        assertThat(waiting.head().version()).isZero();
    }

    @Test
    void anAddressThatIsNotOneIsRefusedWithoutRepeatingIt() {
        for (String wrong : List.of("jdbc:mysql://u:secret@h/d", "jdbc:sqlite:", "ledger.db")) {
            assertThatThrownBy(() -> LedgerStores.open(wrong, OPTIONS, new java.util.Random(1)))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.LIMIT))
                    .hasMessageContaining("expected: jdbc:sqlite:FILE or jdbc:postgresql:")
                    .hasMessageNotContaining("secret");
        }
    }
}
