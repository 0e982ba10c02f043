package dev.andon.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** Makes a store hang: whoever reads or writes the ledger waits for as long as this is held. */
final class Lock implements AutoCloseable {
    private final Connection connection;
    private final String take;

    private Lock(String url, String take) {
        try {
            this.connection = DriverManager.getConnection(url);
        } catch (SQLException e) {
            throw new IllegalStateException(url, e);
        }
        this.take = take;
    }

    static Lock ofSqlite(String url) {
        return new Lock(url, "BEGIN EXCLUSIVE");
    }

    static Lock ofPostgres(String url) {
        return new Lock(
                url,
                "BEGIN; LOCK TABLE andon.head, andon.entry, andon.snapshot, andon.checkpoint IN ACCESS EXCLUSIVE MODE");
    }

    void take() {
        execute(take);
    }

    void release() {
        execute("ROLLBACK");
    }

    private void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException("connection: can't be closed", e);
        }
    }
}
