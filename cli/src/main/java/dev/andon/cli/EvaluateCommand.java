package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "evaluate",
        description = "Show what a flag gives for a context, and why, step by step.",
        footer = {
            "",
            "Example:",
            "  andon evaluate new-checkout --env production --key user-17 \\",
            "      --attribute country=DE"
        })
final class EvaluateCommand extends ApiCommand {
    @Parameters(paramLabel = "FLAG", description = "Key of the flag.")
    private String flag = "";

    @Mixin
    private final InEnvironment environment = new InEnvironment();

    @Option(
            names = {"-k", "--key"},
            paramLabel = "KEY",
            description = "The targeting key.")
    private Optional<String> key = Optional.empty();

    @Option(
            names = {"-a", "--attribute"},
            paramLabel = "NAME=VALUE",
            description =
                    "An attribute; may be repeated. Numbers, true, false and JSON count as such, the rest as text.")
    private Map<String, String> attributes = new LinkedHashMap<>();

    EvaluateCommand(Shell shell) {
        super(shell);
    }

    @Override
    Outcome run(ApiClient api) {
        Json.Builder context = Json.object().put("targetingKey", key);
        attributes.forEach((name, value) -> context.put(name, guess(value)));
        Json.Builder body =
                Json.object().put("flag", flag).put("context", context).put("explain", true);
        Json answer = api.send(ApiRequest.post("environments", environment.key, "evaluations")
                        .body(body)
                        .dryRun(false))
                .body();
        return Outcome.done(answer, () -> text(Fields.lenient(answer)));
    }

    private String text(Fields answer) {
        StringBuilder out = new StringBuilder();
        out.append(shell.paint(Paint.BOLD, flag));
        if (answer.has("value")) {
            out.append(" = ").append(Glyphs.printable(Words.of(answer, "value")));
            out.append("  (variant ")
                    .append(Glyphs.printable(Words.of(answer, "variant")))
                    .append(", ");
        } else {
            out.append(": the caller's default  (");
        }
        out.append("reason ").append(answer.text("reason"));
        out.append(answer.has("kill") ? ", kill " + answer.text("kill") : "").append(")\n");
        if (answer.has("message")) {
            out.append("  ").append(Glyphs.printable(answer.text("message"))).append('\n');
        }
        answer.optionalObject("explanation").ifPresent(explanation -> steps(out, explanation, "  "));
        return out.toString();
    }

    private void steps(StringBuilder out, Fields parent, String indent) {
        for (Json item : parent.items("steps")) {
            Fields step = Fields.lenient(item);
            String saw = step.has("saw") ? ", saw " + step.json("saw").text() : "";
            String line = step.text("kind") + " " + step.text("what") + saw + ": " + step.text("outcome");
            out.append(Glyphs.cut(
                            indent + Glyphs.printable(line), shell.terminal().width()))
                    .append('\n');
            steps(out, step, indent + "  ");
        }
    }

    private static Json guess(String value) {
        try {
            return Json.parse(value.getBytes(StandardCharsets.UTF_8));
        } catch (InvalidInput e) {
            return Json.of(value);
        }
    }
}
