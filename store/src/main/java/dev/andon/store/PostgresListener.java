package dev.andon.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that listens on {@link PostgresDialect#CHANNEL}, with a thread of its own. A connection that breaks is
 * replaced, for ever. {@link #close} is prompt.
 */
final class PostgresListener implements Tail {
    private static final Logger log = LoggerFactory.getLogger(PostgresListener.class);

    /** How long a silent connection is trusted before it is tried. */
    private static final int CHECK_INTERVAL_MS = 10_000;

    private final Migrations.Source source;
    private final Duration retryDelay;
    private final Runnable onNews;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicReference<@Nullable Connection> current = new AtomicReference<>();

    PostgresListener(Migrations.Source source, Duration retryDelay, Runnable onNews) {
        this.source = source;
        this.retryDelay = retryDelay;
        this.onNews = onNews;
        Thread.ofPlatform().name("andon-store-listen").daemon().start(this::run);
    }

    private void run() {
        try {
            do {
                listen();
            } while (!closed.await(retryDelay.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void listen() {
        try (Connection connection = source.connect();
                Statement statement = connection.createStatement()) {
            current.set(connection);
            statement.execute("LISTEN " + PostgresDialect.CHANNEL);
            onNews.run();
            PGConnection news = connection.unwrap(PGConnection.class);
            while (closed.getCount() > 0) {
                if (news.getNotifications(CHECK_INTERVAL_MS).length > 0) {
                    onNews.run();
                } else {
                    statement.execute("SELECT 1");
                }
            }
        } catch (SQLException e) {
            log.debug("store: listening ended; polling goes on", e);
        } finally {
            current.set(null);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        Connection connection = current.get();
        if (connection != null) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                log.debug("store: the listening connection didn't close cleanly", e);
            }
        }
    }
}
