package dev.andon.proof.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What unmodified flagd clients do when they end, and what the server makes of it. */
@Timeout(300)
class PartingTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(
            value = Make.class,
            names = {"JAVA_IN_PROCESS", "JAVA_RPC", "NODE_IN_PROCESS", "NODE_RPC"})
    void isGoneWhenItIsShutDownAndUnreachableWhenItIsKilled(Make make) throws Exception {
        try (Stage stage = new Stage(folder)) {
            stage.flagAndCounters(1);
            try (ForeignClient client = make.connect(stage)) {
                awaitStates(stage, "sent");
                ((ProcessClient) client).shutDown();
                awaitStates(stage);
            }
            try (ForeignClient killed = make.connect(stage)) {
                awaitStates(stage, "sent");
                assertThat(killed.ask("boolean", Stage.BOOL, Map.of("targetingKey", "ann"))
                                .value())
                        .isEqualTo(Json.of(true));
            }
            awaitStates(stage, "unreachable");
        }
    }

    private static void awaitStates(Stage stage, String... states) {
        Awaitility.await().atMost(SOON).until(() -> states(stage).equals(List.of(states)));
    }

    private static List<String> states(Stage stage) {
        return stage.admin().get("/api/v1/environments/production/instances").items("items").stream()
                .map(instance -> Answer.text(instance, "state"))
                .toList();
    }
}
