package dev.andon.server.evaluation;

import dev.andon.core.evaluate.Attributes;
import dev.andon.core.evaluate.ErrorCode;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.evaluate.Explanation;
import dev.andon.core.evaluate.Reason;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.json.Json;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Problems;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.EvaluationContexts;
import dev.andon.server.node.KnownKills;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Says what a flag serves to whom, and why: for people, not for applications, which evaluate in their own process.
 * Thread-safe.
 */
public final class Evaluations {
    private static final Schema ANSWER = Schema.object()
            .required("environment", Shapes.KEY)
            .required("flag", Shapes.KEY)
            .required("version", Shapes.VERSION)
            .optional("variant", Schema.text("What is served; missing if the caller's default applies"))
            .optional("value", Schema.anything("Its value"))
            .required("reason", Schema.words(names(Reason.values()), "Why"))
            .optional("error", Schema.words(names(ErrorCode.values()), "Why the caller's default applies"))
            .optional("message", Schema.text("The error in words"))
            .optional("rule", Schema.whole(0, Long.MAX_VALUE, "The rule that decided, from 0"))
            .optional("kill", Schema.text("The kill that stops the flag"))
            .optional("explanation", Schema.openObject("Every step, if it was asked for"))
            .named("Evaluation");

    private final ControlPlane plane;

    /** The newest ruleset of each environment. */
    private final Map<String, Ruleset> rulesets = new ConcurrentHashMap<>();

    public Evaluations(ControlPlane plane) {
        this.plane = plane;
    }

    public List<Route> routes() {
        return List.of(Route.post(Route.API + "/environments/{environment}/evaluations")
                .operation("evaluations", "evaluateFlag", "What a flag serves for an evaluation context, and why")
                .needs(Access.VIEWER)
                .takes(Schema.object()
                        .required("flag", Shapes.KEY)
                        .optional("context", Schema.openObject("`targetingKey` and attributes"))
                        .optional("explain", Schema.bool("Say every step")))
                .answers(200, "The evaluation", ANSWER)
                .does(this::evaluate));
    }

    private Reply evaluate(Call call) {
        record Request(String flag, Attributes context, boolean explain) {}
        Request request = call.read(fields -> new Request(
                fields.text("flag"), EvaluationContexts.read(fields.map("context")), fields.bool("explain", false)));
        String environment = call.path("environment");
        Ruleset ruleset = ruleset(environment);
        if (ruleset.flag(request.flag()) == null) {
            throw Problems.notFound(
                    "flag",
                    request.flag(),
                    ruleset.flags().stream().map(flag -> flag.key()).toList());
        }
        Evaluation evaluation = ruleset.evaluate(request.flag(), request.context());
        Json.Builder answer = Json.object()
                .put("environment", environment)
                .put("flag", request.flag())
                .put("version", evaluation.version());
        if (evaluation.variant() != null) {
            answer.put("variant", evaluation.variant());
        }
        if (evaluation.value() != null) {
            answer.put("value", evaluation.value());
        }
        answer.put("reason", evaluation.reason().name());
        if (evaluation.error() != null) {
            answer.put("error", evaluation.error().name()).put("message", evaluation.message());
        }
        if (evaluation.rule() != Evaluation.NONE) {
            answer.put("rule", evaluation.rule());
        }
        if (evaluation.kill() != null) {
            answer.put("kill", evaluation.kill().toString());
        }
        if (request.explain()) {
            Explanation explanation = ruleset.explain(request.flag(), request.context());
            answer.put("explanation", explanation.toJson());
        }
        return Reply.ok(answer.build());
    }

    private Ruleset ruleset(String environment) {
        KnownKills kills = plane.kills();
        if (!kills.image().environments().containsKey(environment)) {
            throw Problems.notFound(
                    "environment", environment, kills.image().environments().keySet());
        }
        Ruleset ruleset = rulesets.compute(
                environment,
                (key, known) -> known != null
                                && known.image()
                                        .provenance()
                                        .equals(kills.image().provenance())
                        ? known
                        : Ruleset.of(kills.image(), key));
        return ruleset.withKills(kills.pending(environment));
    }

    private static List<String> names(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).toList();
    }
}
