package dev.andon.proof.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two PostgreSQLs of the fail-over tests fail over, with and without what came last. */
@Tag("nightly")
final class PostgresPairTest {
    @Test
    void theStandbyHasEverythingIfCommitsWaitForIt(@TempDir Path directory) throws SQLException {
        try (PostgresPair pair = PostgresPair.start(directory, true)) {
            String url = pair.createDatabase("kept") + "&targetServerType=primary";
            execute(url, "CREATE TABLE one (n int)");
            execute(url, "INSERT INTO one VALUES (1)");
            pair.killPrimary();
            assertThatThrownBy(() -> execute(url, "INSERT INTO one VALUES (2)")).isInstanceOf(SQLException.class);
            pair.promote();
            execute(url, "INSERT INTO one VALUES (3)");
            assertThat(numbers(url)).containsExactly(1, 3);
        }
    }

    @Test
    void theStandbyLacksWhatWasCommittedWithoutIt(@TempDir Path directory) throws SQLException {
        try (PostgresPair pair = PostgresPair.start(directory, false)) {
            String url = pair.createDatabase("lost") + "&targetServerType=primary";
            execute(url, "CREATE TABLE one (n int)");
            pair.awaitStandby();
            pair.cutReplication();
            execute(url, "INSERT INTO one VALUES (1)");
            pair.killPrimary();
            pair.promote();
            assertThat(numbers(url)).isEmpty();
        }
    }

    private static void execute(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<Integer> numbers(String url) throws SQLException {
        List<Integer> numbers = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT n FROM one ORDER BY n")) {
            while (rows.next()) {
                numbers.add(rows.getInt(1));
            }
        }
        return numbers;
    }
}
