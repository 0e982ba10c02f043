package dev.andon.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** One PostgreSQL server for all tests of this JVM, started on first use and stopped with the JVM. */
final class TestPostgres {
    /** Names the server among what tests may not use at the same time: some of them freeze or reconfigure it. */
    static final String LOCK = "postgres";

    private static final AtomicInteger databases = new AtomicInteger();

    private TestPostgres() {}

    private static final class Server {
        private static final EmbeddedPostgres INSTANCE = start();

        private static EmbeddedPostgres start() {
            try {
                EmbeddedPostgres started = EmbeddedPostgres.builder()
                        .setPGStartupWait(Duration.ofMinutes(1))
                        .start();
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(started)));
                return started;
            } catch (IOException e) {
                throw new UncheckedIOException("PostgreSQL didn't start", e);
            }
        }

        private static void stop(EmbeddedPostgres started) {
            try {
                started.close();
            } catch (IOException e) {
                throw new UncheckedIOException("PostgreSQL didn't stop", e);
            }
        }
    }

    static EmbeddedPostgres server() {
        return Server.INSTANCE;
    }

    static int port() {
        return server().getPort();
    }

    /** The name of a new, empty database. */
    static String createDatabase() throws SQLException {
        String name = "ledger" + databases.incrementAndGet();
        admin("CREATE DATABASE " + name);
        return name;
    }

    static String url(int port, String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=postgres&password=secret";
    }

    static void admin(String sql) throws SQLException {
        execute(url(port(), "postgres"), sql);
    }

    static void execute(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
