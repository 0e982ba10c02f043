package dev.andon.proof.harness;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The PostgreSQL of the fault tests freezes, dies and comes back with its data. */
final class PostgresTest {
    @Test
    @Tag("nightly")
    void freezesDiesAndComesBack(@TempDir Path data) throws SQLException {
        try (Postgres postgres = Postgres.start(data)) {
            String url = postgres.createDatabase("kept");
            try (Connection connection = DriverManager.getConnection(url + "&socketTimeout=1")) {
                postgres.freeze();
                assertThatThrownBy(() -> connection.createStatement().execute("SELECT 1"))
                        .isInstanceOf(SQLException.class);
                postgres.thaw();
            }
            postgres.kill();
            assertThatThrownBy(() -> DriverManager.getConnection(url)).isInstanceOf(SQLException.class);
            postgres.restart();
            assertThatCode(() -> DriverManager.getConnection(url).close()).doesNotThrowAnyException();
        }
    }
}
