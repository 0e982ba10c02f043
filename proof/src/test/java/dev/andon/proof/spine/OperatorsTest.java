package dev.andon.proof.spine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Server;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two people in a hurry at the same time. */
final class OperatorsTest {
    private static final String FLAG = "new-checkout";
    private static final int ROUNDS = 20;

    @Test
    void ordersGivenAtTheSameTimeAllCountAndNoneIsLost(@TempDir Path directory) throws Exception {
        try (Server server = new Server(directory.resolve("server"));
                ExecutorService hands = Executors.newVirtualThreadPerTaskExecutor()) {
            server.start();
            Api one = server.admin();
            try (Api other = new Api(server.port(), server.adminToken())) {
                one.createFlag(FLAG).expect(200, 201);
                bothEditTheSameVersion(hands, one, other);
                bothKillWithOneKey(hands, one, other);
                bothKillAndOneRestores(hands, one, other);
            }
            Figures.print(
                    "two operators",
                    "%d pairs of edits of one version: one taken, one refused each; one key twice at once: one kill; two kills and one restore: nothing is left standing"
                            .formatted(ROUNDS));
        }
    }

    private static void bothEditTheSameVersion(ExecutorService hands, Api one, Api other) throws Exception {
        for (int i = 0; i < ROUNDS; i++) {
            String version = "\"" + one.flag(FLAG).whole("version") + "\"";
            String reason = "edit-" + i;
            List<Answer> answers = atOnce(
                    hands,
                    () -> one.configure(FLAG, withVariant("one-" + reason), reason, version),
                    () -> other.configure(FLAG, withVariant("other-" + reason), reason, version));
            assertThat(answers).extracting(Answer::status).as(reason).containsExactlyInAnyOrder(200, 412);
            assertThat(one.inLog(reason)).isEqualTo(1);
        }
    }

    private static void bothKillWithOneKey(ExecutorService hands, Api one, Api other) throws Exception {
        List<Answer> answers = atOnce(
                hands,
                () -> one.kill(FLAG, "same", "Idempotency-Key", "one-key"),
                () -> other.kill(FLAG, "same", "Idempotency-Key", "one-key"));
        Set<String> ids = new HashSet<>();
        answers.forEach(answer -> ids.add(answer.expect(200, 201).text("id")));
        assertThat(ids).hasSize(1);
        Answer restored = one.restore(FLAG, "let it go").expect(200, 201);
        assertThat(restored.status()).isLessThan(300);
        assertThat(one.inLog("same")).isEqualTo(1);
    }

    private static void bothKillAndOneRestores(ExecutorService hands, Api one, Api other) throws Exception {
        List<Answer> answers = atOnce(hands, () -> one.kill(FLAG, "mine"), () -> other.kill(FLAG, "yours"));
        answers.forEach(answer -> answer.expect(200, 201));
        one.restore(FLAG, "both").expect(200, 201);
        assertThat(one.get("/api/v1/environments/production/kills").expect(200).items("items"))
                .isEmpty();
        assertThat(one.inLog("mine") + one.inLog("yours")).isBetween(1L, 2L);
        assertThat(one.inLog("both")).isEqualTo(1);
    }

    private static Json.Builder withVariant(String name) {
        return Json.object()
                .put("variants", Json.object().put("on", true).put("off", false).put(name, true))
                .put("safeVariant", "off")
                .put("on", true)
                .put("fallThrough", Json.object().put("variant", name));
    }

    private static List<Answer> atOnce(ExecutorService hands, Callable<Answer> one, Callable<Answer> other)
            throws Exception {
        List<Answer> answers = new ArrayList<>();
        for (Future<Answer> future : hands.invokeAll(List.of(one, other))) {
            answers.add(future.get());
        }
        return answers;
    }
}
