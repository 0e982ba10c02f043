package dev.andon.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentTest {

    @Test
    void the_document_that_is_kept_is_what_the_results_make_it() throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        assertThat(Files.readString(root.resolve("docs/benchmarks.md"))).isEqualTo(new Document(root).text());
    }

    @Test
    void a_goal_that_is_missed_is_said_to_be(@TempDir Path root) throws IOException {
        Result.Goal missed = Result.Goal.atMost("kill", new Sample.Estimate(6, 5, 7), 5, " ms");
        Result result = new Result(
                "click",
                "Click",
                Machine.here(),
                "2026-11-26",
                "./andon bench click",
                List.of(Result.Row.of("healthy", new Sample(5, 6, 7))),
                List.of(missed),
                List.of());
        new Document(root).keep(result);
        assertThat(result.text()).contains("kill").contains("falls short");
        assertThat(Files.readString(root.resolve("docs/benchmarks.md")))
                .contains("| healthy | ms | 3 | 6.00 | 7.00 | 7.00 |")
                .contains("| kill | 6.00 ms (5.00 to 7.00) | ≤ 5.00 ms | falls short |");
    }
}
