package dev.andon.store;

import dev.andon.core.ledger.ChainHash;
import dev.andon.core.ledger.Checkpoint;
import dev.andon.store.StoreException.Code;
import dev.andon.store.Workers.Permit;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ledger in a relational database. Thread-safe.
 *
 * <p>What can fail, and what is done:
 *
 * <ol>
 *   <li>The database can't be reached, or isn't there yet: the call fails; nothing is remembered against the database,
 *       and the next call tries again. Opening a store needs no database.
 *   <li>It hangs: the call fails when its time is up. If its commit hadn't begun, it never will; else the outcome is
 *       unknown, and {@link LedgerStore} says how to find out.
 *   <li>A statement fails: the transaction is rolled back and its connection is not used again.
 *   <li>The commit fails, or comes with a warning: the outcome is unknown, whatever the database says. PostgreSQL warns
 *       when it gave up waiting for its standby.
 *   <li>The head and the last entry disagree: DAMAGED, until somebody has repaired it.
 * </ol>
 */
final class JdbcLedgerStore implements LedgerStore {
    private static final Logger log = LoggerFactory.getLogger(JdbcLedgerStore.class);
    private static final int LEDGER_ID_BYTES = 16;

    private final Dialect dialect;
    private final RandomGenerator random;
    private final Workers workers;
    private final Watcher watcher;
    private final Leases leases;
    private final String schema;
    private final Duration patience;
    private final ReentrantLock preparing = new ReentrantLock();
    private volatile boolean prepared;
    private volatile StoreDescription description;

    JdbcLedgerStore(Dialect dialect, StoreOptions options, RandomGenerator random) {
        this.dialect = dialect;
        this.random = random;
        this.patience = options.callTimeout().dividedBy(2);
        this.schema = dialect.schema();
        this.leases = new Leases(dialect);
        this.description = dialect.describeUnseen();
        this.workers = new Workers("store", options.connections(), options.callTimeout());
        this.watcher = new Watcher(this::head, dialect::listen, options.pollInterval());
    }

    private interface Query<T> {
        T run(Connection connection) throws SQLException;
    }

    @Override
    public LedgerHead head() {
        return read("head", connection -> selectHead(connection, dialect.selectHead()));
    }

    @Override
    public AppendResult append(LedgerPosition expected, List<byte[]> entries) {
        Limits.checkAppend(entries);
        List<LedgerPosition> positions = new ArrayList<>(entries.size());
        LedgerPosition position = expected;
        for (byte[] entry : entries) {
            position = position.next(entry);
            positions.add(position);
        }
        AppendResult result = write("append", connection -> append(connection, expected, entries, positions));
        watcher.nudge();
        return result;
    }

