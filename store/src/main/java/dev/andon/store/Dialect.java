package dev.andon.store;

import dev.andon.store.StoreDescription.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** What differs between the databases that hold a ledger. Thread-safe. */
interface Dialect extends AutoCloseable {
    Kind kind();

    /** For people, without credentials. */
    String address();

    /** Where the tables are: empty, or a schema's name and a dot. */
    String schema();

    /** A connection for one call, in autocommit mode. */
    Connection connect() throws SQLException;

    /** Takes a connection back; one that isn't {@code healthy} is never used again. */
    void giveBack(Connection connection, boolean healthy);

    /** Brings the tables up to date; may take long. Several nodes may do so at once. */
    void migrate();

    /** Selects ledger_id, epoch, version and hash of the head, then whatever {@link #describe} reads. */
    String selectHead();

    /** As {@link #selectHead}, and keeps all other writers out until the transaction ends. */
    String lockHead();

    /** Selects epoch, version, hash and bytes in order; fewer rows once they come to {@code maxBytes}, if that helps. */
    PreparedStatement selectEntries(Connection connection, long afterVersion, int maxEntries, long maxBytes)
            throws SQLException;

    /** What keeps others out of the rows that a query ends with, as part of a transaction; empty if its beginning did. */
    String andLocksRows();

    /** Selects the milliseconds of the database's clock, and a name for the server's present run, after which that clock may differ. */
    String selectNow();

    /** Begins a transaction that may write. */
    void begin(Connection connection) throws SQLException;

    void rollBack(Connection connection) throws SQLException;

    /** Tells other nodes that there are entries, as part of the transaction. */
    void announce(Connection connection) throws SQLException;

    /** Looks, right before the commit, whether what is committed will be found again. */
    void beforeCommit();

    /** Commits durably, or throws: a database that only warns hasn't. */
    void commit(Connection connection) throws SQLException;

    /** Reads what {@link #selectHead} gave about the database itself. */
    StoreDescription describe(HeadRow row) throws SQLException;

    /** What to say before the store has answered. */
    StoreDescription describeUnseen();

    StoreException translate(SQLException e, String what, boolean outcomeUnknown);

    /** Calls {@code onNews} when somebody announces entries, until closed. Reconnects by itself. */
    Tail listen(Runnable onNews);

    @Override
    void close();

    /** The current row of a head query. */
    interface HeadRow {
        String text(String column) throws SQLException;
    }
}
