package dev.andon.proof.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Child;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One data folder belongs to one server. */
final class TwoServersTest {
    private static final Duration END = Duration.ofMinutes(2);

    @Test
    void aSecondServerOnTheSameFolderIsRefusedAndDisturbsNothing(@TempDir Path directory) {
        Path data = directory.resolve("server");
        try (Server first = new Server(data);
                Server second = new Server(data)) {
            first.start();
            Api admin = first.admin();
            admin.createFlag("new-checkout").expect(201);
            Child refused = second.launch();
            assertThat(refused.awaitEnd(END)).isNotZero();
            assertThat(refused.log())
                    .contains("is in use by process " + first.process().pid());

            String kill =
                    admin.kill("new-checkout", "declines payments").expect(201).text("id");
            first.kill();
            second.start();
            assertThat(second.admin().receipt(kill).text("reason")).isEqualTo("declines payments");
            Until.holds(
                    "the kill is in the ledger",
                    END,
                    () -> second.admin().receipt(kill).text("ledger").equals("settled"));
            assertThat(second.admin().inLog("declines payments")).isEqualTo(1);
        }
    }

    @Test
    void ofTwoThatStartAtOnceOneRuns(@TempDir Path directory) {
        Path data = directory.resolve("server");
        try (Server one = new Server(data);
                Server other = new Server(data)) {
            List<Child> both = Stream.of(one, other).map(Server::launch).toList();
            Child ended = firstToEnd(both);
            assertThat(ended.awaitEnd(END)).isNotZero();
            assertThat(ended.log()).contains("is in use by process");
            Server left = ended.equals(both.getFirst()) ? other : one;
            left.awaitReady();
            left.admin().createFlag("new-checkout").expect(201);
        }
    }

    private static Child firstToEnd(List<Child> children) {
        Until.holds("one of the two has ended", END, () -> children.stream().anyMatch(child -> !child.isAlive()));
        return children.stream().filter(child -> !child.isAlive()).findFirst().orElseThrow();
    }
}
