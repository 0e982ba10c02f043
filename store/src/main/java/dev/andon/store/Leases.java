package dev.andon.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/**
 * The leases in a relational database. Each call is within a transaction that keeps others out of the lease's row. Thread-safe.
 *
 * <p>Every time is read from the database's clock, after the row is locked. A row that another server wrote, before a fail-over or a
 * restart, tells a time of that server's clock, and may be older than what that server acknowledged: whoever has it by that row, or by
 * one that was lost, may go on for a whole lease. So for so long nobody gets it.
 */
final class Leases {
    private final Dialect dialect;
    private final String table;

    Leases(Dialect dialect) {
        this.dialect = dialect;
        this.table = dialect.schema() + "lease";
    }

    private record Row(String holder, long token, long untilMs, String server) {
        static final Row NONE = new Row("", 0, 0, "");
    }

    /** What the database's clock shows, and which run of which server that is. */
    private record Moment(long ms, String server) {}

    Lease take(Connection connection, String name, String holder, Duration time) throws SQLException {
        Optional<Row> found = lock(connection, name);
        Row row = found.orElse(Row.NONE);
        Moment now = now(connection);
        long untilMs = now.ms() + time.toMillis();
        Row next;
        if (found.isPresent() && !row.server().equals(now.server())) {
            next = new Row("", row.token(), untilMs, now.server());
        } else if (row.untilMs() > now.ms() && !row.holder().equals(holder)) {
            return new Lease(name, row.holder(), row.token(), Duration.ofMillis(row.untilMs() - now.ms()));
        } else {
            boolean goesOn = row.untilMs() > now.ms();
            // The time, too, so that it is larger than one that a fail-over has lost.
            long token = goesOn ? row.token() : Math.max(row.token() + 1, now.ms());
            next = new Row(holder, token, untilMs, now.server());
        }
        if (!save(connection, name, next, found.isPresent())) {
            return take(connection, name, holder, time);
        }
        return new Lease(name, next.holder(), next.token(), time);
    }

    boolean giveUp(Connection connection, String name, String holder) throws SQLException {
        String update = "UPDATE " + table + " SET until_ms = 0 WHERE name = ? AND holder = ?";
        try (PreparedStatement statement = connection.prepareStatement(update)) {
            statement.setString(1, name);
            statement.setString(2, holder);
            return statement.executeUpdate() == 1;
        }
    }

    private Optional<Row> lock(Connection connection, String name) throws SQLException {
        String select =
                "SELECT holder, token, until_ms, server FROM " + table + " WHERE name = ?" + dialect.andLocksRows();
        try (PreparedStatement statement = connection.prepareStatement(select)) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next()
                        ? Optional.of(new Row(rows.getString(1), rows.getLong(2), rows.getLong(3), rows.getString(4)))
                        : Optional.empty();
            }
        }
    }

    private Moment now(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(dialect.selectNow());
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return new Moment(rows.getLong(1), rows.getString(2));
        }
    }

    /**
     * Of two that make the first row of a name at once, one waits for the other, and makes none.
     *
     * @param locked whether there is a row, and it is kept from others: one that came since is another holder's
     * @return false if one came since
     */
    private boolean save(Connection connection, String name, Row row, boolean locked) throws SQLException {
        String sql = locked
                ? "UPDATE " + table + " SET holder = ?, token = ?, until_ms = ?, server = ? WHERE name = ?"
                : "INSERT INTO " + table
                        + " (holder, token, until_ms, server, name) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO"
                        + " NOTHING";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, row.holder());
            statement.setLong(2, row.token());
            statement.setLong(3, row.untilMs());
            statement.setString(4, row.server());
            statement.setString(5, name);
            return statement.executeUpdate() == 1;
        }
    }
}
