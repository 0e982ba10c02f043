package dev.andon.store;

import java.sql.SQLException;
import org.junit.jupiter.api.parallel.ResourceLock;

@ResourceLock(TestPostgres.LOCK)
final class PostgresLeaseTest extends LeaseContract {
    private String database = "";

    @Override
    String url() {
        if (database.isEmpty()) {
            try {
                database = TestPostgres.createDatabase();
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }
        return TestPostgres.url(TestPostgres.port(), database);
    }

    @Override
    void sql(String text) throws Exception {
        TestPostgres.execute(url(), text.formatted("andon."));
    }
}
