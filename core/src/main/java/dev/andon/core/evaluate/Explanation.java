package dev.andon.core.evaluate;

import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How an evaluation came about, step by step, in the order in which it was decided. What didn't need to be looked at isn't
 * in it. Holds the attribute values that were seen.
 */
public record Explanation(String flag, Evaluation evaluation, List<Step> steps) {
    public Explanation {
        steps = List.copyOf(steps);
    }

    /**
     * @param kind what is looked at: {@code kill}, {@code blind}, {@code on}, {@code prerequisite}, {@code rule},
     *     {@code condition}, {@code segment}, {@code split}, {@code fall-through} or {@code fault}
     * @param what which one
     * @param outcome what came out, such as {@code holds} or a variant
     * @param saw the attribute's value, if one was read and present
     * @param steps what it took
     */
    public record Step(String kind, String what, String outcome, Optional<Json> saw, List<Step> steps) {
        public Step {
            steps = List.copyOf(steps);
        }

        Json toJson() {
            Json.Builder json = Json.object().put("kind", kind).put("what", what);
            saw.ifPresent(value -> json.put("saw", value));
            json.put("outcome", outcome);
            if (!steps.isEmpty()) {
                json.put("steps", stepsJson(steps));
            }
            return json.build();
        }

        private void append(StringBuilder text, String indent) {
            text.append(indent).append(kind).append(' ').append(what);
            saw.ifPresent(value -> text.append(", saw ").append(value.text()));
            text.append(": ").append(outcome).append('\n');
            steps.forEach(step -> step.append(text, indent + "  "));
        }
    }

    public Json toJson() {
        Json.Builder json = Json.object().put("flag", flag);
        if (evaluation.variant() != null) {
            json.put("variant", evaluation.variant());
        }
        if (evaluation.value() != null) {
            json.put("value", evaluation.value());
        }
        json.put("reason", evaluation.reason().name());
        if (evaluation.error() != null) {
            json.put("error", evaluation.error().name()).put("message", evaluation.message());
        }
        if (evaluation.rule() != Evaluation.NONE) {
            json.put("rule", evaluation.rule());
        }
        if (evaluation.kill() != null) {
            json.put("kill", evaluation.kill().toString());
        }
        return json.put("version", evaluation.version())
                .put("steps", stepsJson(steps))
                .build();
    }

    /** The steps as indented lines, the outcome last. */
    public String text() {
        StringBuilder text = new StringBuilder();
        steps.forEach(step -> step.append(text, ""));
        return text.append(flag).append(": ").append(evaluation).append('\n').toString();
    }

    private static Json stepsJson(List<Step> steps) {
        List<Json> items = new ArrayList<>(steps.size());
        steps.forEach(step -> items.add(step.toJson()));
        return Json.array(items);
    }
}
