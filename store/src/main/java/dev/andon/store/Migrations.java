package dev.andon.store;

import dev.andon.store.StoreException.Code;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.function.Function;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.configuration.FluentConfiguration;

/** Brings a database's tables up to date with Flyway. */
final class Migrations {
    private Migrations() {}

    interface Source {
        Connection connect() throws SQLException;
    }

    /**
     * @param location a folder on the class path
     * @param translate what to make of a failure that the database caused
     */
    static void run(
            Source source,
            String location,
            Function<FluentConfiguration, FluentConfiguration> configure,
            Function<SQLException, StoreException> translate) {
        Flyway flyway = configure
                .apply(Flyway.configure()
                        .dataSource(new Connections(source))
                        .locations("classpath:" + location)
                        .ignoreMigrationPatterns(new String[0])
                        .validateMigrationNaming(true)
                        .failOnMissingLocations(true)
                        .loggers("slf4j"))
                .load();
        try {
            refuseNewer(flyway);
            flyway.migrate();
        } catch (FlywayException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof SQLException sql) {
                    throw translate.apply(sql);
                }
            }
            throw new StoreException(
                    Code.FAILED, "store: its tables can't be brought up to date: " + e.getMessage(), e);
        }
    }

    private static void refuseNewer(Flyway flyway) {
        for (MigrationInfo migration : flyway.info().all()) {
            if (migration.getState().isApplied() && !migration.getState().isResolved()) {
                throw new StoreException(
                        Code.TOO_NEW,
                        "store: table version " + migration.getVersion()
                                + " is unknown (expected: an older one). Use the newer Andon that wrote it");
            }
        }
    }

    private record Connections(Source source) implements DataSource {
        @Override
        public Connection getConnection() throws SQLException {
            return source.connect();
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            return source.connect();
        }

        @Override
        public PrintWriter getLogWriter() throws SQLException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public void setLogWriter(PrintWriter out) {}

        @Override
        public void setLoginTimeout(int seconds) {}

        @Override
        public int getLoginTimeout() {
            return 0;
        }

        @Override
        public Logger getParentLogger() throws SQLFeatureNotSupportedException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public <T> T unwrap(Class<T> type) throws SQLException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public boolean isWrapperFor(Class<?> type) {
            return false;
        }
    }
}