    private AppendResult append(
            Connection connection, LedgerPosition expected, List<byte[]> entries, List<LedgerPosition> positions)
            throws SQLException {
        LedgerHead head = selectHead(connection, dialect.lockHead());
        LedgerPosition end = positions.getLast();
        if (!head.position().equals(expected)) {
            return appendedBefore(connection, head, end);
        }
        String insert = "INSERT INTO " + schema + "entry (version, epoch, hash, bytes) VALUES (?, ?, ?, ?)";
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            for (int i = 0; i < entries.size(); i++) {
                statement.setLong(1, positions.get(i).version());
                statement.setLong(2, head.epoch());
                statement.setBytes(3, positions.get(i).hash().toBytes());
                statement.setBytes(4, entries.get(i));
                statement.addBatch();
            }
            statement.executeBatch();
        }
        LedgerHead next = new LedgerHead(head.ledgerId(), head.epoch(), end);
        updateHead(connection, head, next);
        dialect.announce(connection);
        return new AppendResult.Appended(next);
    }

    /** Tells an append whose earlier try did go through, as its author couldn't know, from one that lost. */
    private AppendResult appendedBefore(Connection connection, LedgerHead head, LedgerPosition end)
            throws SQLException {
        String select = "SELECT epoch FROM " + schema + "entry WHERE version = ? AND hash = ?";
        try (PreparedStatement statement = connection.prepareStatement(select)) {
            statement.setLong(1, end.version());
            statement.setBytes(2, end.hash().toBytes());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next()
                        ? new AppendResult.Appended(new LedgerHead(head.ledgerId(), rows.getLong(1), end))
                        : new AppendResult.Conflict(head);
            }
        }
    }

    private void updateHead(Connection connection, LedgerHead from, LedgerHead to) throws SQLException {
        String update =
                "UPDATE " + schema + "head SET epoch = ?, version = ?, hash = ? WHERE epoch = ? AND version = ?";
        try (PreparedStatement statement = connection.prepareStatement(update)) {
            statement.setLong(1, to.epoch());
            statement.setLong(2, to.version());
            statement.setBytes(3, to.hash().toBytes());
            statement.setLong(4, from.epoch());
            statement.setLong(5, from.version());
            if (statement.executeUpdate() != 1) {
                throw new StoreException(Code.DAMAGED, damaged("head", "its row changed while it was locked"));
            }
        }
    }

    @Override
    public List<StoredEntry> read(long afterVersion, int maxEntries) {
        Limits.checkRead(afterVersion, maxEntries);
        return read("read", connection -> {
            try (PreparedStatement statement =
                            dialect.selectEntries(connection, afterVersion, maxEntries, MAX_APPEND_BYTES);
                    ResultSet rows = statement.executeQuery()) {
                return entries(rows, afterVersion);
            }
        });
    }

    private List<StoredEntry> entries(ResultSet rows, long afterVersion) throws SQLException {
        List<StoredEntry> entries = new ArrayList<>();
        long total = 0;
        while (total < MAX_APPEND_BYTES && rows.next()) {
            long version = rows.getLong("version");
            byte[] bytes = rows.getBytes("bytes");
            long expected = afterVersion + entries.size() + 1;
            if (version != expected) {
                throw new StoreException(
                        Code.DAMAGED, damaged("entry " + expected, "the next one there is " + version));
            }
            if (bytes.length < 1 || bytes.length > MAX_ENTRY_BYTES) {
                throw new StoreException(Code.DAMAGED, damaged("entry " + version, bytes.length + " bytes long"));
            }
            total += bytes.length;
            entries.add(new StoredEntry(rows.getLong("epoch"), version, bytes, ChainHash.of(rows.getBytes("hash"))));
        }
        return List.copyOf(entries);
    }

    @Override
    public LedgerHead startEpoch(long expectedEpoch, long epoch) {
        if (expectedEpoch < 1 || epoch <= expectedEpoch) {
            throw new StoreException(Code.LIMIT, "epoch: " + epoch + " (expected: more than " + expectedEpoch + ")");
        }
        LedgerHead result = write("start of an epoch", connection -> {
            LedgerHead head = selectHead(connection, dialect.lockHead());
            if (head.epoch() != expectedEpoch) {
                return head;
            }
            LedgerHead next = new LedgerHead(head.ledgerId(), epoch, head.position());
            updateHead(connection, head, next);
            dialect.announce(connection);
            return next;
        });
        watcher.nudge();
        return result;
    }

    @Override
    public void saveSnapshot(LedgerPosition position, byte[] bytes) {
        Limits.checkSnapshot(position, bytes);
        String insert =
                "INSERT INTO " + schema + "snapshot (version, digest, bytes) SELECT version, ?, ? FROM " + schema
                        + "entry WHERE version = ? AND hash = ?"
                        + " ON CONFLICT (version) DO UPDATE SET digest = excluded.digest, bytes = excluded.bytes";
        String prune = "DELETE FROM " + schema + "snapshot WHERE version NOT IN (SELECT version FROM " + schema
                + "snapshot ORDER BY version DESC LIMIT " + SNAPSHOTS_KEPT + ")";
        write("snapshot", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(insert)) {
                statement.setBytes(1, snapshotDigest(position.version(), bytes));
                statement.setBytes(2, bytes);
                statement.setLong(3, position.version());
                statement.setBytes(4, position.hash().toBytes());
                if (statement.executeUpdate() == 0) {
                    throw notThere(position);
                }
            }
            try (PreparedStatement statement = connection.prepareStatement(prune)) {
                return statement.executeUpdate();
            }
        });
    }

    @Override
    public Optional<StoredSnapshot> snapshotAtOrBefore(long version) {
        String select = "SELECT s.version, s.digest, s.bytes, e.epoch, e.hash FROM " + schema + "snapshot s JOIN "
                + schema + "entry e ON e.version = s.version WHERE s.version <= ? ORDER BY s.version DESC LIMIT 1";
        long limit = version;
        while (true) {
            long atMost = limit;
            Optional<Candidate> candidate = read("snapshot", connection -> {
                try (PreparedStatement statement = connection.prepareStatement(select)) {
                    statement.setLong(1, atMost);
                    try (ResultSet rows = statement.executeQuery()) {
                        return rows.next() ? Optional.of(candidate(rows)) : Optional.empty();
                    }
                }
            });
            if (candidate.isEmpty()) {
                return Optional.empty();
            }
            StoredSnapshot snapshot = candidate.get().snapshot();
            if (candidate.get().intact()) {
                return Optional.of(snapshot);
            }
            log.warn("snapshot of version {}: damaged; going back to an older one", snapshot.version());
            limit = snapshot.version() - 1;
        }
    }

    @Override
    public void saveCheckpoint(Checkpoint checkpoint) {
        LedgerPosition position = new LedgerPosition(checkpoint.version(), checkpoint.hash());
        String insert = "INSERT INTO " + schema + "checkpoint (version, node, body, signature) SELECT version, ?, ?, ?"
                + " FROM " + schema + "entry WHERE version = ? AND hash = ? ON CONFLICT (version, node)"
                + " DO UPDATE SET body = excluded.body, signature = excluded.signature";
        write("checkpoint", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(insert)) {
                statement.setString(1, checkpoint.node());
                statement.setString(2, checkpoint.body());
                statement.setString(3, checkpoint.signature());
                statement.setLong(4, position.version());
                statement.setBytes(5, position.hash().toBytes());
                if (statement.executeUpdate() == 0) {
                    throw notThere(position);
                }
                return true;
            }
        });
    }

    private static StoreException notThere(LedgerPosition position) {
        return new StoreException(
                Code.LIMIT,
                "position: version " + position.version() + ", hash " + position.hash()
                        + " (expected: one that is in the ledger)");
    }

    @Override
    public List<StoredCheckpoint> checkpoints(long first, long last) {
        Limits.checkRange(first, last);
        String select = "SELECT version, body, signature FROM " + schema
                + "checkpoint WHERE version BETWEEN ? AND ? ORDER BY version, node";
        return read("checkpoints", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(select)) {
                statement.setLong(1, first);
                statement.setLong(2, last);
                return checkpoints(statement);
            }
        });
    }

    @Override
    public Optional<StoredCheckpoint> newestCheckpoint() {
        String select =
                "SELECT version, body, signature FROM " + schema + "checkpoint ORDER BY version DESC, node LIMIT 1";
        return read("checkpoint", connection -> {
            try (PreparedStatement statement = connection.prepareStatement(select)) {
                return checkpoints(statement).stream().findFirst();
            }
        });
    }

    private static List<StoredCheckpoint> checkpoints(PreparedStatement statement) throws SQLException {
        List<StoredCheckpoint> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(new StoredCheckpoint(rows.getLong(1), rows.getString(2), rows.getString(3)));
            }
        }
        return List.copyOf(found);
    }

    @Override
    public Lease takeLease(String name, String holder, Duration time) {
        Limits.checkLease(name, holder, time);
        return write("lease", connection -> leases.take(connection, name, holder, time));
    }

    @Override
    public boolean giveUpLease(String name, String holder) {
        return write("lease", connection -> leases.giveUp(connection, name, holder));
    }

    private record Candidate(StoredSnapshot snapshot, boolean intact) {}

    private static Candidate candidate(ResultSet rows) throws SQLException {
        long version = rows.getLong("version");
        byte[] bytes = rows.getBytes("bytes");
        LedgerPosition position = new LedgerPosition(version, ChainHash.of(rows.getBytes("hash")));
        boolean intact = Arrays.equals(snapshotDigest(version, bytes), rows.getBytes("digest"));
        return new Candidate(new StoredSnapshot(rows.getLong("epoch"), position, bytes), intact);
    }

    /** Any digest over both would do; this one is at hand. */
    private static byte[] snapshotDigest(long version, byte[] bytes) {
        return ChainHash.ZERO.next(version, bytes).toBytes();
    }

    @Override
    public Tail tail(Runnable onNews) {
        return watcher.add(onNews);
    }

    @Override
    public StoreDescription describe() {
        return description;
    }

    private <T> T read(String what, Query<T> query) {
        return workers.call(what, permit -> {
            prepare();
            return onConnection(what, permit, query);
        });
    }

    private <T> T write(String what, Query<T> query) {
        return workers.call(what, permit -> {
            prepare();
            return transact(what, permit, query);
        });
    }

    private <T> T onConnection(String what, Permit permit, Query<T> query) {
        try {
            Connection connection = dialect.connect();
            boolean healthy = false;
            try {
                T result = query.run(connection);
                healthy = true;
                return result;
            } finally {
                dialect.giveBack(connection, healthy);
            }
        } catch (SQLException e) {
            throw dialect.translate(e, what, permit.committing());
        }
    }

    private <T> T transact(String what, Permit permit, Query<T> query) {
        return onConnection(what, permit, connection -> {
            dialect.begin(connection);
            T result;
            try {
                result = query.run(connection);
                dialect.beforeCommit();
                permit.commit();
            } catch (SQLException | RuntimeException e) {
                rollBack(connection, e);
                throw e;
            }
            dialect.commit(connection);
            return result;
        });
    }

    private void rollBack(Connection connection, Exception reason) {
        try {
            dialect.rollBack(connection);
        } catch (SQLException e) {
            reason.addSuppressed(e);
        }
    }

    /** Migrates, creates the head and compares it with the last entry, once; until that works, every call tries it. */
    private void prepare() throws InterruptedException {
        if (prepared) {
            return;
        }
        if (!preparing.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new StoreException(
                    Code.UNAVAILABLE, "store: " + dialect.address() + " is being prepared. Try again in a moment");
        }
        try {
            if (!prepared) {
                dialect.migrate();
                transact("preparation", new Permit(), connection -> {
                    createHead(connection);
                    checkHead(connection, selectHead(connection, dialect.lockHead()));
                    return true;
                });
                prepared = true;
            }
        } finally {
            preparing.unlock();
        }
    }

    private void createHead(Connection connection) throws SQLException {
        byte[] id = new byte[LEDGER_ID_BYTES];
        random.nextBytes(id);
        String insert = "INSERT INTO " + schema + "head (only_row, ledger_id, epoch, version, hash)"
                + " SELECT " + (schema.isEmpty() ? "1" : "true") + ", ?, 1, 0, ? WHERE NOT EXISTS (SELECT 1 FROM "
                + schema + "head) ON CONFLICT (only_row) DO NOTHING";
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            statement.setString(1, HexFormat.of().formatHex(id));
            statement.setBytes(2, ChainHash.ZERO.toBytes());
            statement.executeUpdate();
        }
    }

    private void checkHead(Connection connection, LedgerHead head) throws SQLException {
        String select = "SELECT version, hash FROM " + schema + "entry ORDER BY version DESC LIMIT 1";
        try (PreparedStatement statement = connection.prepareStatement(select);
                ResultSet rows = statement.executeQuery()) {
            LedgerPosition last = rows.next()
                    ? new LedgerPosition(rows.getLong(1), ChainHash.of(rows.getBytes(2)))
                    : LedgerPosition.START;
            if (!last.equals(head.position())) {
                throw new StoreException(
                        Code.DAMAGED,
                        damaged("head", "it says " + head.position() + ", but the last entry is " + last));
            }
        }
    }

    private LedgerHead selectHead(Connection connection, String select) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(select);
                ResultSet rows = statement.executeQuery()) {
            if (!rows.next()) {
                throw new StoreException(Code.DAMAGED, damaged("head", "its row is missing"));
            }
            description = dialect.describe(rows::getString);
            return new LedgerHead(
                    rows.getString("ledger_id"),
                    rows.getLong("epoch"),
                    new LedgerPosition(rows.getLong("version"), ChainHash.of(rows.getBytes("hash"))));
        }
    }

    private String damaged(String what, String how) {
        return what + ": " + how + " (expected: an undamaged ledger in " + dialect.address()
                + "). Keep a copy of it and restore the newest backup";
    }

    @Override
    public void close() {
        watcher.close();
        workers.close();
        dialect.close();
    }
}
