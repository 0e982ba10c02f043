package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Paint;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "diff",
        description = "Show what differs in an environment between two versions or times.",
        footer = {
            "",
            "Examples:",
            "  andon diff 41 44 --env production",
            "  andon diff 2026-11-22T14:03:00Z --env production --flag new-checkout"
        })
final class DiffCommand extends ApiCommand {
    @Parameters(
            index = "0",
            paramLabel = "A",
            converter = Point.Converter.class,
            description = "From: a version, or a time.")
    private Point from = new Point("");

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "B",
            converter = Point.Converter.class,
            description = "To: a version, or a time; now unless given.")
    private Optional<Point> to = Optional.empty();

    @Mixin
    private final InEnvironment environment = new InEnvironment();

    @Option(names = "--flag", paramLabel = "FLAG", description = "Only what concerns this flag.")
    private Optional<String> flag = Optional.empty();

    DiffCommand(Shell shell) {
        super(shell);
    }

    @Override
    Outcome run(ApiClient api) {
        Json answer = api.send(ApiRequest.get("environments", environment.key, "diff")
                        .query("from", from.text())
                        .query("to", to.map(Point::text))
                        .query("flag", flag))
                .body();
        return Outcome.done(answer, () -> text(Fields.lenient(answer)));
    }

    private String text(Fields diff) {
        String where = environment.key + flag.map(key -> ", " + key).orElse("");
        String when = "from " + Point.label(diff.object("from")) + " to " + Point.label(diff.object("to"));
        if (diff.items("changes").isEmpty()) {
            return "NO DIFFERENCE  " + where + " " + when + "\n";
        }
        String more = diff.has("more") ? "and " + Words.of(diff, "more") + " more\n" : "";
        return shell.paint(Paint.BOLD, where) + " " + when + "\n" + ChangesText.of(diff, shell.terminal()) + more;
    }
}
