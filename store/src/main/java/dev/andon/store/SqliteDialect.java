package dev.andon.store;

import dev.andon.store.StoreDescription.Kind;
import dev.andon.store.StoreDescription.Replication;
import dev.andon.store.StoreException.Code;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.Pragma;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * A ledger in one SQLite file: write-ahead log, synced at every commit, one writer at a time.
 *
 * <p>Connections are kept between calls; one that saw a failure is closed.
 */
final class SqliteDialect implements Dialect {
    private static final Logger log = LoggerFactory.getLogger(SqliteDialect.class);
    private static final int WAL_KEPT_BYTES = 4 << 20;

    private final Path file;
    private final SQLiteDataSource source;
    private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();
    private volatile Optional<Object> fileKey = Optional.empty();
    private volatile boolean closed;

    SqliteDialect(Path file, Duration callTimeout) {
        this.file = file.toAbsolutePath();
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(JournalMode.WAL);
        config.setSynchronous(SynchronousMode.FULL);
        config.setBusyTimeout(Math.toIntExact(callTimeout.toMillis() / 2));
        config.setJournalSizeLimit(WAL_KEPT_BYTES);
        config.enforceForeignKeys(true);
        config.setPragma(Pragma.FULL_SYNC, "true");
        this.source = new SQLiteDataSource(config);
        this.source.setUrl("jdbc:sqlite:" + this.file);
    }

    @Override
    public Kind kind() {
        return Kind.SQLITE;
    }

    @Override
    public String address() {
        return file.toString();
    }

    @Override
    public String schema() {
        return "";
    }

    @Override
    public Connection connect() throws SQLException {
        Connection kept = idle.pollFirst();
        return kept != null ? kept : open();
    }

    private Connection open() throws SQLException {
        if (fileKey.isPresent()) {
            beforeCommit();
        } else {
            create();
            fileKey = currentKey();
        }
        return source.getConnection();
    }

    private void create() {
        try {
            // SQLite syncs the folder with the first write-ahead log that it makes there.
            Files.createFile(file, OwnerOnly.file(file));
        } catch (FileAlreadyExistsException e) {
            log.debug("store: {} is there already", file);
        } catch (IOException e) {
            throw new StoreException(
                    Code.UNAVAILABLE, "store: " + file + " can't be created: " + e + ". Check the folder", e);
        }
    }

    @Override
    public void giveBack(Connection connection, boolean healthy) {
        if (healthy && !closed) {
            idle.addFirst(connection);
        } else {
            closeQuietly(connection);
        }
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            log.debug("store: a connection didn't close cleanly", e);
        }
    }

    @Override
    public void migrate() {
        Migrations.run(
                this::open,
                "dev/andon/store/sqlite",
                configuration -> configuration,
                e -> translate(e, "preparation", false));
    }

    @Override
    public String selectHead() {
        return "SELECT ledger_id, epoch, version, hash FROM head";
    }

    /** A transaction takes the write lock as it begins. */
    @Override
    public String lockHead() {
        return selectHead();
    }

    @Override
    public String andLocksRows() {
        return "";
    }

    /** The clock is that of the machine, whichever process asks. */
    @Override
    public String selectNow() {
        return "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER), 'file'";
    }

    /** Rows come one by one as they are asked for, so {@code maxBytes} is the reader's to keep. */
    @Override
    public PreparedStatement selectEntries(Connection connection, long afterVersion, int maxEntries, long maxBytes)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(
                "SELECT epoch, version, hash, bytes FROM entry WHERE version > ? ORDER BY version LIMIT ?");
        statement.setLong(1, afterVersion);
        statement.setInt(2, maxEntries);
        return statement;
    }

    /** By hand, because the driver's own commit begins the next transaction at once and keeps the lock. */
    @Override
    public void begin(Connection connection) throws SQLException {
        execute(connection, "BEGIN IMMEDIATE");
    }

    @Override
    public void rollBack(Connection connection) throws SQLException {
        execute(connection, "ROLLBACK");
    }

    @Override
    public void commit(Connection connection) throws SQLException {
        execute(connection, "COMMIT");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void announce(Connection connection) {}

    /** A file that was removed or replaced takes what is written to it along. */
    @Override
    public void beforeCommit() {
        if (!currentKey().equals(fileKey)) {
            throw new StoreException(
                    Code.DAMAGED,
                    "store: " + file + " was removed or replaced while in use (nothing was written). Stop the server"
                            + " before touching its files, and restart it now");
        }
    }

    private Optional<Object> currentKey() {
        try {
            return Optional.ofNullable(
                    Files.readAttributes(file, BasicFileAttributes.class).fileKey());
        } catch (IOException e) {
            return Optional.of("missing");
        }
    }

    @Override
    public StoreDescription describe(HeadRow row) {
        return describeUnseen();
    }

    @Override
    public StoreDescription describeUnseen() {
        return new StoreDescription(Kind.SQLITE, address(), Replication.NONE, List.of());
    }

    @Override
    public StoreException translate(SQLException e, String what, boolean outcomeUnknown) {
        SQLiteErrorCode result =
                e instanceof SQLiteException sqlite ? sqlite.getResultCode() : SQLiteErrorCode.UNKNOWN_ERROR;
        return switch (result.code & 0xff) {
            case 5, 6, 15 ->
                failure(Code.LOCKED, "is in use by another process. Stop that one", what, outcomeUnknown, e);
            case 3, 8, 23 -> failure(Code.DENIED, "may not be written. Check who owns it", what, outcomeUnknown, e);
            case 11, 26 ->
                failure(
                        Code.DAMAGED,
                        "is damaged. Stop the server, keep a copy of it and restore the newest backup",
                        what,
                        outcomeUnknown,
                        e);
            // The frame that commits is written last: what found no room was not committed, and never will be.
            case 13 -> full(what, false, e);
            case 10 ->
                result == SQLiteErrorCode.SQLITE_IOERR_SHMSIZE
                        ? full(what, outcomeUnknown, e)
                        : failure(Code.FAILED, "can't be read or written. Check its disk", what, outcomeUnknown, e);
            case 9 -> failure(Code.TIMEOUT, "was interrupted", what, outcomeUnknown, e);
            case 14 -> failure(Code.UNAVAILABLE, "can't be opened. Check the folder", what, outcomeUnknown, e);
            default -> failure(Code.FAILED, "failed", what, outcomeUnknown, e);
        };
    }

    private StoreException full(String what, boolean outcomeUnknown, SQLException e) {
        return failure(Code.FULL, "has no room left on its disk. Make room", what, outcomeUnknown, e);
    }

    private StoreException failure(Code code, String state, String what, boolean outcomeUnknown, SQLException e) {
        return new StoreException(
                code, outcomeUnknown, "store: " + file + " " + state + " (" + what + ": " + e.getMessage() + ")", e);
    }

    @Override
    public Tail listen(Runnable onNews) {
        return () -> {};
    }

    @Override
    public void close() {
        closed = true;
        for (Connection kept = idle.pollFirst(); kept != null; kept = idle.pollFirst()) {
            closeQuietly(kept);
        }
    }
}
